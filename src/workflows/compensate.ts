import { decideCompensation } from '../domain/compensation.js';
import type { Judgement } from '../domain/outcome.js';
import { onlyMaster } from '../domain/roles.js';
import type { SwapPlan } from '../domain/swap-plan.js';

import { hold } from './hold.js';
import { judgeSwap } from './judge-swap.js';
import { countCompensation } from './metrics.js';
import { note, publish, warn } from './run.js';
import type { Run } from './run.js';
import { send } from './send.js';
import { settle } from './settle.js';
import type { Settlement } from './settle.js';

/** The one swap back of a run, from a verified bad state only; `null` when none was performed. */
export async function compensate(
  run: Run,
  forward: SwapPlan,
  settlement: Settlement,
  judgement: Judgement,
): Promise<{ outcome: 'COMPENSATED' | 'UNKNOWN'; cause: string } | null> {
  if (judgement.outcome !== 'UNKNOWN') return null;
  const { request, from: before } = forward;
  const { observation } = settlement;
  if (settlement.isAdopted) {
    note(run, 'not swapped back: the job was found in the task list, no PUT was answered with it');
    return null;
  }
  const decision = decideCompensation(request, before, judgement, observation, Date.now());
  if (!decision.compensate) {
    note(run, `not swapped back: ${decision.why}`);
    return null;
  }
  publish(run, 'COMPENSATING');
  warn(run, `The forward swap ended in ${judgement.cause} and was swapped back.`);
  const plan = backwardPlan(forward, settlement, decision.from);
  const sending = await send(run, plan);
  if (sending.kind === 'nothing-tried') {
    countCompensation('not-sent');
    note(run, `not swapped back: ${sending.detail}`);
    return null;
  }
  const { outcome, cause } = judgeSwap(run, plan, await settle(run, plan, sending));
  countCompensation(outcome === 'SUCCEEDED' ? 'restored' : 'unknown');
  if (outcome === 'SUCCEEDED') return { outcome: 'COMPENSATED', cause: judgement.cause };
  const inDoubt = `COMPENSATION_${cause}`;
  await hold(run, plan, inDoubt);
  return { outcome: 'UNKNOWN', cause: inDoubt };
}

function backwardPlan(forward: SwapPlan, settlement: Settlement, from: SwapPlan['from']): SwapPlan {
  const oldMasterNodeId = onlyMaster(forward.from)?.nodeId ?? null;
  const seen = (settlement.observation.newSwapTasks ?? []).map(({ id }) => id);
  return {
    purpose: 'compensate',
    request: forward.request,
    from,
    knownSwapTaskIds: [...forward.knownSwapTaskIds, ...seen, ...settlement.ownJobIds],
    target: oldMasterNodeId === null ? null : { nodeId: oldMasterNodeId },
    notAfterMs: forward.request.compensateNotAfterMs,
    tasksListedAtMs: forward.tasksListedAtMs,
  };
}
