/**
 * Maintenance runs on the time-skipping server: hours pass in milliseconds. Maintenance and switchovers are the real
 * workflows; their activities are scripted, because what those do is the end-to-end tests' business.
 */
import type { WorkflowFailedError, WorkflowHandle } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import type { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';

import type { Activities } from '../../../src/activities/index.js';
import type {
  Check,
  Freeze,
  LegOutcome,
  MaintenanceInput,
  MaintenanceProgress,
  MaintenanceRequest,
  MaintenanceResult,
  MessageReceipt,
  Notification,
  RolesSnapshot,
  SwitchoverInput,
} from '../../../src/contract/index.js';
import type {
  SelectedInstance,
  PlanMaintenanceReport,
} from '../../../src/domain/maintenance/reports.js';
import type { StartDeliveryCall } from '../../../src/domain/notification.js';
import type { SwapReport } from '../../../src/domain/reports.js';
import { toRequest } from '../../../src/schema/index.js';
import { workflowBundlePath } from '../../../src/worker.js';

import { REQUEST, idOf, planned } from '../../domain/maintenance/support.js';
import { observationOf } from '../../domain/support.js';

/** What a test of a maintenance scripts. */
export interface Script {
  readonly request?: Partial<MaintenanceRequest>;
  /** Seconds from the start of the maintenance. @default open now, for an hour */
  readonly window?: { readonly opensIn: number; readonly closesIn: number };
  /** @default 3 */
  readonly instances?: number;
  readonly instance?: (
    index: number,
    windowSpan: SelectedInstance['spans'][number],
  ) => Partial<SelectedInstance>;
  /** How the switchovers of an instance end. @default SUCCEEDED */
  readonly outcome?: (index: number, input: SwitchoverInput) => LegOutcome;
  /** What the n-th switchover of an instance (from 1) finds a quota spent for, until its end. @default nothing */
  readonly spent?: (index: number, nth: number) => 'readings' | 'PUTs' | null;
  /** Whether the n-th switchover of an instance (from 1) is refused for what passes by itself. @default never */
  readonly busy?: (index: number, nth: number, input: SwitchoverInput) => boolean;
  /** Called when a switchover begins. */
  readonly onStart?: (index: number) => Promise<void>;
  readonly freeze?: Freeze;
  /** What a caller gives beside the input. */
  readonly second?: unknown;
  readonly report?: PlanMaintenanceReport;
  /** Further activities on the maintenance's queue: hooks. */
  readonly hooks?: Record<string, (...args: never[]) => Promise<unknown>>;
}

/** A maintenance that has been started. */
export interface StartedMaintenance {
  readonly handle: WorkflowHandle;
  readonly env: TestWorkflowEnvironment;
  readonly taskQueue: string;
  /** Inputs of the switchovers, in the order in which they began. */
  readonly started: readonly (SwitchoverInput & { readonly atMs: number })[];
  readonly notifications: readonly Notification[];
  readonly send: (name: string, message: unknown) => Promise<MessageReceipt>;
  readonly progress: () => Promise<MaintenanceProgress>;
  readonly end: () => Promise<MaintenanceEnd>;
}

/** How a maintenance has ended. */
export interface MaintenanceEnd {
  readonly type: string;
  readonly result: MaintenanceResult;
  readonly message: string;
}

let count = 0;

/** Runs a maintenance beside a test, which talks to it and waits for its end. */
export async function withMaintenance<T>(
  env: TestWorkflowEnvironment,
  script: Script,
  test: (maintenance: StartedMaintenance) => Promise<T>,
): Promise<T> {
  count += 1;
  const taskQueue = `maintenance-${count}`;
  const maintenanceId = `many-${count}`;
  const started: (SwitchoverInput & { atMs: number })[] = [];
  const notifications: Notification[] = [];
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue,
    activities: {
      ...scriptedActivities(maintenanceId, taskQueue, script, started),
      startDelivery: ({ notification }: StartDeliveryCall) =>
        Promise.resolve(void notifications.push(notification)),
      ...script.hooks,
    },
    workflowBundle: { codePath: workflowBundlePath() },
    sinks: {
      dcsSwitchoverNotifications: {
        tell: { fn: (_, reported: Notification) => void notifications.push(reported) },
      },
    },
  });
  return worker.runUntil(async () => {
    const input: MaintenanceInput = {
      ...{ maintenanceId, projectId: REQUEST.projectId, toggle: true },
      window: { closesAt: '2999-01-01T00:00:00Z' },
    };
    const workflowId = `dcs-maintenance:${maintenanceId}`;
    const args = 'second' in script ? [input, script.second] : [input];
    const handle = await env.client.workflow.start('dcsMaintenance', {
      workflowId,
      taskQueue,
      args,
    });
    return test({
      ...{ handle, env, taskQueue, started, notifications },
      send: (name, message) => handle.executeUpdate(name, { args: [message] }),
      progress: () => handle.query('progress'),
      end: () => endOf(handle),
    });
  });
}

