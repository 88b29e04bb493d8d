import { patched } from '@temporalio/workflow';

import { judge } from '../domain/outcome.js';
import type { Judgement } from '../domain/outcome.js';
import type { SwapPlan } from '../domain/swap-plan.js';

import { note, warn } from './run.js';
import type { Run } from './run.js';
import type { Settlement } from './settle.js';

/** What a swap led to, by the outcome rule; what a person should know beside it becomes a warning. */
export function judgeSwap(run: Run, plan: SwapPlan, settlement: Settlement): Judgement {
  const mayHaveInactiveReplicas = plan.purpose === 'compensate';
  const restores = plan.undoes?.before ?? null;
  const evidence = { ...settlement, target: plan.target, restores, mayHaveInactiveReplicas };
  const judgement = keepWord(judge(evidence), () => judge({ ...evidence, isRowOptional: true }));
  if (judgement.cause === 'JOB_FAILED_ROLES_CHANGED')
    warn(run, 'The job says FAIL, but the roles were read and have changed.');
  if (judgement.outcome === 'SUCCEEDED' && settlement.observation.newSwapTasks?.length === 0)
    warn(run, 'The task list does not show our swap; its job and the roles do.');
  note(run, `${plan.purpose} swap judged ${judgement.outcome} (${judgement.cause})`);
  return judgement;
}

/** Runs of earlier versions took a change after a failed job, without any row of it, for its work. */
const FAILURE_NEEDS_ROW = 'a-change-after-a-failed-job-needs-its-row';

function keepWord(judgement: Judgement, earlier: () => Judgement): Judgement {
  const { outcome, cause } = judgement;
  const isNew = outcome === 'UNKNOWN' && cause === 'JOB_FAILED_ROLES_CHANGED';
  return isNew && !patched(FAILURE_NEEDS_ROW) ? earlier() : judgement;
}
