/**
 * Modes `verify` and `adopt`: what did an earlier run do? Reads only. This module and everything that
 * it imports must not reach the swap activity; lint forbids the import.
 */
import { CancellationScope, CancelledFailure } from '@temporalio/workflow';

import type { SwitchoverResult } from '../contract/index.js';
import { disownOthers, findTrace, toExaminedIntent } from '../domain/examination.js';
import { judge } from '../domain/outcome.js';
import type { ExaminedRun, PreflightFindings } from '../domain/preflight-report.js';
import { entered, jobNamed, noted, tasksListed, traceSeen, warned } from '../domain/run-state.js';
import type { SwapIntent } from '../domain/swap.js';
import { NO_JOBS } from '../domain/tasks.js';
import { VERIFY_JOB_SECONDS } from '../domain/timing.js';
import { examinedLooked, judgingWord } from '../domain/witnessing.js';

import { end } from './end.js';
import { watchForTrace, watchUnchanged } from './read-roles.js';
import type { Run } from './run.js';
import { conclude, followJob, WITHOUT_JOB } from './settle.js';
import type { Settlement } from './settle.js';

/**
 * Judges the examined run by its own evidence and by what is observed now, with the same outcome rule
 * that the run itself ends by. Sends nothing, so it neither holds the lock after UNKNOWN nor
 * compensates, and a cancellation ends it at any time.
 *
 * @throws ApplicationFailure whose type is the outcome, where it is no success; CancelledFailure
 */
export async function examine(run: Run, report: PreflightFindings): Promise<SwitchoverResult> {
  const { examined, request } = report;
  if (examined === undefined) throw new Error('an examination needs the examined run');
  const intent = toExaminedIntent(examined, request);
  run.record(
    noted(`examining run ${examined.runId}, which ended ${examined.ended}. ${examined.putSummary}`),
  );
  run.record(examinedLooked(intent.purpose, examined.witness));
  const read =
    request.mode === 'adopt'
      ? await adopt(run, intent, examined, request.jobId ?? '')
      : await verify(run, intent, examined);
  const settlement = { ...read, observation: disownOthers(examined, read.observation) };
  run.record(tasksListed(settlement.observation));
  // A cancelled watch counts as one that saw nothing; that must not become an outcome.
  if (CancellationScope.current().consideredCancelled)
    throw new CancelledFailure('cancelled; this run sends nothing');
  const mayHaveInactiveReplicas = intent.purpose === 'compensate';
  const restores = examined.restores ?? null;
  const judgement = judge({
    ...settlement,
    ...{ target: intent.target, restores, mayHaveInactiveReplicas },
    witness: judgingWord(run.state),
  });
  const { outcome, cause } = conclude(examined, judgement, settlement.observation);
  run.record(noted(`run ${examined.runId} judged ${outcome} (${cause})`));
  return end(run, report, outcome, cause);
}

/** A job that a person knows of: polled to its end, whatever the run's own history says of jobs. */
function adopt(
  run: Run,
  intent: SwapIntent,
  examined: ExaminedRun,
  jobId: string,
): Promise<Settlement> {
  run.record(jobNamed(jobId));
  run.record(
    warned(`Job ${jobId} counts as the run's own, as stated by the requester of this adoption.`),
  );
  // What the PUT was answered with is proof, whoever names it.
  const isAnswered = examined.jobId === jobId && examined.taskId === null;
  const by = isAnswered ? 'answer' : 'word';
  return followJob(run, intent, {
    jobId,
    taskId: null,
    by,
    notBeforeMs: examined.notBeforeMs ?? null,
  });
}

async function verify(run: Run, intent: SwapIntent, examined: ExaminedRun): Promise<Settlement> {
  switch (examined.sending) {
    case 'accepted':
      return verifyJob(run, intent, examined, examined.jobId ?? '', examined.taskId);
    case 'ambiguous':
      return verifyTrace(run, intent, examined);
    case 'not-applied': {
      const observation = await watchUnchanged(run, intent, NO_JOBS);
      return { ...WITHOUT_JOB, isAmbiguous: false, observation };
    }
  }
}

async function verifyJob(
  run: Run,
  intent: SwapIntent,
  { job, notBeforeMs = null, isEarlierUnresolved = false }: ExaminedRun,
  jobId: string,
  taskId: string | null,
): Promise<Settlement> {
  run.record(jobNamed(jobId));
  const withinSeconds = Math.min(VERIFY_JOB_SECONDS, intent.request.timing.jobTimeoutSeconds);
  const by = taskId === null ? 'answer' : 'row';
  const followed = { jobId, taskId, by, notBeforeMs, ended: job, withinSeconds } as const;
  const settlement = await followJob(run, intent, followed);
  return { ...settlement, isAmbiguous: isEarlierUnresolved };
}

async function verifyTrace(
  run: Run,
  intent: SwapIntent,
  examined: ExaminedRun,
): Promise<Settlement> {
  const { settleSeconds } = intent.request.timing;
  run.record(
    entered('RECONCILING', `look for a trace of the PUT for ${settleSeconds} s; nothing is sent`),
  );
  const observation = await watchForTrace(run, intent);
  const trace = findTrace(examined, observation);
  if (trace === null) return { ...WITHOUT_JOB, isAmbiguous: true, observation };
  run.record(traceSeen(trace, 'by its time'));
  return verifyJob(run, intent, examined, trace.jobId ?? trace.id, trace.id);
}
