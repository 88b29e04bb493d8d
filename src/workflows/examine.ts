/**
 * Modes `verify` and `adopt`: what did an earlier run do? Reads only. This module and everything that
 * it imports must not reach the swap activity; lint forbids the import.
 */
import { CancellationScope, CancelledFailure } from '@temporalio/workflow';

import type { SwitchoverResult } from '../contract/index.js';
import {
  concludeExamination,
  disownOthers,
  findTrace,
  toExaminedPlan,
} from '../domain/examination.js';
import { judge } from '../domain/outcome.js';
import type { Baseline, PreflightFindings } from '../domain/preflight-report.js';
import type { SwapPlan } from '../domain/swap.js';
import { describeSwapTask, NO_JOBS } from '../domain/tasks.js';
import { VERIFY_JOB_SECONDS } from '../domain/timing.js';

import { end } from './end.js';
import { watchForTrace, watchUnchanged } from './read-roles.js';
import { enter, note, warn } from './run.js';
import type { Run } from './run.js';
import { followJob } from './settle.js';
import type { Settlement } from './settle.js';

/**
 * Judges the run in question by its own evidence and by what is seen now, with the same outcome rule
 * that the run itself ends by. Sends nothing, so it neither holds the lock after UNKNOWN nor
 * compensates, and a cancellation ends it at any time.
 *
 * @throws ApplicationFailure whose type is the outcome, where it is no success; CancelledFailure
 */
export async function examine(run: Run, report: PreflightFindings): Promise<SwitchoverResult> {
  const { baseline, request } = report;
  if (baseline === undefined) throw new Error('an examination needs the run in question');
  const plan = toExaminedPlan(baseline, request);
  note(
    run,
    `examining run ${baseline.runId}, which ended ${baseline.ended}. ${baseline.putInWords}`,
  );
  const read =
    request.mode === 'adopt'
      ? await adopt(run, plan, baseline, request.jobId ?? '')
      : await verify(run, plan, baseline);
  const settlement = { ...read, observation: disownOthers(baseline, read.observation) };
  run.newSwapTasks = settlement.observation.newSwapTasks ?? run.newSwapTasks;
  // A cancelled watch counts as one that saw nothing; that must not become an outcome.
  if (CancellationScope.current().consideredCancelled)
    throw new CancelledFailure('cancelled; this run sends nothing');
  const mayHaveInactiveReplicas = plan.purpose === 'compensate';
  const restores = baseline.restores ?? null;
  const judgement = judge({
    ...settlement,
    ...{ target: plan.target, restores, mayHaveInactiveReplicas },
  });
  const { outcome, cause } = concludeExamination(baseline, judgement, settlement.observation);
  note(run, `run ${baseline.runId} judged ${outcome} (${cause})`);
  return end(run, report, outcome, cause);
}

/** A job that a person knows of: polled to its end, whatever the run's own history says of jobs. */
function adopt(run: Run, plan: SwapPlan, baseline: Baseline, jobId: string): Promise<Settlement> {
  run.jobIds = [jobId];
  warn(run, `Job ${jobId} counts as the run's own by the word of whoever asked for this adoption.`);
  // What the PUT was answered with is proof, whoever names it.
  const isAnswered = baseline.jobId === jobId && baseline.taskId === null;
  const by = isAnswered ? 'answer' : 'word';
  return followJob(run, plan, {
    jobId,
    taskId: null,
    by,
    notBeforeMs: baseline.notBeforeMs ?? null,
  });
}

async function verify(run: Run, plan: SwapPlan, baseline: Baseline): Promise<Settlement> {
  switch (baseline.sending) {
    case 'accepted':
      return verifyJob(run, plan, baseline, baseline.jobId ?? '', baseline.taskId);
    case 'ambiguous':
      return verifyTrace(run, plan, baseline);
    case 'not-applied': {
      const observation = await watchUnchanged(run, plan, NO_JOBS);
      return { isAmbiguous: false, ownJobIds: [], job: null, observation };
    }
  }
}

function verifyJob(
  run: Run,
  plan: SwapPlan,
  { job, notBeforeMs = null }: Baseline,
  jobId: string,
  taskId: string | null,
): Promise<Settlement> {
  run.jobIds = [jobId];
  const withinSeconds = Math.min(VERIFY_JOB_SECONDS, plan.request.timing.jobTimeoutSeconds);
  const by = taskId === null ? 'answer' : 'row';
  return followJob(run, plan, { jobId, taskId, by, notBeforeMs, ended: job, withinSeconds });
}

async function verifyTrace(run: Run, plan: SwapPlan, baseline: Baseline): Promise<Settlement> {
  const { settleSeconds } = plan.request.timing;
  enter(run, 'RECONCILING', `look for a trace of the PUT for ${settleSeconds} s; nothing is sent`);
  const observation = await watchForTrace(run, plan);
  const trace = findTrace(baseline, observation);
  if (trace === null) return { isAmbiguous: true, ownJobIds: [], job: null, observation };
  note(run, `found ${describeSwapTask(trace)}; following it`);
  warn(run, 'The PUT had no usable answer; its job was found in the task list, by its time.');
  return verifyJob(run, plan, baseline, trace.jobId ?? trace.id, trace.id);
}
