import type { Check, NodeSnapshot, RolesSnapshot, SwitchoverResult } from '../../contract/index.js';
import { NOT_READ } from '../../domain/checks/check.js';
import { failedChecks } from '../../domain/checks/index.js';
import { withoutCommands } from '../../domain/commands.js';
import { allNodes, nodesOf } from '../../domain/identity.js';
import { describePuts } from '../../domain/message-facts.js';

import { formatFields, formatSeconds, formatTable } from './text.js';

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
  const [earlier, later] = [allNodes(before), allNodes(after)];
  const isSame = nodesOf(before, after);
  const added = later.filter((node) => !earlier.some((other) => isSame(other, node)));
  const rows = [...earlier, ...added].map((node) => {
    const was = earlier.find((other) => other === node);
    const is = later.find((other) => isSame(node, other));
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

function nameOf({ nodeId, replicationId, ip }: NodeSnapshot): string {
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
  const sections = [
    `${outcome}${cause === null ? '' : ` (${cause})`}\n${message}`,
    formatRolesChange(result.before, result.after),
    outcome === 'REFUSED' ? formatChecks(result.checks) : null,
    formatFields([
      ['jobs', result.jobIds.join(', ') || null],
      ['PUTs', describePuts(result)],
      ['time', formatTimes(result)],
      ['warnings', result.warnings.join('\n') || null],
      ['run', `${workflowId} ${runId}`],
      ['mode', result.mode === 'switch' ? null : result.mode],
      ['about run', result.examinedRunId ?? null],
      ['requests', (result.swapRequestIds ?? []).join(', ') || null],
    ]),
  ];
  return sections.filter((section) => section !== null).join('\n\n');
}

/** Only what failed and what could not be checked: the rest is in `--json`. */
function formatChecks(checks: readonly Check[]): string | null {
  const found = failedChecks(checks);
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
