/** Switchovers on the time-skipping server, with scripted activities: what they see is reported one reading after the other. */
import { activityInfo, ApplicationFailure } from '@temporalio/activity';
import type { WorkflowFailedError } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';

import type { Activities } from '../../../src/activities/index.js';
import type {
  Notification,
  SwitchoverInput,
  SwitchoverResult,
} from '../../../src/contract/index.js';
import type { PreflightFindings } from '../../../src/domain/preflight-report.js';
import type { JobReport, Observation, SwapReport } from '../../../src/domain/reports.js';
import { toRequest } from '../../../src/schema/index.js';
import type { WellFormedInput } from '../../../src/schema/index.js';
import { workflowBundlePath } from '../../../src/worker.js';
import { BEFORE, INSTANCE_ID, PROJECT_ID } from '../../domain/support.js';
import type { DataPlaneFindings } from '../../../src/domain/preflight-report.js';

const INPUT = {
  ...{ projectId: PROJECT_ID, instanceId: INSTANCE_ID },
  ...{ mode: 'switch', toggle: true, compensation: 'swap-back', reissue: 'never', probe: 'off' },
} as const satisfies WellFormedInput;

const FINDINGS: DataPlaneFindings = {
  // The looks have tests of their own.
  ...{ offered: false, judges: true, binding: 'password', address: '10.0.0.9:6379', look: null },
  ...{ why: null, measures: true, periodMs: 50, write: true },
};

/** What a reading shows; by the time at which the last PUT was asked for, epoch milliseconds, where that matters. */
export type Sight = Observation | ((sentAtMs: number) => Observation);

/** What the activities of one run report, in order, each list's last item for ever. */
export interface SwitchoverScript {
  readonly swaps: readonly SwapReport[];
  /** `lost`: all attempts of the poll. */
  readonly jobs?: readonly (JobReport | 'lost')[];
  /** What reading the roles shows, whether they should have changed or not. */
  readonly seen: readonly Sight[];
  readonly input?: Partial<SwitchoverInput>;
  /** The measurement beside the swap. @default none is asked for */
  readonly measure?: Activities['measure'];
  /** What the pre-check finds of Redis itself. @default no one looks */
  readonly dataPlane?: PreflightFindings['dataPlane'];
  /** Of the workflow execution. @default none */
  readonly timeoutSeconds?: number;
}

/** How the run ended, and what it reported meanwhile. */
export interface SwitchoverEnd {
  readonly result: SwitchoverResult;
  readonly puts: number;
  /** Readings made after the hold had begun. */
  readonly looks: number;
  readonly notifications: readonly Notification[];
  /** The attributes of its events, by name. */
  readonly history: readonly string[];
}

let runs = 0;

/** Runs a switchover to its end. */
export async function runSwitchover(
  { client, nativeConnection }: TestWorkflowEnvironment,
  script: SwitchoverScript,
): Promise<SwitchoverEnd> {
  const notifications: Notification[] = [];
  const counts = { puts: 0, jobs: 0, seen: 0, looks: 0, sentAtMs: 0 };
  runs += 1;
  const taskQueue = `switchovers-${runs}`;
  const worker = await Worker.create({
    connection: nativeConnection,
    taskQueue,
    activities: scriptedActivities(script, counts, notifications),
    workflowBundle: { codePath: workflowBundlePath() },
    sinks: {
      dcsSwitchoverNotifications: {
        tell: { fn: (_, reported: Notification) => void notifications.push(reported) },
      },
    },
  });
  const { timeoutSeconds } = script;
  const result: unknown = await worker.runUntil(
    client.workflow
      .execute('dcsSwitchover', {
        ...{ workflowId: `dcs-switchover:${PROJECT_ID}:${INSTANCE_ID}`, taskQueue, args: [INPUT] },
        ...(timeoutSeconds === undefined
          ? {}
          : { workflowExecutionTimeout: timeoutSeconds * 1000 }),
      })
      .catch(
        (error: unknown) =>
          ((error as WorkflowFailedError).cause as unknown as { details: [SwitchoverResult] })
            .details[0],
      ),
  );
  const { puts, looks } = counts;
  const { events } = await client.workflow
    .getHandle(`dcs-switchover:${PROJECT_ID}:${INSTANCE_ID}`)
    .fetchHistory();
  const history = (events ?? []).map(attributesOf);
  return { result: result as SwitchoverResult, puts, looks, notifications, history };
}

function attributesOf(event: object): string {
  const fields = Object.entries(event);
  return fields.find(([name, value]) => name.endsWith('Attributes') && value !== null)?.[0] ?? '';
}

interface Counts {
  puts: number;
  jobs: number;
  seen: number;
  looks: number;
  sentAtMs: number;
}

function scriptedActivities(
  { swaps, jobs = [], seen, input, measure, dataPlane }: SwitchoverScript,
  counts: Counts,
  notifications: Notification[],
): Activities {
  const isHolding = (): boolean => JSON.stringify(notifications).includes('"HOLDING"');
  const look = (): Promise<Observation> => {
    counts.looks += isHolding() ? 1 : 0;
    const sight = nth(seen, counts.seen++);
    return Promise.resolve(typeof sight === 'function' ? sight(counts.sentAtMs) : sight);
  };
  return {
    preflight: ({ startedAtMs }) =>
      Promise.resolve({
        ...{ verdict: 'proceed', before: BEFORE, apiTimeMs: startedAtMs },
        request: toRequest({ ...INPUT, ...(input as object) }, startedAtMs, 'eu-west-101'),
        ...{ checks: [], knownSwapTaskIds: [], warnings: [], searchAttributes: [] },
        ...dataPlaneOf(dataPlane, measure),
      }),
    requestSwap: () => {
      counts.sentAtMs = activityInfo().scheduledTimestampMs;
      return Promise.resolve(nth(swaps, counts.puts++));
    },
    measure: measure ?? notExpected,
    awaitJob: () => {
      const job = nth(jobs, counts.jobs++);
      return job === 'lost'
        ? Promise.reject(ApplicationFailure.nonRetryable('the last attempt'))
        : Promise.resolve(job);
    },
    verifyRoles: look,
    watchRoles: look,
    planMaintenance: notExpected,
    followRun: notExpected,
    readFreeze: notExpected,
    thawSchedules: notExpected,
    startDelivery: ({ notification }) => Promise.resolve(void notifications.push(notification)),
    postNotification: notExpected,
  };
}

function dataPlaneOf(
  dataPlane: PreflightFindings['dataPlane'],
  measure: Activities['measure'] | undefined,
): Pick<PreflightFindings, 'dataPlane'> {
  const found = dataPlane ?? (measure === undefined ? undefined : FINDINGS);
  return found === undefined ? {} : { dataPlane: found };
}

const notExpected = (): Promise<never> => Promise.reject(new Error('not expected here'));

function nth<T>(items: readonly T[], index: number): T {
  const item = items[index] ?? items.at(-1);
  if (item === undefined) throw new Error('nothing of this is scripted');
  return item;
}
