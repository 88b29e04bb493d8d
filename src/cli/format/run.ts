import type { HistoryEntry, PendingActivity, RunStatus } from '../../client.js';
import type { Check, NodeSnapshot, RolesSnapshot, SwitchoverResult } from '../../contract/index.js';
import { withoutCommands } from '../../domain/commands.js';
import { failedChecks, NOT_READ } from '../../domain/facts.js';
import { allNodes, nodesOf } from '../../domain/identity.js';
import { describePuts } from '../../domain/message-facts.js';
import { failedHeadline } from '../../domain/messages.js';
import { describeInstance, oneLine } from '../../domain/text.js';

import {
  formatFields,
  formatInstant,
  formatSeconds,
  formatTable,
  joinPresent,
  joinSections,
} from './text.js';

/** The roles of one moment. */
export function formatRoles(roles: RolesSnapshot): string {
  const rows = allNodes(roles).map((node) => [
    node.role,
    nameOf(node),
    node.availabilityZone ?? '-',
    node.status ?? '-',
    node.priority === null ? '-' : String(node.priority),
  ]);
  return formatTable([['ROLE', 'NODE', 'AZ', 'STATUS', 'PRIORITY'], ...rows]);
}

/** The roles of two moments side by side, node by node; of one, where only one was read. */
export function formatRolesChange(
  before: RolesSnapshot | null,
  after: RolesSnapshot | null,
): string | null {
  if (before === null || after === null) {
    const only = before ?? after;
    return only === null ? null : formatRoles(only);
  }
  const rows = nodeChanges(before, after).map(({ node, was, is }) => {
    const { availabilityZone, status } = is ?? node;
    return [
      nameOf(node),
      availabilityZone ?? '-',
      was?.role ?? '-',
      is?.role ?? '-',
      status ?? '-',
    ];
  });
  return formatTable([['NODE', 'AZ', 'BEFORE', 'AFTER', 'STATUS'], ...rows]);
}

/** A node at two moments; `null`: it was not there. */
export interface NodeChange {
  readonly node: NodeSnapshot;
  readonly was: NodeSnapshot | null;
  readonly is: NodeSnapshot | null;
}

/** The nodes of two moments: those of the first, and those that came. */
export function nodeChanges(before: RolesSnapshot, after: RolesSnapshot): NodeChange[] {
  const [earlier, later] = [allNodes(before), allNodes(after)];
  const isSame = nodesOf(before, after);
  const added = later.filter((node) => !earlier.some((other) => isSame(other, node)));
  return [...earlier, ...added].map((node) => ({
    node,
    was: earlier.find((other) => other === node) ?? null,
    is: later.find((other) => isSame(node, other)) ?? null,
  }));
}

/** What a node is called. */
export function nameOf({ nodeId, replicationId, ip }: NodeSnapshot): string {
  return nodeId ?? replicationId ?? ip ?? '?';
}

/** A run that a result belongs to. */
export interface ResultSource {
  readonly workflowId: string;
  readonly runId: string;
}

/** A result for people: outcome, the verified state and what to do next, roles, jobs, PUTs, times, what failed. */
export function formatResult(
  result: SwitchoverResult,
  { workflowId, runId }: ResultSource,
): string {
  const { outcome, cause, message } = result;
  return joinSections(
    `${outcome}${cause === null ? '' : ` (${cause})`}\n${message}`,
    formatRolesChange(result.before, result.after),
    outcome === 'REFUSED' ? formatChecks(result) : null,
    formatFields([
      ['instance', nameOfInstance(result)],
      ['jobs', result.jobIds.join(', ') || null],
      ['PUTs', describePuts(result)],
      ['time', formatTimes(result)],
      ['warnings', result.warnings.join('\n') || null],
      ['run', `${workflowId} ${runId}`],
      ['mode', result.mode === 'switch' ? null : result.mode],
      ['about run', result.examinedRunId ?? null],
      ['requests', (result.swapRequestIds ?? []).join(', ') || null],
    ]),
  );
}

/** `null` where it has no name: the id stands in the workflow id. */
function nameOfInstance({
  instanceId,
  instanceName = null,
}: Pick<SwitchoverResult, 'instanceId' | 'instanceName'>): string | null {
  return instanceName === null ? null : describeInstance(instanceId, instanceName);
}

/** What failed or could not be checked and does not stand in the message; the rest is in `-o json`. */
function formatChecks({ checks, message }: SwitchoverResult): string | null {
  const found = failedChecks(checks).filter(({ id }) => !message.includes(failedHeadline(id)));
  // One reading that failed leaves a dozen checks open: they share a line.
  const unread = found.filter(isUnread).map(({ id }) => id);
  const reported = found.filter((check) => !isUnread(check)).map(formatCheck);
  const lines = unread.length === 0 ? reported : [...reported, `not read: ${unread.join(', ')}`];
  return lines.length === 0 ? null : lines.join('\n');
}

function isUnread({ passed, observed }: Check): boolean {
  return passed === null && observed === NOT_READ.observed;
}