/** Runs a maintenance to its end. */
export function runMaintenance(env: TestWorkflowEnvironment, script: Script) {
  return withMaintenance(env, script, async ({ end, started }) => ({ ...(await end()), started }));
}

async function endOf(handle: WorkflowHandle): Promise<MaintenanceEnd> {
  try {
    const result = (await handle.result()) as MaintenanceResult;
    return { type: result.outcome, result, message: result.message };
  } catch (error) {
    const { cause } = error as WorkflowFailedError;
    const nothing = undefined as unknown as MaintenanceResult;
    if (cause instanceof CancelledFailure)
      return { type: 'CANCELLED', result: nothing, message: cause.message };
    const { type, details, message } = cause as ApplicationFailure;
    return { type: type ?? '', result: details?.[0] as MaintenanceResult, message };
  }
}

function scriptedActivities(
  maintenanceId: string,
  taskQueue: string,
  script: Script,
  started: (SwitchoverInput & { atMs: number })[],
): Omit<Activities, 'startDelivery' | 'postNotification'> {
  const { outcome = () => 'SUCCEEDED' as const, spent = () => null, freeze = null } = script;
  const indexOf = (id: string): number => Number(id.slice(-6));
  // Instances of different count have locks of their own.
  const offset = count * 1000;
  const spentFor = (id: string) =>
    spent(indexOf(id) - offset, started.filter(({ instanceId }) => instanceId === id).length);
  return {
    planMaintenance: ({ startedAtMs }) => {
      if (script.report !== undefined) return Promise.resolve(script.report);
      const { opensIn = 0, closesIn = 3600 } = script.window ?? {};
      const window = {
        opensAtMs: startedAtMs + opensIn * 1000,
        closesAtMs: startedAtMs + closesIn * 1000,
      };
      const instances = Array.from({ length: script.instances ?? 3 }, (_, index) => ({
        ...planned(offset + index, { spans: [window] }),
        ...script.instance?.(index, window),
      }));
      const hooks = script.request?.hooks ?? null;
      const request = {
        ...{ ...REQUEST, maintenanceId, ...script.request },
        hooks: hooks === null ? null : { ...hooks, taskQueue },
      };
      const reported = { warnings: [], searchAttributes: [] };
      return Promise.resolve({
        verdict: 'planned',
        request,
        window,
        instances,
        freeze,
        ...reported,
      });
    },
    readFreeze: () => Promise.resolve(freeze),
    thawSchedules: () => Promise.reject(new Error('not expected here')),
    followRun: () => Promise.reject(new Error('not expected here')),
    preflight: async ({ input, startedAtMs }) => {
      const given = input as SwitchoverInput;
      const index = indexOf(given.instanceId) - offset;
      started.push({ ...given, atMs: startedAtMs });
      await script.onStart?.(index);
      const isThrottled = spentFor(given.instanceId) === 'readings';
      const nth = started.filter(({ requestId }) => requestId === given.requestId).length;
      const isBusy = script.busy?.(index, nth, given) === true;
      const as = isThrottled || isBusy ? 'REFUSED' : outcome(index, given);
      const verdict = as === 'NOOP' ? 'noop' : as === 'REFUSED' ? 'refused' : 'proceed';
      const wellFormed = { mode: 'switch', reissue: 'never', ...given } as never;
      const request = toRequest(wellFormed, startedAtMs, 'eu-west-101');
      const checks = isThrottled ? [QUOTA_SPENT] : isBusy ? [BUSY] : [];
      const passing = isBusy ? ({ mayPass: true } as const) : {};
      const reported = {
        ...passing,
        checks,
        knownSwapTaskIds: [],
        warnings: [],
        searchAttributes: [],
      };
      return { verdict, request, before: rolesBefore(request), ...reported };
    },
    requestSwap: ({ request }) => {
      const index = indexOf(request.instanceId) - offset;
      const as = outcome(index, request);
      if (spentFor(request.instanceId) === 'PUTs') return Promise.resolve(TURNED_AWAY);
      return Promise.resolve(
        as === 'SUCCEEDED'
          ? { kind: 'accepted', jobId: 'a'.repeat(32), requestId: null, sentAtMs: Date.now() }
          : { kind: 'ambiguous', detail: 'reset', sentAtMs: Date.now() },
      );
    },
    awaitJob: () =>
      Promise.resolve({
        ...{ state: 'SUCCESS', lastStatus: 'SUCCESS', failReason: null, polls: 1, jobMs: 1 },
        detail: '',
      } as Awaited<ReturnType<Activities['awaitJob']>>),
    verifyRoles: ({ before }) => {
      const roles = before.groups[0]?.nodes[0]?.role === 'master' ? SWAPPED : ROLES;
      return Promise.resolve({ ...SEEN, roles, change: 'changed' });
    },
    watchRoles: () => Promise.resolve(SEEN),
    measure: () => Promise.reject(new Error('not expected here')),
  };
}

