import { isOutcome } from '../contract/index.js';
import type { Outcome, SwitchoverResult } from '../contract/index.js';
import { isRecord } from '../util.js';
import { readChainedFailure } from '../run-history/run-end.js';

import type { RunHistory } from '../temporal/run-history.js';

import type { DescribedRun } from './switchover/run.js';
import type { ClientContext } from '../temporal/rpc.js';
import { readRunEnding } from '../temporal/run-ending.js';
import type { RunEnding } from '../temporal/run-ending.js';
import { untoldOutcome } from './untold-outcome.js';

/** How a switchover ended. `untold`: it was ended from outside, or is not one of ours. */
export type Ending = RunEnding<SwitchoverResult>;

/**
 * Waits up to `timeoutMs` for the run to end, and says how it did.
 *
 * @throws TemporalUnreachableError, also when the run is still open after `timeoutMs`
 */
export function readEnding(
  context: ClientContext,
  { workflowId, ref }: DescribedRun,
  timeoutMs: number,
): Promise<Ending> {
  const handle = context.client.workflow.getHandle(workflowId, ref.runId, { followRuns: false });
  const run = {
    result: () => handle.result(),
    isResult,
    readChained: () => readChainedFailure(context.client, workflowId, ref.runId),
  };
  return readRunEnding(context, run, timeoutMs);
}

/**
 * The outcome that an ending stands for; `null` for a cancelled run, which has none.
 *
 * @param history of a run that told none; what it proves decides
 */
export function outcomeOf(ending: Ending, history: RunHistory | null): Outcome | null {
  switch (ending.kind) {
    case 'told':
      return ending.result.outcome;
    case 'invalid-input':
      return 'INVALID_INPUT';
    case 'untold':
      return history === null ? 'UNKNOWN' : untoldOutcome(ending.cause, history);
    case 'cancelled':
      return null;
  }
}

function isResult(value: unknown): value is SwitchoverResult {
  return isRecord(value) && isOutcome(value['outcome']);
}
