/** Finds the run that did a request already, wherever it lies among the runs of its lock id. */
import { isOutcome } from '../contract/index.js';
import type { InstanceRef } from '../contract/index.js';
import { findResolving } from '../domain/checks/runs.js';
import { unresolvedCommands, joinText } from '../domain/commands.js';
import type { RepeatedOutcome, RepeatedRun, SameRequest } from '../domain/facts.js';
import { isSameRequestId, readAskedRequest } from '../domain/goal.js';
import type { AskedRequest } from '../domain/goal.js';
import { mayHaveStarted } from '../domain/message-facts.js';
import { MAY_HAVE_SENT } from '../domain/outcome.js';
import { causeOfStatus } from '../domain/run-ending.js';
import { isRecord } from '../util.js';

import { isEndedByPreCheck, readInput } from './earlier-run.js';
import type { ReadRun } from './earlier-run.js';
import { mapSome } from './run-history.js';
import type { ListedRun, RunsOf } from './run-list.js';

/** A request id, and where to look for it. */
export interface RequestSearch {
  readonly ref: InstanceRef;
  readonly requestId: string;
  /** Closed runs of the lock id, latest first. */
  readonly closed: readonly ListedRun[];
  /** Reads how one of them ended; may remember what it has read. */
  readonly read: (run: ListedRun) => Promise<ReadRun>;
}

/**
 * The latest run of the request that sent a PUT, or may have; whatever ran since. Who has sent nothing has not done
 * the work: refused ones, those that found the target reached, dry runs and examinations.
 *
 * Costs one question per run that may have sent.
 */
export async function findSameRequest(
  runs: RunsOf,
  search: RequestSearch,
): Promise<SameRequest | null> {
  const { closed, requestId, read } = search;
  const candidates = closed.filter(mayBeOfOne);
  const asked = await mapSome(candidates, async (run) => ({
    run,
    asked: readAskedRequest(await readInput(runs, run.runId)),
  }));
  for (const { run, asked: theirs } of asked.filter((each) => isOf(each.asked, requestId))) {
    const end = await read(run);
    if (mayHaveSent(end))
      return { run: await toRepeated(runs, search, run, end), goal: theirs.goal };
  }
  return null;
}

/** By the list alone. A memo decides nothing: whoever starts a run may write another id there than in its input. */
function mayBeOfOne(run: ListedRun): boolean {
  return !isEndedByPreCheck(run) && run.status !== 'CANCELLED';
}

function isOf(asked: AskedRequest, requestId: string): boolean {
  const isSame = asked.requestId !== null && isSameRequestId(asked.requestId, requestId);
  return isSame && asked.mode === 'switch';
}

/** Whether a run sent a PUT, or no one can exclude it. */
function mayHaveSent({ outcome, reported, repeatOfRunId, isProvedUnsent }: ReadRun): boolean {
  if (repeatOfRunId !== null || isProvedUnsent) return false;
  if (outcome === null || outcome === 'UNKNOWN') return true;
  return (reported?.swapsSent ?? 0) > 0;
}

async function toRepeated(
  runs: RunsOf,
  search: RequestSearch,
  { runId }: ListedRun,
  end: ReadRun,
): Promise<RepeatedRun> {
  const own = ownEnd(search.ref, end);
  const settled = own.outcome === 'UNKNOWN' ? await findSettled(runs, search, runId) : null;
  return {
    runId,
    ...(settled ?? own),
    settledByRunId: settled?.settledByRunId ?? null,
    ...knownOf(end),
  };
}

/** Jobs and roles, by its own state or by its history. */
function knownOf({ reported, trace }: ReadRun) {
  const { jobIds, swapRequestIds, before, after } =
    (reported?.jobIds === undefined ? trace : reported) ?? {};
  return {
    jobIds: jobIds ?? [],
    swapRequestIds: swapRequestIds ?? [],
    before: before ?? null,
    after: after ?? null,
  };
}

type Ended = Pick<RepeatedRun, 'outcome' | 'cause' | 'message'>;

function ownEnd(ref: InstanceRef, { runId, status, outcome, reported, trace }: ReadRun): Ended {
  if (isRepeatable(outcome))
    return { outcome, cause: reported?.cause ?? outcome, message: reported?.message ?? '' };
  return {
    outcome: 'UNKNOWN',
    cause: causeOfStatus(status),
    message: joinText([
      `It ended ${status} without an outcome. ${trace?.putSummary ?? ''}`,
      ...unresolvedCommands(ref, {
        ...{ runId, cause: null, jobIds: trace?.jobIds ?? [] },
        mayHaveJob: trace === null || mayHaveStarted(trace),
      }),
    ]),
  };
}

function isRepeatable(outcome: unknown): outcome is RepeatedOutcome {
  return isOutcome(outcome) && MAY_HAVE_SENT[outcome];
}

/**
 * What has been found out, or recorded, of an unresolved run by one that came after it. An operator's statement that names no run is
 * about the one that was unresolved then, and an unresolved outcome lets no other arise, so the first statement after the run is about it.
 */
async function findSettled(
  runs: RunsOf,
  { closed, read }: RequestSearch,
  runId: string,
): Promise<(Ended & { readonly settledByRunId: string }) | null> {
  const later = closed.slice(
    0,
    closed.findIndex((run) => run.runId === runId),
  );
  const found = findResolving(await mapSome(later, read), runId);
  if (found === null || found.how === 'superseded') return null;
  const { how, run } = found;
  const ended = how === 'examined' ? examined(run) : await recorded(runs, run);
  return ended === null ? null : { ...ended, settledByRunId: run.runId };
}

function examined({ outcome, reported }: ReadRun): Ended | null {
  if (!isRepeatable(outcome)) return null;
  return { outcome, cause: reported?.cause ?? outcome, message: reported?.message ?? '' };
}

async function recorded(runs: RunsOf, { runId, reported }: ReadRun): Promise<Ended | null> {
  const input = await readInput(runs, runId);
  const resolution = isRecord(input) ? input['resolution'] : null;
  const word = isRecord(resolution) ? resolution['outcome'] : null;
  if (!isRepeatable(word)) return null;
  const outcome = word === 'SUCCEEDED' ? 'RESOLVED' : word;
  return { outcome, cause: 'RECORDED_BY_OPERATOR', message: reported?.message ?? '' };
}
