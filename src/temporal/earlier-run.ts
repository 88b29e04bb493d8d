/** One earlier run of a lock id: how it ended, and what it was asked for. */
import type { Client } from '@temporalio/client';

import { SWITCHOVER_WORKFLOW_TYPE, isOutcome } from '../contract/index.js';
import type { SwitchoverResult } from '../contract/index.js';
import type { EarlierRun } from '../domain/facts.js';
import { readAskedRequest } from '../domain/goal.js';

import type { Ask } from '../run-history/ask.js';
import { readTold } from '../run-history/run-end.js';
import { fetchRunHistory, fetchRunInput } from './run-history.js';
import { isOpenStatus } from './run-list.js';
import type { ListedRun } from './run-list.js';
import { traceSwaps } from './swap-trace.js';
import type { SwapTrace } from './swap-trace.js';

/** How to ask about the runs of one workflow id. */
export interface RunsOf {
  readonly ask: Ask;
  readonly client: Client;
  readonly workflowId: string;
}

/**
 * Events of the longest history of a run that its pre-check ended: one activity, two upserts, start and end. A run that
 * ended by itself after a PUT activity has four more at least. The server counts them, so nobody can make it up. Tests
 * hold the runs that they make against it.
 */
export const MAX_PRE_CHECK_EVENTS = 13;

/** Whether the pre-check ended a run, by the list alone: it sent nothing. */
export function isEndedByPreCheck({ type, status, historyLength }: ListedRun): boolean {
  const hasEndedItself = status === 'COMPLETED' || status === 'FAILED';
  const isShort = historyLength > 0 && historyLength <= MAX_PRE_CHECK_EVENTS;
  return type === SWITCHOVER_WORKFLOW_TYPE && hasEndedItself && isShort;
}

/**
 * Whether a run neither leaves nor settles a doubt, by the list alone: it was cancelled, which the workflow allows only
 * before the fence, or refused by its pre-check.
 */
export function isTransparent(run: ListedRun): boolean {
  return run.status === 'CANCELLED' || (run.status === 'FAILED' && isEndedByPreCheck(run));
}

/** The closed runs of a list that may leave or settle a doubt, by the list alone; in its order. */
export function findClosedTelling<T extends ListedRun>(listed: readonly T[]): T[] {
  return listed.filter((run) => !isOpenStatus(run.status) && !isTransparent(run));
}

/** What a run told at its end; histories of other versions may lack any of it. */
export type Told = Partial<SwitchoverResult>;

/** A closed run as it was read. */
export interface ReadRun extends EarlierRun {
  /** `null` where it told nothing. */
  readonly told: Told | null;
  /** What its history proves, where it told no outcome. */
  readonly trace: SwapTrace | null;
}

/**
 * Reads how a closed run ended, by its own word where it told one, else by what its history proves.
 *
 * @throws what `ask` throws
 */
export async function readClosedRun(
  { ask, client, workflowId }: RunsOf,
  { runId, status, type }: Pick<ListedRun, 'runId' | 'status' | 'type'>,
): Promise<ReadRun> {
  const told: Told | null = await ask('read the end of a run', () =>
    readTold(client, workflowId, runId),
  );
  const outcome = isOutcome(told?.outcome) ? told.outcome : null;
  const history =
    outcome === null && status !== 'CANCELLED'
      ? await ask('read the history of a run', () => fetchRunHistory(client, workflowId, runId))
      : null;
  const trace = history === null ? null : traceSwaps(history);
  const runs = { ask, client, workflowId };
  // A terminated run tells nothing at its end; what it was asked stands in its first event.
  const asked = askedOf(told) ?? readAskedRequest(history?.input ?? (await readInput(runs, runId)));
  return {
    ...{ runId, status, outcome, told, trace, ...asked },
    ...linksOf(told ?? {}),
    isProvedUnsent: trace !== null && type === SWITCHOVER_WORKFLOW_TYPE && hasDoneNothing(trace),
  };
}

type Asked = Pick<EarlierRun, 'requestId' | 'mode'>;

/** As the run itself told it; `null` where it did not. */
function askedOf(told: Told | null): Asked | null {
  if (typeof told?.mode !== 'string' || told.requestId === undefined) return null;
  return { requestId: told.requestId, mode: told.mode };
}

/** The other runs that a result is about. */
function linksOf({ baselineRunId, repeatOfRunId }: Told) {
  return { baselineRunId: baselineRunId ?? null, repeatOfRunId: repeatOfRunId ?? null };
}

/** What a run was asked to do: the argument that it was started with. */
export function readInput({ ask, client, workflowId }: RunsOf, runId: string): Promise<unknown> {
  return ask('read the input of a run', () => fetchRunInput(client, workflowId, runId));
}

/** Nothing was sent, or the API itself answered that what was sent did nothing. */
function hasDoneNothing({ put }: SwapTrace): boolean {
  return put === 'not-scheduled' || put === 'not-applied';
}