const QUOTA_SPENT: Check = {
  ...{ id: 'api-quota', severity: 'blocking', passed: false, requestId: null },
  ...{ observed: '429 since 02:14, limit 10 per minute', remedy: 'Start later.' },
};

const BUSY: Check = {
  ...{ id: 'instance-idle', severity: 'blocking', passed: false, requestId: null },
  ...{ observed: 'task BACKUPING; waited 120 s for that', remedy: 'Wait.' },
};

const TURNED_AWAY: SwapReport = {
  ...{ kind: 'not-sent', reason: 'throttled', retryAfterMs: null, windowMs: 60_000 },
  detail: '429 APIGW.0308, limit 10 per minute',
};

const nodes = (masterFirst: boolean): RolesSnapshot => ({
  observedAt: '2026-01-01T00:00:00.000Z',
  groups: [
    {
      groupId: 'g',
      nodes: (['a', 'b'] as const).map((letter) => ({
        nodeId: letter.repeat(32),
        replicationId: null,
        ip: null,
        role: (letter === 'a') === masterFirst ? 'master' : 'replica',
        availabilityZone: letter === 'a' ? 'az1' : 'az2',
        status: 'Active',
        priority: 100,
      })),
    },
  ],
});

/** On the return leg the masters are where the forward leg has left them. */
function rolesBefore({ requestId }: { readonly requestId: string | null }): RolesSnapshot {
  return requestId?.endsWith(':return') === true ? SWAPPED : ROLES;
}

const ROLES = nodes(true);
const SWAPPED = nodes(false);

const SEEN = observationOf({
  ...{ roles: ROLES, change: 'unchanged', heldThroughout: true, newSwapTasks: [] },
});

export { idOf };