function formatCheck({ id, passed, observed, requestId, remedy }: Check): string {
  const verdict = passed === null ? 'not checked' : 'failed';
  const request = requestId === null ? '' : ` (request id ${requestId})`;
  // What it leads to stands in the message.
  const found = withoutCommands(observed);
  return `${verdict}: ${id}: ${found}${request}${remedy === '' ? '' : `\n  ${remedy.replaceAll('\n', '\n  ')}`}`;
}

function formatTimes({ timings }: SwitchoverResult): string {
  const phases = Object.entries(timings.phasesMs)
    .filter(([phase]) => phase !== 'ENDED')
    .map(([phase, ms]) => `${phase} ${formatSeconds(ms)}`);
  const job = timings.jobMs === null ? [] : [`the job itself ${formatSeconds(timings.jobMs)}`];
  const parts = [...phases, ...job];
  return `${formatSeconds(timings.totalMs)}${parts.length === 0 ? '' : ` (${parts.join(', ')})`}`;
}

/** What a run is at, in one line for people. */
function describePending(pending: PendingActivity): string {
  const { type, attempt, maximumAttempts, isWaiting, lastFailure, nextAttemptAt } = pending;
  const { next, givesUpAt, lastRequestId } = pending;
  const of = maximumAttempts === null ? '' : ` of ${maximumAttempts}`;
  const isRetrying = lastFailure !== null;
  return [
    `${type}, attempt ${attempt}${of}${isWaiting && !isRetrying ? ', waiting for a worker' : ''}`,
    ...(isRetrying ? [`the attempt before failed: ${lastFailure}`] : []),
    ...(nextAttemptAt === null ? [] : [`next attempt at ${nextAttemptAt}`]),
    ...(next === null ? [] : [next]),
    ...(givesUpAt === null ? [] : [`gives up at ${givesUpAt}`]),
    ...(lastRequestId === null ? [] : [`last request id ${lastRequestId}`]),
  ].join('; ');
}

const SOURCES: Record<RunStatus['source'], string> = {
  worker: 'reported by the run itself',
  history: 'read from the history',
};

/** Where a run stands, for people. */
export function formatStatus(status: RunStatus, nowMs: number = Date.now()): string {
  const { execution, outcome, phase, since, closedAt, startedAt } = status;
  const age = formatSeconds(Math.max(0, nowMs - Date.parse(since)));
  const known = outcome === undefined ? '' : `outcome ${outcome}, `;
  const state = closedAt === null ? `${known}phase ${phase} for ${age}` : (outcome ?? 'no outcome');
  return joinSections(
    formatFields([
      ['instance', nameOfInstance(status)],
      ['run', `${status.workflowId} ${status.runId}`],
      ['state', `${execution}, ${state}`],
      ['lock', status.lockedUntil === undefined ? null : `held until ${status.lockedUntil}`],
      ['since', `${since} (started ${startedAt})`],
      ['asked', formatAsked(status)],
      ['swap', status.putSummary],
      ['jobs', status.jobIds.join(', ') || null],
      ['next', status.next],
      ['at work', status.pending === null ? null : describePending(status.pending)],
      ['source', SOURCES[status.source]],
    ]),
    formatRolesChange(status.before ?? null, status.after ?? null),
  );
}

function formatAsked({ asked }: RunStatus): string | null {
  return joinPresent([
    asked.goal,
    asked.requestedBy === null ? null : `by ${asked.requestedBy}`,
    asked.reason === null ? null : `because: ${asked.reason}`,
    asked.changeId === null ? null : `change ${asked.changeId}`,
    asked.requestId === null ? null : `request ${asked.requestId}`,
  ]);
}

const HEADING = ['STARTED (UTC)', 'MODE', 'OUTCOME', 'PUTS', 'BY', 'RUN', 'ABOUT'];

/** The runs of an instance as a table, latest first. */
export function formatHistory(entries: readonly HistoryEntry[]): string {
  if (entries.length === 0)
    return 'No run of this instance is known to Temporal: none was started, or its retention is over.';
  const rows = [HEADING, ...entries.map(toRow)];
  const hasAbout = entries.some(({ examinedRunId }) => examinedRunId !== null);
  return formatTable(hasAbout ? rows : rows.map((row) => row.slice(0, -1)));
}

function toRow(entry: HistoryEntry): string[] {
  const { startedAt, mode, outcome, cause, requestedBy, runId, examinedRunId } = entry;
  const why = cause === null ? '' : ` (${cause})`;
  return [
    formatInstant(startedAt),
    mode,
    outcome === null ? 'open' : `${outcome}${why}`,
    formatPuts(entry),
    requestedBy === null ? '-' : oneLine(requestedBy),
    runId,
    examinedRunId ?? '',
  ];
}

/** Sent and accepted: `1/1`; `1/0` is a PUT that was rejected, or that no one can vouch for. */
function formatPuts({ swapsSent, swapsAccepted }: HistoryEntry): string {
  return swapsSent === 0 ? '0' : `${swapsSent}/${swapsAccepted}`;
}
