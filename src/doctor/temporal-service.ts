import type { TemporalConnection } from '../temporal/connection.js';
import { seePollers } from '../client/pollers.js';
import type { SeenPollers } from '../client/pollers.js';
import { STALE_POLL_MS } from '../client/silence.js';
import { withCommands, workerCommand } from '../domain/commands.js';
import { fail, ok, warn } from './check.js';
import type { Finding } from './check.js';

import { contextOf } from './setup.js';

/** Whether workers poll the queue for both kinds of tasks. */
export async function checkPollers(
  connection: TemporalConnection,
  taskQueue: string,
): Promise<Finding> {
  const workflow = await seePollers(contextOf(connection), taskQueue, 'workflow');
  const activity = await seePollers(contextOf(connection), taskQueue, 'activity');
  return judgePollers(taskQueue, workflow, activity);
}

/** The verdict on what was seen. */
export function judgePollers(
  taskQueue: string,
  workflow: SeenPollers,
  activity: SeenPollers,
): Finding {
  const id = 'workers';
  const start = withCommands('Start a worker with this environment', workerCommand(taskQueue));
  const found = `queue ${taskQueue}: ${describe(workflow)} for workflows, ${describe(activity)} for activities`;
  if (workflow.count === 0 || activity.count === 0) return fail(id, found, start, 'other');
  const oldest = Math.max(workflow.newestAgeMs ?? 0, activity.newestAgeMs ?? 0);
  if (oldest <= STALE_POLL_MS) return ok(id, found);
  const age = `the last poll was ${Math.round(oldest / 1000)} s ago, so the worker may be gone`;
  return warn(id, `${found}; ${age}`, start);
}

function describe({ count }: SeenPollers): string {
  if (count === 0) return 'no worker';
  return count === 1 ? '1 worker' : `${count} workers`;
}
