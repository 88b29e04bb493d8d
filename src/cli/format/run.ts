import type { HistoryEntry, PendingActivity, RunStatus } from '../../client.js';
import type { Check, NodeSnapshot, RolesSnapshot, SwitchoverResult } from '../../contract/index.js';
import {
  asSentence,
  joinText,
  runCommand,
  withCommands,
  withoutCommands,
} from '../../domain/commands.js';
import { dataPlaneFacts } from '../../domain/data-plane-text.js';
import { failedChecks, NOT_READ } from '../../domain/facts.js';
import { allNodes, nodesOf } from '../../domain/identity.js';
import { describePuts } from '../../domain/message-facts.js';
import { failedHeadline } from '../../domain/messages.js';
import { describeInstance, oneLine } from '../../domain/text.js';

import { fields, headline } from './page.js';
import type { Field, Page } from './page.js';
import { SHORT_ID, table } from './table.js';
import type { Column, Table } from './table.js';
import {
  formatAge,
  formatInstant,
  formatSeconds,
  formatSpan,
  joinPresent,
  withAge,
} from './text.js';
import { stateCell } from './tones.js';

const ROLE_COLUMNS: readonly Column<NodeSnapshot>[] = [
  { title: 'ROLE', rank: 0, cell: ({ role }) => role },
  { title: 'NODE', rank: 1, cell: nameOf, ...SHORT_ID },
  { title: 'AZ', rank: 0, cell: ({ availabilityZone }) => availabilityZone ?? '-' },
  { title: 'STATUS', rank: 2, cell: ({ status }) => status ?? '-' },
  { title: 'PRIORITY', rank: 3, cell: ({ priority }) => String(priority ?? '-') },
];

/** The roles of one moment. */
export function formatRoles(roles: RolesSnapshot): Table {
  return table(ROLE_COLUMNS, allNodes(roles));
}

const CHANGE_COLUMNS: readonly Column<NodeChange>[] = [
  { title: 'NODE', rank: 2, cell: ({ node }) => nameOf(node), ...SHORT_ID },
  { title: 'AZ', rank: 0, cell: ({ node, is }) => (is ?? node).availabilityZone ?? '-' },
  { title: 'BEFORE', rank: 0, cell: ({ was }) => was?.role ?? '-' },
  { title: 'AFTER', rank: 0, cell: ({ is }) => is?.role ?? '-' },
  { title: 'STATUS', rank: 1, cell: ({ node, is }) => (is ?? node).status ?? '-' },
];

