import { isExaminingMode } from '../../contract/index.js';
import type { Outcome, SwitchoverResult } from '../../contract/index.js';
import { unresolvedCommands, joinText, planCommand, withCommands } from '../../domain/commands.js';
import type { NoResultCause, RunEnding } from '../../domain/run-ending.js';
import { isSwitchoverResult } from '../../domain/run-ending.js';
import { readChainedFailure } from '../../temporal/earlier-run.js';
import type { ClientContext } from '../../temporal/rpc.js';
import { awaitEnding, DEFAULT_WAIT_MS, readRunEnding } from '../../temporal/run-ending.js';
import type { ResultOptions } from '../../temporal/run-ending.js';
import type { RunHistory } from '../../temporal/run-history.js';
import { provesNothingSent, traceSwaps } from '../../temporal/swap-trace.js';
import { checkMs, InvalidInputError, RunCancelledError, WaitTimedOutError } from '../errors.js';
import { readAsked } from '../ref.js';
import type { RunRef } from '../ref.js';

import { describeRun, nameAtStart, readRunHistory } from './run.js';
import type { DescribedRun, NamedRunRef } from './run.js';

export type { ResultOptions } from '../../temporal/run-ending.js';

/**
 * The outcome of a run that was ended from outside: REFUSED where its history proves that it sent nothing, and
 * that nothing can leave any more; else UNKNOWN. A failure that is none of ours was not ended from outside.
 */
function outcomeWithoutResult(cause: NoResultCause, history: RunHistory): 'REFUSED' | 'UNKNOWN' {
  return cause !== 'RUN_FAILED' && provesNothingSent(history) ? 'REFUSED' : 'UNKNOWN';
}

/**
 * The result of a run that ended without reporting one, with what its history proves. Where a PUT may have left
 * it is UNKNOWN: no one has read the roles since, so nothing better may be said.
 */
export function toMissingResult(
  run: DescribedRun,
  { cause, detail }: Extract<Ending, { kind: 'no-result' }>,
  history: RunHistory,
): SwitchoverResult {
  const { ref, description } = run;
  const { putSummary, instanceName, region, evidence, checks, ...trace } = traceSwaps(history);
  const { mode, examinedRunId, reason, requestedBy, requestId, changeId } = readAsked(
    history.input,
  );
  const outcome = outcomeWithoutResult(cause, history);
  const endedAt = description.closeTime ?? new Date();
  return {
    outcome,
    cause,
    message: joinText([
      `${HEADLINES[outcome]}: run ${ref.runId} reported no result, ${detail}. ${putSummary}`,
      ...nextStep(ref, history, outcome, trace.jobIds),
    ]),
    mode: ref.mode === 'plan' ? 'plan' : mode,
    projectId: ref.projectId,
    instanceId: ref.instanceId,
    instanceName: instanceName ?? nameAtStart(run),
    region,
    swapsSent: trace.swapsSent,
    swapsPossiblySent: trace.swapsPossiblySent,
    swapsAccepted: trace.swapsAccepted,
    jobIds: trace.jobIds,
    swapRequestIds: trace.swapRequestIds,
    examinedRunId,
    ...{ before: trace.before, after: trace.after, checks },
    warnings: ['This result was put together from the history; the run itself reported none.'],
    evidence: [...evidence, { at: endedAt.toISOString(), what: detail }],
    timings: {
      startedAt: description.startTime.toISOString(),
      endedAt: endedAt.toISOString(),
      totalMs: endedAt.getTime() - description.startTime.getTime(),
      phasesMs: {},
      jobMs: null,
    },
    ...{ reason, requestedBy, requestId, changeId },
  };
}

const HEADLINES = { REFUSED: 'Nothing was sent', UNKNOWN: 'Outcome unknown' } as const;

function nextStep(
  ref: DescribedRun['ref'],
  history: RunHistory,
  outcome: keyof typeof HEADLINES,
  jobIds: readonly string[],
): string[] {
  if (isExaminingMode(readAsked(history.input).mode))
    return ['It sent nothing, as no run of its kind can. Start it again.'];
  if (outcome === 'REFUSED')
    return [
      'It leaves nothing unresolved.',
      withCommands('See whether switching is allowed', planCommand(ref)),
    ];
  const { put } = traceSwaps(history);
  if (put === 'not-applied' || put === 'not-scheduled')
    return [
      'What it sent did nothing, so switching is not held back by it. No one has verified the roles since.',
      withCommands('See them, and whether switching is allowed', planCommand(ref)),
    ];
  return [
    'No one has verified the roles since.',
    ...unresolvedCommands(ref, { runId: ref.runId, jobIds, mayHaveJob: true, cause: null }),
  ];
}

/** How a switchover ended. `without a result`: it was ended from outside, or is not one of ours. */
export type Ending = RunEnding<SwitchoverResult>;

/**
 * Waits up to `timeoutMs` for the run to end, and says how it did.
 *
 * @throws TemporalUnreachableError, also when the run is still open after `timeoutMs`
 */
export function readEnding(
  context: ClientContext,
  { workflowId, ref }: NamedRunRef,
  timeoutMs: number,
): Promise<Ending> {
  const handle = context.client.workflow.getHandle(workflowId, ref.runId, { followRuns: false });
  const run = {
    result: () => handle.result(),
    isResult: isSwitchoverResult,
    readChained: () => readChainedFailure(context.client, workflowId, ref.runId),
  };
  return readRunEnding(context, run, timeoutMs);
}

/**
 * The outcome that an ending stands for; `null` for a cancelled run, which has none.
 *
 * @param history of a run that reported none; what it proves decides
 */
export function outcomeOf(ending: Ending, history: RunHistory | null): Outcome | null {
  switch (ending.kind) {
    case 'reported':
      return ending.result.outcome;
    case 'invalid-input':
      return 'INVALID_INPUT';
    case 'no-result':
      return history === null ? 'UNKNOWN' : outcomeWithoutResult(ending.cause, history);
    case 'cancelled':
      return null;
  }
}

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
    case 'reported':
      return ending.result;
    case 'invalid-input':
      throw new InvalidInputError(ending.problems);
    case 'cancelled': {
      const { putSummary } = traceSwaps(await readRunHistory(context, run));
      throw new RunCancelledError(run.ref, run.ref.runId, putSummary);
    }
    case 'no-result': {
      // Described again: only now is the time of its end known.
      const ended = await describeRun(context, run.ref);
      return toMissingResult(ended, ending, await readRunHistory(context, ended));
    }
  }
}

function waitFor(context: ClientContext, run: DescribedRun) {
  return {
    read: (timeoutMs: number) => readEnding(context, run, timeoutMs),
    probe: () => describeRun(context, run.ref),
  };
}
