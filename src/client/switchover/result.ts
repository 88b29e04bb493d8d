import type { SwitchoverResult } from '../../contract/index.js';

import { DEFAULT_WAIT_MS, awaitEnding } from '../await-ending.js';
import type { ResultOptions } from '../await-ending.js';
import { describeRun } from './run.js';
import type { DescribedRun } from './run.js';
import { checkMs } from '../check-number.js';
import { readEnding } from '../ending.js';
import type { Ending } from '../ending.js';
import { InvalidInputError, RunCancelledError, WaitTimedOutError } from '../errors.js';
import type { ClientContext } from '../../temporal/rpc.js';
import { readRunHistory } from '../run-history.js';
import type { RunRef } from './ref.js';
import { traceSwaps } from '../../temporal/swap-trace.js';
import { toUntoldResult } from '../untold-result.js';

export type { ResultOptions } from '../await-ending.js';

/** Waits for a run; see `SwitchoverClient.result`. */
export async function awaitResult(
  context: ClientContext,
  ref: RunRef,
  { timeoutMs = DEFAULT_WAIT_MS, signal }: ResultOptions = {},
): Promise<SwitchoverResult> {
  signal?.throwIfAborted();
  const deadlineMs = Date.now() + checkMs('timeoutMs', timeoutMs);
  const run = await describeRun(context, ref);
  const ending = run.isOpen
    ? await awaitEnding(context, waitFor(context, run), { deadlineMs, signal })
    : await readEnding(context, run, context.rpcTimeoutMs);
  if (ending === null) throw new WaitTimedOutError(run.ref, run.ref.runId, timeoutMs);
  return settle(context, run, ending);
}

/** The result that an ending stands for. */
async function settle(
  context: ClientContext,
  run: DescribedRun,
  ending: Ending,
): Promise<SwitchoverResult> {
  switch (ending.kind) {
    case 'told':
      return ending.result;
    case 'invalid-input':
      throw new InvalidInputError(ending.problems);
    case 'cancelled': {
      const { putInWords } = traceSwaps(await readRunHistory(context, run));
      throw new RunCancelledError(run.ref, run.ref.runId, putInWords);
    }
    case 'untold': {
      // Described again: only now is the time of its end known.
      const ended = await describeRun(context, run.ref);
      return toUntoldResult(ended, ending, await readRunHistory(context, ended));
    }
  }
}

function waitFor(context: ClientContext, run: DescribedRun) {
  return {
    read: (timeoutMs: number) => readEnding(context, run, timeoutMs),
    probe: () => describeRun(context, run.ref),
  };
}
