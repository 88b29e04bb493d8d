import type { TemporalConnection } from '../../temporal/connection.js';
import { callTemporal, isNotFound } from '../../temporal/rpc.js';
import { FREEZE_MEMO, FREEZE_WORKFLOW_ID } from '../../contract/index.js';
import type { Freeze } from '../../contract/index.js';
import { command, withCommands } from '../../domain/commands.js';
import { findFreezeProblems, isFrozenByOneClock, isRecordOpen } from '../../domain/freeze.js';
import { ok, warn } from '../../doctor/check.js';
import type { Finding } from '../../doctor/check.js';

import { contextOf } from '../../doctor/setup.js';

const ID = 'freeze';

const THAW = command(['thaw']);

/** Whether a freeze is in force, which refuses every switchover. */
export async function checkFreeze(connection: TemporalConnection): Promise<Finding> {
  const runId = await findOpenRun(connection);
  return runId === null
    ? ok(ID, 'none in force')
    : judgeFreeze(await readFreeze(connection, runId));
}

/** The verdict on the freeze of an open run; `null`: its words cannot be read. */
export function judgeFreeze(freeze: Freeze | null, nowMs = Date.now()): Finding {
  if (freeze === null)
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

async function findOpenRun(connection: TemporalConnection): Promise<string | null> {
  const { client, namespace } = connection;
  const execution = { workflowId: FREEZE_WORKFLOW_ID };
  try {
    const { workflowExecutionInfo: info } = await callTemporal(
      contextOf(connection),
      'describe the freeze',
      () => client.workflowService.describeWorkflowExecution({ namespace, execution }),
    );
    return isRecordOpen(info?.status) ? (info?.execution?.runId ?? '') : null;
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

/** The doctor has no codec here: encoded words are none. */
async function readFreeze(connection: TemporalConnection, runId: string): Promise<Freeze | null> {
  try {
    const { memo } = await callTemporal(contextOf(connection), 'read the freeze', () =>
      connection.client.workflow.getHandle(FREEZE_WORKFLOW_ID, runId).describe(),
    );
    const words = memo?.[FREEZE_MEMO];
    return findFreezeProblems(words).length === 0 ? (words as Freeze) : null;
  } catch {
    return null;
  }
}
