import type { WorkflowService } from '@temporalio/client';

import { callTemporal } from '../temporal/rpc.js';
import type { ClientContext } from '../temporal/rpc.js';

/** Numbers of the task types in Temporal's API (`TaskQueueType`). */
const TASK_TYPES = { workflow: 1, activity: 2 } as const;

/** Its enums are numbers on the wire; the package that names them is none of ours. */
type DescribeRequest = Parameters<WorkflowService['describeTaskQueue']>[0];

/** Workers that the server has seen poll. */
export interface SeenPollers {
  /** How many workers, by the identity that they give. */
  readonly count: number;
  /** Age of the newest poll in milliseconds; `null` without any. */
  readonly newestAgeMs: number | null;
}

/** Who has polled a task queue of late: the server remembers for some minutes. */
export async function seePollers(
  context: ClientContext,
  taskQueue: string,
  tasks: keyof typeof TASK_TYPES,
): Promise<SeenPollers> {
  const { client } = context;
  const { namespace } = client.options;
  const taskQueueType = TASK_TYPES[tasks];
  const request: unknown = { namespace, taskQueue: { name: taskQueue }, taskQueueType };
  const { pollers } = await callTemporal(context, 'describe task queue', () =>
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

function toMs(time: Timestamp | null | undefined): number {
  return Number(time?.seconds ?? 0) * 1000 + Math.floor((time?.nanos ?? 0) / 1e6);
}
