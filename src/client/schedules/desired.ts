import { createHash, randomUUID } from 'node:crypto';

import type { Client, ScheduleDescription, ScheduleOptions } from '@temporalio/client';
import {
  encodeScheduleAction,
  encodeSchedulePolicies,
  encodeScheduleSpec,
  encodeScheduleState,
} from '@temporalio/client/lib/schedule-helpers';

import { MAINTENANCE_WORKFLOW_TYPE, makeMaintenanceWorkflowId } from '../../contract/index.js';
import { MAINTENANCE_TASK_TIMEOUT_MS } from '../../domain/budgets.js';
import { toTemporalSpec } from '../../windows/index.js';

import { canonical, describeMaintenanceGoal, describeWindow } from '../maintenance/describe.js';
import { makePlanDetails, makePlanMemo, makePlanSummary } from '../maintenance/texts.js';
import type { ClientContext } from '../../temporal/rpc.js';

import type { ScheduleChange } from './change.js';
import { specOf, windowOf } from './check.js';
import type { CheckedSchedule } from './check.js';
import { describeWhen } from './when.js';

/** A schedule as the SDK takes it, apart from its state. */
export type DesiredSchedule = Required<
  Pick<ScheduleOptions, 'scheduleId' | 'spec' | 'policies'>
> & {
  readonly action: Extract<ScheduleOptions['action'], { type: 'startWorkflow' }> & {
    readonly workflowType: string;
    readonly workflowId: string;
    readonly args: unknown[];
  };
  readonly note: string;
  /** Fires once, at most. */
  readonly isOneShot: boolean;
};

/**
 * What a schedule has to be on the server. Policies are stated, never left to the server's defaults.
 *
 * @param nowMs epoch milliseconds; see `toTemporalSpec`
 */
export function toDesired(
  { taskQueue }: ClientContext,
  { input, catchUpSeconds }: CheckedSchedule,
  nowMs: number,
): DesiredSchedule {
  const { scheduleId, maintenance } = input;
  const schedule = specOf(input);
  const spec = toTemporalSpec(schedule, windowOf(maintenance), nowMs);
  const compiled = createHash('sha256').update(canonical(spec)).digest('hex').slice(0, 16);
  const when = describeWhen(schedule, describeWindow(maintenance.window));
  // The UI shows the note beside the name: one that was not given says what the schedule is.
  const note = input.note ?? `${describeMaintenanceGoal(maintenance)}; fires ${when}`;
  return {
    scheduleId,
    note,
    spec,
    action: {
      type: 'startWorkflow',
      workflowType: MAINTENANCE_WORKFLOW_TYPE,
      workflowId: makeMaintenanceWorkflowId(maintenance.maintenanceId),
      taskQueue,
      args: [maintenance],
      workflowTaskTimeout: MAINTENANCE_TASK_TIMEOUT_MS,
      memo: {
        ...makePlanMemo(maintenance),
        ...{ scheduleId, schedule, note, compiled },
        revision: randomUUID(),
      },
      staticSummary: makePlanSummary(maintenance),
      staticDetails: makePlanDetails(maintenance, { scheduleId, when }),
    },
    policies: {
      overlap: 'SKIP',
      catchupWindow: catchUpSeconds * 1000,
      pauseOnFailure: schedule.pauseOnFailure ?? false,
    },
    isOneShot: input.schedule.at !== undefined,
  };
}

/** Whether the server has it by this very call. */
export function isWritten({ action }: ScheduleDescription, desired: DesiredSchedule): boolean {
  return action.memo?.['revision'] === desired.action.memo?.['revision'];
}

/** Whether the server has all of it already, as far as it tells. */
export function isAsDesired(
  { action, policies }: ScheduleDescription,
  desired: DesiredSchedule,
): boolean {
  const parts = (one: {
    readonly action: Pick<
      DesiredSchedule['action'],
      'args' | 'memo' | 'taskQueue' | 'workflowId' | 'workflowTaskTimeout'
    >;
    readonly policies: unknown;
  }): string => {
    const { args, memo, taskQueue, workflowId, workflowTaskTimeout = null } = one.action;
    const asked = { ...memo, revision: null };
    return canonical([args, asked, taskQueue, workflowId, workflowTaskTimeout, one.policies]);
  };
  const there = { ...action, args: action.args ?? [] } as DesiredSchedule['action'];
  return parts({ action: there, policies }) === parts(desired);
}

/** All of a schedule in the wire's words: whatever is left out of an update is gone. */
export async function encodeDesired(
  { options }: Client,
  { spec, action, policies, isOneShot }: DesiredSchedule,
  { raw: { schedule }, state }: ScheduleDescription,
  note: string,
): Promise<ScheduleChange> {
  const { loadedDataConverter: converter, namespace } = options;
  const headers = schedule?.action?.startWorkflow?.header?.fields ?? {};
  return {
    spec: encodeScheduleSpec(spec),
    action: await encodeScheduleAction(converter, namespace, action, headers),
    policies: encodeSchedulePolicies(policies),
    state: encodeScheduleState({
      paused: state.paused,
      note,
      ...(isOneShot ? { remainingActions: 1 } : {}),
    }),
  };
}
