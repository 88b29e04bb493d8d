import type { MaintenanceResult } from '../../contract/index.js';

import { DEFAULT_WAIT_MS, awaitEnding } from '../await-ending.js';
import type { ResultOptions } from '../await-ending.js';
import { checkMs } from '../check-number.js';
import { InvalidInputError } from '../errors.js';
import type { ClientContext } from '../../temporal/rpc.js';

import { readMaintenanceEnding } from './ending.js';
import type { MaintenanceEnding } from './ending.js';
import {
  MaintenanceCancelledError,
  MaintenanceEndedOutsideError,
  MaintenanceWaitTimedOutError,
} from './errors.js';
import { findMaintenance } from './find.js';
import type { FoundMaintenance } from './find.js';
import type { MaintenanceRef } from './client.js';

/** Waits for a plan; see `MaintenanceClient.result`. */
export async function awaitMaintenance(
  context: ClientContext,
  ref: MaintenanceRef,
  { timeoutMs = DEFAULT_WAIT_MS, signal }: ResultOptions = {},
): Promise<MaintenanceResult> {
  signal?.throwIfAborted();
  const deadlineMs = Date.now() + checkMs('timeoutMs', timeoutMs);
  const plan = await findMaintenance(context, ref);
  const ending = plan.isOpen
    ? await awaitEnding(context, waitFor(context, plan), { deadlineMs, signal })
    : await readMaintenanceEnding(context, plan, context.rpcTimeoutMs);
  if (ending === null) {
    const { runId, taskQueue } = plan.ref;
    throw new MaintenanceWaitTimedOutError({ ...ref, taskQueue }, runId, timeoutMs);
  }
  return resultOf(plan, ending);
}

/** The result that an ending stands for. @throws the error that it stands for otherwise */
export function resultOf({ ref }: FoundMaintenance, ending: MaintenanceEnding): MaintenanceResult {
  switch (ending.kind) {
    case 'told':
      return ending.result;
    case 'invalid-input':
      throw new InvalidInputError(ending.problems);
    case 'cancelled':
      throw new MaintenanceCancelledError(ref, ref.runId);
    case 'untold':
      throw new MaintenanceEndedOutsideError(ref, ref.runId, ending.cause, ending.detail);
  }
}

function waitFor(context: ClientContext, plan: FoundMaintenance) {
  return {
    read: (timeoutMs: number) => readMaintenanceEnding(context, plan, timeoutMs),
    probe: () => findMaintenance(context, plan.ref),
  };
}
