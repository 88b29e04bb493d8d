import { isExaminingMode } from '../contract/index.js';
import type { SwitchoverResult } from '../contract/index.js';
import { doubtCommands } from '../domain/commands.js';

import { readAsked } from './asked.js';
import type { DescribedRun } from './describe-run.js';
import type { Ending } from './ending.js';
import type { RunHistory } from '../run-history/run-history.js';
import { traceSwaps } from '../run-history/swap-trace.js';

/**
 * The result of a run that ended without telling one: always UNKNOWN, with what its history proves.
 * Nobody has read the roles since, so nothing better may be said.
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
  const endedAt = description.closeTime ?? new Date();
  return {
    outcome: 'UNKNOWN',
    cause,
    message: `Outcome unknown: run ${ref.runId} did not tell one, ${detail}. ${putInWords} ${
      isExaminingMode(mode)
        ? 'It sent nothing, as no run of its kind can. Start it again.'
        : [
            'Nobody has verified the roles since.',
            ...doubtCommands(ref, ref.runId, trace.jobIds),
          ].join(' ')
    }`,
    mode: ref.mode === 'plan' ? 'plan' : mode,
    projectId: ref.projectId,
    instanceId: ref.instanceId,
    region,
    swapsSent: trace.swapsSent,
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
