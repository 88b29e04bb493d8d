import { createHash } from 'node:crypto';

import type { Client, ScheduleDescription, ScheduleOptions } from '@temporalio/client';
import {
  encodeScheduleAction,
  encodeSchedulePolicies,
  encodeScheduleSpec,
  encodeScheduleState,
} from '@temporalio/client/lib/schedule-helpers';
import { encodeMapToPayloads } from '@temporalio/common/lib/internal-non-workflow';

import { MAINTENANCE_WORKFLOW_TYPE, makeMaintenanceWorkflowId } from '../../contract/index.js';
import { toTemporalSpec } from '../../windows/index.js';

import { canonical, describeWindow } from '../maintenance/asked-maintenance.js';
import { makePlanDetails, makePlanMemo, makePlanSummary } from '../maintenance/texts.js';
import type { ClientContext } from '../rpc.js';

import type { ScheduleChange } from './change-schedule.js';
import { specOf, windowOf } from './check-schedule.js';
import type { CheckedSchedule } from './check-schedule.js';
import { describeWhen } from './when.js';

/** A schedule as the SDK takes it, apart from its state. */
export type DesiredSchedule = Required<
  Pick<ScheduleOptions, 'scheduleId' | 'spec' | 'policies' | 'memo'>
> & {
  readonly action: Extract<ScheduleOptions['action'], { type: 'startWorkflow' }> & {
    readonly workflowType: string;
    readonly workflowId: string;
    readonly args: unknown[];
  };
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
  const { scheduleId, maintenance, note } = input;
  const schedule = specOf(input);
  const spec = toTemporalSpec(schedule, windowOf(maintenance), nowMs);
  const compiled = createHash('sha256').update(canonical(spec)).digest('hex').slice(0, 16);
  const when = describeWhen(schedule, describeWindow(maintenance.window));
  return {
    scheduleId,
    spec,
    action: {
      type: 'startWorkflow',
      workflowType: MAINTENANCE_WORKFLOW_TYPE,
      workflowId: makeMaintenanceWorkflowId(maintenance.maintenanceId),
      taskQueue,
      args: [maintenance],
      memo: {
        ...makePlanMemo(maintenance),
        ...{ scheduleId, schedule, compiled },
        ...(note === undefined ? {} : { note }),
      },
      staticSummary: makePlanSummary(maintenance),
      staticDetails: makePlanDetails(maintenance, { scheduleId, when }),
    },
    policies: {
      overlap: 'SKIP',
      catchupWindow: catchUpSeconds * 1000,
      pauseOnFailure: schedule.pauseOnFailure ?? false,
    },
    memo: { maintenanceId: maintenance.maintenanceId, when },
    isOneShot: input.schedule.at !== undefined,
  };
}

/** Whether the server has all of it already, as far as it tells. */
export function isAsDesired(
  { action, policies }: ScheduleDescription,
  desired: DesiredSchedule,
): boolean {
  const parts = (one: {
    readonly action: Pick<DesiredSchedule['action'], 'args' | 'memo' | 'taskQueue' | 'workflowId'>;
    readonly policies: unknown;
  }): string => {
    const { args, memo, taskQueue, workflowId } = one.action;
    return canonical([args, memo, taskQueue, workflowId, one.policies]);
  };
  const there = { ...action, args: action.args ?? [] } as DesiredSchedule['action'];
  return parts({ action: there, policies }) === parts(desired);
}

/** All of a schedule in the wire's words: whatever is left out of an update is gone. */
export async function encodeDesired(
  { options }: Client,
  { spec, action, policies, memo, isOneShot }: DesiredSchedule,
  { raw: { schedule }, state }: ScheduleDescription,
  note: string | undefined,
): Promise<ScheduleChange> {
  const { loadedDataConverter: converter, namespace } = options;
  const headers = schedule?.action?.startWorkflow?.header?.fields ?? {};
  return {
    schedule: {
      spec: encodeScheduleSpec(spec),
      action: await encodeScheduleAction(converter, namespace, action, headers),
      policies: encodeSchedulePolicies(policies),
      state: encodeScheduleState({
        paused: state.paused,
        ...(note === undefined ? {} : { note }),
        ...(isOneShot ? { remainingActions: 1 } : {}),
      }),
    },
    memo: { fields: await encodeMapToPayloads(converter, memo) },
  };
}
