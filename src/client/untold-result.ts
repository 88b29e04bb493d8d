import { isExaminingMode } from '../contract/index.js';
import type { SwitchoverResult } from '../contract/index.js';
import { doubtCommands, joinText, planCommand, withCommands } from '../domain/commands.js';

import { readAsked } from './asked.js';
import type { DescribedRun } from './switchover/run.js';
import type { Ending } from './ending.js';
import { untoldOutcome } from './untold-outcome.js';
import type { RunHistory } from '../temporal/run-history.js';
import { traceSwaps } from '../temporal/swap-trace.js';

/**
 * The result of a run that ended without telling one, with what its history proves. Where a PUT may have left
 * it is UNKNOWN: nobody has read the roles since, so nothing better may be said.
 */
export function toUntoldResult(
  run: DescribedRun,
  { cause, detail }: Extract<Ending, { kind: 'untold' }>,
  history: RunHistory,
): SwitchoverResult {
  const { ref, description } = run;
  const { putInWords, region, evidence, checks, before, after, ...trace } = traceSwaps(history);
  const { mode, baselineRunId, reason, requestedBy, requestId, changeId } = readAsked(
    history.input,
  );
  const outcome = untoldOutcome(cause, history);
  const endedAt = description.closeTime ?? new Date();
  return {
    outcome,
    cause,
    message: joinText([
      `${HEADLINES[outcome]}: run ${ref.runId} did not tell a result, ${detail}. ${putInWords}`,
      ...nextStep(ref, history, outcome, trace.jobIds),
    ]),
    mode: ref.mode === 'plan' ? 'plan' : mode,
    projectId: ref.projectId,
    instanceId: ref.instanceId,
    region,
    swapsSent: trace.swapsSent,
    swapsPossiblySent: trace.swapsPossiblySent,
    swapsAccepted: trace.swapsAccepted,
    jobIds: trace.jobIds,
    swapRequestIds: trace.swapRequestIds,
    baselineRunId,
    ...{ before, after, checks },
    warnings: ['This result was put together from the history; the run itself told none.'],
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
      'It leaves no doubt.',
      withCommands('See whether switching is allowed', planCommand(ref)),
    ];
  const { put } = traceSwaps(history);
  const isDoubtful = put !== 'not-applied' && put !== 'not-scheduled';
  return [
    ...(isDoubtful ? [] : ['What it sent did nothing, so switching is not held back by it.']),
    'Nobody has verified the roles since.',
    ...doubtCommands(ref, { runId: ref.runId, jobIds, mayHaveJob: isDoubtful, cause: null }),
  ];
}
