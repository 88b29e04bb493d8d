import type { WorkflowService } from '@temporalio/client';

import type { TemporalConnection } from '../../client/connect.js';
import { callTemporal } from '../../client/rpc.js';
import { command, withCommands } from '../../domain/commands.js';
import { fail, ok, warn } from '../check.js';
import type { Finding } from '../check.js';

import { contextOf } from './setup.js';

/** Numbers of the task types in Temporal's API (`TaskQueueType`). */
const TASK_TYPES = {
  workflow: 1,
  activity: 2,
} as const;

/** Its enums are numbers on the wire; the package that names them is none of ours. */
type DescribeRequest = Parameters<WorkflowService['describeTaskQueue']>[0];

/** A poll lasts up to 60 s, and the server remembers pollers for minutes: an older one may be gone. */
const STALE_AFTER_MS = 90_000;

/** Workers that the server has seen poll. */
export interface SeenPollers {
  /** How many workers, by the identity that they give. */
  readonly count: number;
  /** Age of the newest poll in milliseconds; `null` without any. */
  readonly newestAgeMs: number | null;
}

/** Whether workers poll the queue for both kinds of tasks. */
export async function checkPollers(
  connection: TemporalConnection,
  taskQueue: string,
): Promise<Finding> {
  const workflow = await seePollers(connection, taskQueue, TASK_TYPES.workflow);
  const activity = await seePollers(connection, taskQueue, TASK_TYPES.activity);
  return judgePollers(taskQueue, workflow, activity);
}

/** The verdict on what was seen. */
export function judgePollers(
  taskQueue: string,
  workflow: SeenPollers,
  activity: SeenPollers,
): Finding {
  const id = 'workers';
  const start = withCommands(
    `Start a worker with this environment (its queue is DCS_SWITCHOVER_TASK_QUEUE, now ${taskQueue})`,
    command(['worker']),
  );
  const found = `queue ${taskQueue}: ${describe(workflow)} for workflows, ${describe(activity)} for activities`;
  if (workflow.count === 0 || activity.count === 0) return fail(id, found, start, 'other');
  const oldest = Math.max(workflow.newestAgeMs ?? 0, activity.newestAgeMs ?? 0);
  if (oldest <= STALE_AFTER_MS) return ok(id, found);
  const age = `the last poll was ${Math.round(oldest / 1000)} s ago, so the worker may be gone`;
  return warn(id, `${found}; ${age}`, start);
}

function describe({ count }: SeenPollers): string {
  if (count === 0) return 'no worker';
  return count === 1 ? '1 worker' : `${count} workers`;
}

async function seePollers(
  connection: TemporalConnection,
  taskQueue: string,
  taskQueueType: number,
): Promise<SeenPollers> {
  const { client, namespace } = connection;
  const request: unknown = { namespace, taskQueue: { name: taskQueue }, taskQueueType };
  const { pollers } = await callTemporal(contextOf(connection), 'describe task queue', () =>
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
