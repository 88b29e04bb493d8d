import { FREEZE_WORKFLOW_ID } from '../contract/index.js';
import type { Freeze } from '../contract/index.js';
import {
  command,
  createNamespaceCommand,
  withCommands,
  workerCommand,
} from '../domain/commands.js';
import { isFrozenByOneClock, UNREADABLE_FREEZE } from '../domain/freeze.js';
import type { TemporalConnection } from '../temporal/connection.js';
import { findFreezeRecord } from '../temporal/freeze-record.js';
import { callTemporal, isNotFound } from '../temporal/rpc.js';
import { seePollers, STALE_POLL_MS } from '../temporal/silence.js';
import type { ObservedPollers } from '../temporal/silence.js';

import { fail, ok, warn } from './check.js';
import type { CheckFinding } from './check.js';
import { callerOf, isTemporalCloud } from './setup.js';
import { countOf } from '../domain/text.js';

/** Whether workers poll the queue for both kinds of tasks. */
export async function checkPollers(
  connection: TemporalConnection,
  taskQueue: string,
): Promise<CheckFinding> {
  const workflow = await seePollers(callerOf(connection), taskQueue, 'workflow');
  const activity = await seePollers(callerOf(connection), taskQueue, 'activity');
  return judgePollers(taskQueue, workflow, activity);
}

/** The verdict on what was observed. */
export function judgePollers(
  taskQueue: string,
  workflow: ObservedPollers,
  activity: ObservedPollers,
): CheckFinding {
  const id = 'workers';
  const start = withCommands('Start a worker with this environment', workerCommand(taskQueue));
  const found = `queue ${taskQueue}: ${describe(workflow)} for workflows, ${describe(activity)} for activities`;
  if (workflow.count === 0 || activity.count === 0) return fail(id, found, start, 'other');
  const oldest = Math.max(workflow.newestAgeMs ?? 0, activity.newestAgeMs ?? 0);
  if (oldest <= STALE_POLL_MS) return ok(id, found);
  const age = `the last poll was ${Math.round(oldest / 1000)} s ago, so the worker may be gone`;
  return warn(id, `${found}; ${age}`, start);
}

function describe({ count }: ObservedPollers): string {
  return count === 0 ? 'no worker' : countOf(count, 'worker');
}

/** First server that keeps the promise of the lock: it knows id conflict policies. */
const MIN_VERSION = [1, 24] as const;

/** First server with worker deployments, which `DCS_SWITCHOVER_BUILD_ID` needs. */
const MIN_VERSIONING = [1, 28] as const;

const SECONDS_PER_DAY = 86_400;

/** Whether the server is new enough. */
export async function checkServerVersion(
  connection: TemporalConnection,
  usesVersioning: boolean,
): Promise<CheckFinding> {
  const id = 'temporal-version';
  const { serverVersion } = await callTemporal(callerOf(connection), 'get system info', () =>
    connection.client.workflowService.getSystemInfo({}),
  );
  const [text, isEnough] = judgeVersion(serverVersion, usesVersioning);
  if (isEnough === true) return ok(id, text);
  if (isEnough === null) return warn(id, text, 'Find out by hand which server this is.');
  const isEnoughWithout = usesVersioning && judgeVersion(serverVersion, false)[1] === true;
  const instead = isEnoughWithout ? ', or unset DCS_SWITCHOVER_BUILD_ID' : '';
  return fail(id, text, `Upgrade the Temporal server${instead}.`, 'other');
}

/** The verdict on a version, as text; `null` where it cannot be read. */
export function judgeVersion(
  version: string,
  usesVersioning: boolean,
): readonly [string, boolean | null] {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  const required = usesVersioning ? MIN_VERSIONING : MIN_VERSION;
  const why = usesVersioning ? ' for worker versioning (DCS_SWITCHOVER_BUILD_ID)' : '';
  const wanted = `${required.join('.')} or newer is needed${why}`;
  if (major === undefined || minor === undefined)
    return [`server version "${version}" cannot be read; ${wanted}`, null];
  const isEnough =
    Number(major) > required[0] || (Number(major) === required[0] && Number(minor) >= required[1]);
  return [`server ${version}; ${wanted}`, isEnough];
}

/** Whether the namespace is there, and how far back it remembers. */
export async function checkNamespace(connection: TemporalConnection): Promise<CheckFinding> {
  const id = 'temporal-namespace';
  const { client, namespace, address } = connection;
  try {
    const { config } = await callTemporal(callerOf(connection), 'describe namespace', () =>
      client.workflowService.describeNamespace({ namespace }),
    );
    const seconds = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0);
    const days = Math.round((seconds / SECONDS_PER_DAY) * 10) / 10;
    const retention = `it keeps ended runs for ${countOf(days, 'day')}, and so far back earlier runs are checked`;
    return ok(id, `${namespace} exists; ${retention}`);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const create = isTemporalCloud(address)
      ? 'Set TEMPORAL_NAMESPACE to the namespace id, with the account suffix.'
      : withCommands('Set TEMPORAL_NAMESPACE, or create it', createNamespaceCommand(namespace));
    return fail(id, `${namespace} does not exist on this server`, create, 'other');
  }
}

const ID = 'freeze';

const THAW = command(['thaw']);

/** Whether a freeze is in force, which refuses every switchover. */
export async function checkFreeze(connection: TemporalConnection): Promise<CheckFinding> {
  const record = await findFreezeRecord(callerOf(connection));
  return record === null ? ok(ID, 'none in force') : judgeFreeze(record.freeze);
}

/** The verdict on the freeze of an open run. */
export function judgeFreeze(freeze: Freeze, nowMs = Date.now()): CheckFinding {
  if (freeze === UNREADABLE_FREEZE)
    return warn(
      ID,
      `one is in force, but its words cannot be read: every switchover is refused`,
      withCommands(`Look at the workflow ${FREEZE_WORKFLOW_ID} in the UI, or end it`, THAW),
    );
  const { until, by, reason } = freeze;
  if (isFrozenByOneClock(freeze, nowMs))
    return warn(
      ID,
      `until ${until} by ${by} (${reason}): every switchover is refused, and no schedule fires`,
      withCommands(`Wait until ${until}, or end it`, THAW),
    );
  return warn(
    ID,
    `over since ${until}, but the schedules that it paused were not resumed: no worker has ended it`,
    withCommands('Start a worker, or end it', THAW),
  );
}
