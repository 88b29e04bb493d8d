import { randomUUID } from 'node:crypto';

import { describeRun } from './switchover/run.js';
import { RunClosedError } from './errors.js';
import { joinText, withCommands } from '../domain/commands.js';
import { callTemporal, isNotFound } from '../temporal/rpc.js';
import type { ClientContext } from '../temporal/rpc.js';
import { readRunHistory } from './run-history.js';
import { commandLine } from './switchover/ref.js';
import type { RunRef } from './switchover/ref.js';
import { traceSwaps } from '../temporal/swap-trace.js';
import type { PutState } from '../temporal/swap-trace.js';

/** Options of `cancel`. */
export interface CancelOptions {
  /** Who cancels and why; stands in the run's history. */
  readonly reason?: string | undefined;
}

/** What a request to cancel means for the run at this moment. */
export interface CancelReceipt {
  readonly workflowId: string;
  readonly runId: string;
  readonly put: PutState;
  /** In plain words: what was and was not sent, and how the run will end. */
  readonly meaning: string;
}

/** Asks a run to stop; see `SwitchoverClient.cancel`. */
export async function requestCancel(
  context: ClientContext,
  ref: RunRef,
  { reason = '' }: CancelOptions = {},
): Promise<CancelReceipt> {
  const run = await describeRun(context, ref);
  const { runId } = run.ref;
  if (!run.isOpen) throw new RunClosedError(run.ref, runId);
  const { client } = context;
  try {
    // Raw, because the SDK's handle cannot carry a reason.
    await callTemporal(context, 'cancel', () =>
      client.workflowService.requestCancelWorkflowExecution({
        namespace: client.options.namespace,
        workflowExecution: { workflowId: run.workflowId, runId },
        firstExecutionRunId: run.description.raw.workflowExecutionInfo?.firstRunId ?? '',
        identity: client.options.identity,
        requestId: randomUUID(),
        reason,
      }),
    );
  } catch (error) {
    throw isNotFound(error) ? new RunClosedError(run.ref, runId) : error;
  }
  const { put, putInWords } = traceSwaps(await readRunHistory(context, run));
  const look = withCommands('See how it ends', commandLine('wait', run.ref));
  const meaning = joinText([putInWords, MEANINGS[put], look]);
  return { workflowId: run.workflowId, runId, put, meaning };
}

const MEANINGS: Record<PutState, string> = {
  'not-scheduled': 'The run ends Cancelled, unless its PUT passes the fence first.',
  'possibly-sent':
    'If the PUT has not passed the fence, the run ends Cancelled with nothing sent; if it has, the run finishes and ends with what is true.',
  accepted: 'A PUT cannot be taken back: the run finishes and ends with what is true.',
  'not-applied': 'Nothing was applied so far; the run ends without sending another PUT.',
};