/** The roles of two moments side by side, node by node; of one, where only one was read. */
export function formatRolesChange(
  before: RolesSnapshot | null,
  after: RolesSnapshot | null,
): Table | null {
  if (before === null || after === null) {
    const only = before ?? after;
    return only === null ? null : formatRoles(only);
  }
  return table(CHANGE_COLUMNS, nodeChanges(before, after));
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

/** How a run ended, and that no one has to find out any more. */
export function stateWord(
  word: string,
  { resolved }: { readonly resolved?: RunStatus['resolved'] | undefined },
): string {
  return resolved === undefined ? word : `${word}, resolved`;
}

/** A result for people: outcome, the verified state and what to do next, roles, jobs, PUTs, times, what failed. */
export function formatResult(
  result: SwitchoverResult & Pick<RunStatus, 'resolved'>,
  { workflowId, runId }: ResultSource,
): Page {
  const { outcome, cause, message } = result;
  return [
    headline(stateWord(outcome, result), cause, message),
    formatRolesChange(result.before, result.after),
    outcome === 'REFUSED' ? formatChecks(result) : null,
    fields(
      ['instance', describeInstance(result.instanceId, result.instanceName)],
      ['jobs', result.jobIds.join(', ') || null],
      ['PUTs', describePuts(result)],
      ...dataPlaneFields(result),
      ['time', formatTimes(result)],
      ['warnings', result.warnings.join('\n') || null],
      ['run', runId],
      ['workflow', workflowId, 'wide'],
      ['mode', result.mode === 'switch' ? null : result.mode],
      ['about run', result.examinedRunId ?? null],
      ['requests', (result.swapRequestIds ?? []).join(', ') || null],
    ),
  ];
}

/** What Redis itself showed; nothing where no one looked. */
function dataPlaneFields({ dataPlane }: Pick<SwitchoverResult, 'dataPlane'>): readonly Field[] {
  return dataPlane === undefined ? [] : dataPlaneFacts(dataPlane);
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
export function formatStatus(status: RunStatus, nowMs: number = Date.now()): Page {
  const { execution, outcome, phase, since, closedAt, startedAt, lockedUntil } = status;
  const age = formatSpan(nowMs - Date.parse(since));
  const stands = closedAt === null ? `${phase} for ${age}` : `ended ${formatAge(closedAt, nowMs)}`;
  return [
    headline(stateWord(outcome ?? execution, status), stands, nextOf(status)),
    fields(
      ['instance', describeInstance(status.instanceId, status.instanceName)],
      ['started', withAge(startedAt, nowMs)],
      ['since', closedAt === null ? withAge(since, nowMs) : null],
      ['lock', lockedUntil === undefined ? null : `held until ${withAge(lockedUntil, nowMs)}`],
      ['asked', formatAsked(status)],
      ['swap', status.putSummary],
      ['jobs', status.jobIds.join(', ') || null],
      ...dataPlaneFields(status),
      ['at work', status.pending === null ? null : describePending(status.pending)],
      ['run', status.runId],
      ['workflow', status.workflowId, 'wide'],
      ['state', `${execution}, ${SOURCES[status.source]}`],
    ),
    formatRolesChange(status.before ?? null, status.after ?? null),
  ];
}

/** An outcome that is held is no end yet. */
function nextOf(status: RunStatus): string {
  const next = asSentence(status.next);
  if (status.lockedUntil === undefined) return next;
  return joinText([next, withCommands('Wait for that', runCommand('wait', status))]);
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

/** The runs of an instance as a table, latest first. */
export function formatHistory(entries: readonly HistoryEntry[], nowMs = Date.now()): Page {
  if (entries.length === 0)
    return [
      'No run of this instance is known to Temporal: none was started, or its retention is over.',
    ];
  return [table(historyColumns(nowMs), entries)];
}

/** A run's id is needed whole: commands take it. */
const historyColumns = (nowMs: number): readonly Column<HistoryEntry>[] => [
  { title: 'STARTED (UTC)', rank: 7, cell: ({ startedAt }) => formatInstant(startedAt) },
  { title: 'WHEN', rank: 2, cell: ({ startedAt }) => formatAge(startedAt, nowMs) },
  { title: 'MODE', rank: 6, cell: ({ mode }) => mode },
  { title: 'OUTCOME', rank: 0, cell: (run) => stateCell(stateWord(run.outcome ?? 'open', run)) },
  {
    title: 'CAUSE',
    rank: 5,
    min: 12,
    cell: ({ cause }) => cause ?? '',
    isNeeded: isNotNull('cause'),
  },
  { title: 'PUTS', rank: 3, cell: formatPuts },
  { title: 'BY', rank: 4, min: 6, cell: ({ requestedBy }) => oneLine(requestedBy ?? '-') },
  { title: 'RUN', rank: 1, cell: ({ runId }) => runId },
  {
    title: 'ABOUT',
    rank: 8,
    cell: ({ examinedRunId }) => examinedRunId ?? '',
    isNeeded: isNotNull('examinedRunId'),
  },
];

const isNotNull =
  (name: 'cause' | 'examinedRunId') =>
  (entry: HistoryEntry): boolean =>
    entry[name] !== null;

/** Sent and accepted: `1/1`; `1/0` is a PUT that was rejected, or that no one can vouch for. */
function formatPuts({ swapsSent, swapsAccepted }: HistoryEntry): string {
  return swapsSent === 0 ? '0' : `${swapsSent}/${swapsAccepted}`;
}
