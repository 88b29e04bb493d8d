/** Whether, and how, an unresolved run has been resolved since. Needs no worker. */
import { isOutcome, makeSwitchoverWorkflowId } from '../contract/index.js';
import type { InstanceRef } from '../contract/index.js';
import { findResolving } from '../domain/checks/runs.js';
import type { Resolving } from '../domain/checks/runs.js';
import type { ResolvedSince } from '../domain/resolved-since.js';
import { fieldsOf, textOf } from '../util.js';

import { listClosedRepeating, readClosedRun, readInput } from './earlier-run.js';
import type { ReadRun } from './earlier-run.js';
import type { TemporalCaller } from './rpc.js';
import { mapSome } from './run-history.js';
import { runsOf } from './run-list.js';
import type { RunsOf } from './run-list.js';

/** Read at once, from the earliest on: nearly always one of the first has resolved it. */
const STEP = 8;

/**
 * How a run has been resolved since, as far as visibility shows the runs after it; `null` where none has done so, or
 * that cannot be read: then its own message is what is known.
 *
 * @param runId of a run that ended UNKNOWN, or without an outcome
 */
export async function readResolvedSince(
  caller: TemporalCaller,
  ref: InstanceRef,
  runId: string,
): Promise<ResolvedSince | null> {
  return search(runsOf(caller, makeSwitchoverWorkflowId(ref)), runId).catch(() => null);
}

async function search(runs: RunsOf, runId: string): Promise<ResolvedSince | null> {
  const closed = await listClosedRepeating(runs);
  const at = closed.findIndex((run) => run.runId === runId);
  const later = closed.slice(0, Math.max(0, at));
  let read: readonly ReadRun[] = [];
  for (let end = later.length; end > 0; end -= STEP) {
    const some = later.slice(Math.max(0, end - STEP), end);
    read = [...(await mapSome(some, (run) => readClosedRun(runs, run))), ...read];
    const resolving = findResolving(read, runId);
    if (resolving !== null) return toResolved(runs, resolving);
  }
  return null;
}

async function toResolved(runs: RunsOf, { how, run }: Resolving<ReadRun>): Promise<ResolvedSince> {
  const { runId, outcome, reported } = run;
  const input = how === 'stated' ? fieldsOf(await readInput(runs, runId)) : {};
  const { outcome: word, resolvedBy, statement } = fieldsOf(input['resolution']);
  const known = how === 'examined' ? outcome : word;
  return {
    ...{ how, runId, outcome: isOutcome(known) ? known : null, endedAs: outcome ?? 'UNKNOWN' },
    at: textOf(reported?.timings?.endedAt),
    by: textOf(resolvedBy) ?? textOf(reported?.requestedBy),
    statement: textOf(statement),
  };
}
