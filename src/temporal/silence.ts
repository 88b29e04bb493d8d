/**
 * How an activity that reported nothing was left, as Temporal reports it: in the event that closed it, or, where its
 * run was ended while it was open, in the run's description, which keeps its last heartbeat until retention ends.
 */
import type { Client, WorkflowHandle, WorkflowService } from '@temporalio/client';

import type { SilentEnd } from '../domain/swap.js';
import { isPresent } from '../util.js';

import { callTemporal } from './rpc.js';
import type { TemporalCaller } from './rpc.js';

/** How the activities that were open when their run ended were left, by activity id. */
export type OpenEnds = ReadonlyMap<string, SilentEnd>;

const WITHHELD = { hasHeartbeat: false, failureType: '', failureMessage: '' } as const;

/** How the event that closed an activity says that it was left. */
export function silenceOf(closing: HistoryEvent | undefined): SilentEnd {
  const timedOut = closing?.activityTaskTimedOutEventAttributes;
  if (isPresent(timedOut)) {
    const details = timedOut.failure?.timeoutFailureInfo?.lastHeartbeatDetails;
    return { ...WITHHELD, by: 'timeout', hasHeartbeat: hasPayloads(details) };
  }
  const failed = closing?.activityTaskFailedEventAttributes;
  return isPresent(failed) ? silenceOfFailure(failed.failure) : { ...WITHHELD, by: 'other' };
}

function silenceOfFailure(failure: Failure | null | undefined): SilentEnd {
  const failureType = failure?.applicationFailureInfo?.type ?? '';
  return { ...WITHHELD, by: 'failure', failureType, failureMessage: failure?.message ?? '' };
}

type Failure = NonNullable<
  NonNullable<HistoryEvent['activityTaskFailedEventAttributes']>['failure']
>;

/**
 * Reads how the open activities of an ended run were left; empty for a run that is open, and where the server
 * lists no open activity of an ended run. The caller sets the deadline.
 */
export async function readOpenEnds(
  client: Client,
  workflowId: string,
  runId: string,
  events: readonly HistoryEvent[],
): Promise<OpenEnds> {
  if (!wasEndedFromOutside(events.at(-1))) return new Map();
  const { pendingActivities } = await client.workflowService.describeWorkflowExecution({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
  });
  return new Map(
    pendingActivities
      .filter((pending) => isFirstExecution(pending, events))
      .map(({ activityId, heartbeatDetails }) => [
        activityId ?? '',
        { ...WITHHELD, by: 'run-ended', hasHeartbeat: hasPayloads(heartbeatDetails) } as const,
      ]),
  );
}

type PendingActivity = NonNullable<
  Awaited<ReturnType<Client['workflowService']['describeWorkflowExecution']>>['pendingActivities']
>[number];

/** A person may have reset the activity, and its heartbeat with it: then nothing is proved. */
function isFirstExecution(
  { activityId, attempt, scheduledTime }: PendingActivity,
  events: readonly HistoryEvent[],
): boolean {
  const event = events.find(
    ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityId === activityId,
  );
  return (attempt ?? 1) <= 1 && isSameInstant(event?.eventTime, scheduledTime);
}

function isSameInstant(a: HistoryEvent['eventTime'], b: HistoryEvent['eventTime']): boolean {
  return (
    isPresent(a) && isPresent(b) && Number(a.seconds) === Number(b.seconds) && a.nanos === b.nanos
  );
}

/** Terminated, or over its own timeout. A run that ends by itself leaves no swap activity open. */
function wasEndedFromOutside(last: HistoryEvent | undefined): boolean {
  return (
    isPresent(last?.workflowExecutionTerminatedEventAttributes) ||
    isPresent(last?.workflowExecutionTimedOutEventAttributes)
  );
}

function hasPayloads(
  details: { readonly payloads?: readonly unknown[] | null } | null | undefined,
): boolean {
  return (details?.payloads ?? []).length > 0;
}

/** Numbers of the task types in Temporal's API (`TaskQueueType`). */
const TASK_TYPES = { workflow: 1, activity: 2 } as const;

/** Its enums are numbers on the wire; the package that names them is none of ours. */
type DescribeRequest = Parameters<WorkflowService['describeTaskQueue']>[0];

/** A poll lasts up to 60 s, and the server remembers pollers for minutes: an older one may be gone. */
export const STALE_POLL_MS = 90_000;

/** Workers that the server has seen poll. */
export interface ObservedPollers {
  /** How many workers, by the identity that they give. */
  readonly count: number;
  /** Age of the newest poll in milliseconds; `null` without any. */
  readonly newestAgeMs: number | null;
}

/** Who has polled a task queue of late: the server remembers for some minutes. */
export async function seePollers(
  caller: TemporalCaller,
  taskQueue: string,
  tasks: keyof typeof TASK_TYPES,
): Promise<ObservedPollers> {
  const { client } = caller;
  const { namespace } = client.options;
  const taskQueueType = TASK_TYPES[tasks];
  const request: unknown = { namespace, taskQueue: { name: taskQueue }, taskQueueType };
  const { pollers } = await callTemporal(caller, 'describe task queue', () =>
    client.workflowService.describeTaskQueue(request as DescribeRequest),
  );
  const ages = pollers.map(({ lastAccessTime }) => Date.now() - toMs(lastAccessTime));
  return {
    count: new Set(pollers.map(({ identity }) => identity)).size,
    newestAgeMs: ages.length === 0 ? null : Math.min(...ages),
  };
}

interface Timestamp {
  readonly seconds?: unknown;
  readonly nanos?: number | null;
}

/** Epoch milliseconds of a time on the wire; 0 where there is none. */
export function toMs(time: Timestamp | null | undefined): number {
  return Number(time?.seconds ?? 0) * 1000 + Math.floor((time?.nanos ?? 0) / 1e6);
}

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
/** One event, as the SDK decodes it. */
export type HistoryEvent = NonNullable<History['events']>[number];
