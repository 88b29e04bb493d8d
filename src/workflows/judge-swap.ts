import { patched } from '@temporalio/workflow';

import { judge } from '../domain/outcome.js';
import type { Judgement } from '../domain/outcome.js';
import type { SwapPlan } from '../domain/swap.js';

import { note, warn } from './run.js';
import type { Run } from './run.js';
import type { Settlement } from './settle.js';

/** What a swap led to, by the outcome rule; what a person should know beside it becomes a warning. */
export function judgeSwap(run: Run, plan: SwapPlan, settlement: Settlement): Judgement {
  const mayHaveInactiveReplicas = plan.purpose === 'compensate';
  const restores = plan.undoes?.before ?? null;
  const evidence = { ...settlement, target: plan.target, restores, mayHaveInactiveReplicas };
  const judgement = keepWord(judge(evidence), () =>
    judge({ ...evidence, isRowOptional: true, isProvedUnapplied: false }),
  );
  if (judgement.cause === 'JOB_FAILED_ROLES_CHANGED')
    warn(run, 'The job says FAIL, but the roles were read and have changed.');
  if (judgement.outcome === 'SUCCEEDED' && settlement.observation.newSwapTasks?.length === 0)
    warn(run, 'The task list does not show our swap; its job and the roles do.');
  note(run, `${plan.purpose} swap judged ${judgement.outcome} (${judgement.cause})`);
  return judgement;
}

/** Runs of earlier versions took a change after a failed job, without any row of it, for its work. */
const FAILURE_NEEDS_ROW = 'a-change-after-a-failed-job-needs-its-row';

/** Runs of earlier versions doubted what the API itself had answered, where they could not read everything. */
const ANSWER_NEEDS_NO_READING = 'a-put-that-was-not-applied-leaves-no-doubt';

function keepWord(judgement: Judgement, earlier: () => Judgement): Judgement {
  const change = changeOf(judgement);
  return change !== null && !patched(change) ? earlier() : judgement;
}

/** Since which change of the rule a judgement is possible; `null`: it always was. */
function changeOf({ outcome, cause }: Judgement): string | null {
  if (cause === 'NOT_APPLIED_UNCONFIRMED') return ANSWER_NEEDS_NO_READING;
  const isFailure = outcome === 'UNKNOWN' && cause === 'JOB_FAILED_ROLES_CHANGED';
  return isFailure ? FAILURE_NEEDS_ROW : null;
}
