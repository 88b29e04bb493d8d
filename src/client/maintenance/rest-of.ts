import type { MaintenanceInput, MaintenanceRow } from '../../contract/index.js';
import { parseMaintenanceInput } from '../../schema/index.js';

import { InvalidInputError } from '../errors.js';
import type { ClientContext } from '../../temporal/rpc.js';

import { readMaintenanceEnding } from './ending.js';
import type { MaintenanceEnding } from './ending.js';
import { MaintenanceWaitTimedOutError, NothingLeftError } from './errors.js';
import { findLastWork, readPlanInput } from './find-last-work.js';
import type { MaintenanceRef } from './client.js';
import { resultOf } from './result.js';

/** The input of what an ended plan left undone; see `MaintenanceClient.restOf`. */
export async function readRest(
  context: ClientContext,
  ref: MaintenanceRef,
  maintenanceId: string,
): Promise<MaintenanceInput> {
  const plan = await findLastWork(context, ref);
  const { runId, taskQueue } = plan.ref;
  if (plan.isOpen) throw new MaintenanceWaitTimedOutError({ ...ref, taskQueue }, runId, 0);
  const ending = await readMaintenanceEnding(context, plan, context.rpcTimeoutMs);
  const parsed = parseMaintenanceInput(await readPlanInput(context, plan));
  if (!parsed.ok) throw new InvalidInputError(parsed.problems);
  const { selector, instanceIds, ...same } = parsed.input;
  const again = { ...same, maintenanceId, mode: 'run' } as const;
  // Nothing was ever started, not even an instance read: all of it is left.
  if (ending.kind === 'cancelled' || isUnmade(ending))
    return {
      ...again,
      ...(selector === undefined ? { instanceIds } : { selector }),
    } as MaintenanceInput;
  const { rows } = resultOf(plan, ending);
  const isLeft = (row: MaintenanceRow): boolean =>
    !isDone(row) && !(same.toggle === true && isInDoubt(row));
  const left = rows.filter(isLeft).map(({ instanceId }) => instanceId);
  if (left.length === 0) {
    const doubtful = rows.filter(isInDoubt).map(({ instanceId }) => instanceId);
    throw new NothingLeftError({ ...ref, taskQueue }, runId, doubtful);
  }
  return { ...again, instanceIds: left } as MaintenanceInput;
}

function isUnmade(ending: MaintenanceEnding): boolean {
  return (
    ending.kind === 'told' && ending.result.outcome === 'PARTIAL' && ending.result.rows.length === 0
  );
}

/** Once it is known what it did, a toggle of the same instance might undo just that. */
function isInDoubt({ forward }: MaintenanceRow): boolean {
  return forward.outcome === 'UNKNOWN';
}

/** The way out counts: once a master has moved, to move it again is not to do what was left. */
function isDone({ forward }: MaintenanceRow): boolean {
  return forward.outcome === 'SUCCEEDED' || forward.outcome === 'NOOP';
}
