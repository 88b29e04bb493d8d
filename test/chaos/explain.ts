/** Why an UNKNOWN was true: what the ledger shows that no reading could, in one or two sentences. */
import type { StruckFault } from './book.js';
import type { SeenRun } from './read-runs.js';
import type { Evidence, TracedPut } from './witness.js';

/** @returns plain text */
export function explainUnknown(
  { faults }: Evidence,
  traced: readonly TracedPut[],
  run: SeenRun,
): string {
  const { facts } = run;
  if (facts.mode !== 'switch')
    return 'It only reads, and what it read of the examined run proves nothing.';
  const own = traced.filter((put) => put.run === run);
  const sinceMs = own[0]?.left.atMs ?? facts.startedAtMs;
  const met = describeFaults(faults.filter((fault) => isMetBy(fault, run, sinceMs)));
  const puts = own.length === 0 ? [describeUnseen(run)] : own.map(describePut);
  return [...puts, met === '' ? '' : `From then on: ${met}.`].filter(Boolean).join(' ');
}

function describePut({ left, arrival, swap, act }: TracedPut): string {
  const what = act?.purpose === 'compensate' ? 'Its swap back' : 'Its PUT';
  if (arrival === null) return `${what} left ${left.worker} and never came to the service.`;
  if (!arrival.executed)
    return `${what} came to the service and was not carried out (answered: ${String(arrival.status)}).`;
  const answered = typeof arrival.status === 'number' ? 'was answered' : 'was never answered';
  const hasMoved = (swap?.rolesChangedAt ?? null) !== null;
  const moved = hasMoved ? 'its job has moved the master' : 'its job has moved nothing';
  return `${what} was carried out and ${answered}; ${moved}.`;
}

function describeUnseen({ acts }: SeenRun): string {
  if (acts.some(({ hasFenceOnRecord }) => hasFenceOnRecord))
    return 'Its worker was lost after its fence: no PUT was seen to leave, and no record says so.';
  if (acts.some(({ isTimedOut }) => isTimedOut))
    return 'Its worker was lost before its fence, and the roles moved meanwhile.';
  return 'Its PUT was handed to a connection that broke before a byte of it was seen.';
}

function isMetBy(
  { instanceId, fromMs, untilMs, isExcuse }: StruckFault,
  { facts, instanceId: own }: SeenRun,
  sinceMs: number,
): boolean {
  const isOfOthers = instanceId !== null && instanceId !== own;
  return isExcuse && !isOfOthers && fromMs <= (facts.closedAtMs ?? Infinity) && untilMs >= sinceMs;
}

/** More would be no explanation. */
const NAMED = 4;

function describeFaults(faults: readonly StruckFault[]): string {
  const names = [...new Set(faults.map(({ name, whom }) => `${name} (${whom})`))];
  const more = names.length - NAMED;
  return names.slice(0, NAMED).join(', ') + (more > 0 ? `, and ${more} more` : '');
}
