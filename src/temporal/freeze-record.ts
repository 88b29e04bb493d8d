import type { Client } from '@temporalio/client';

import { FREEZE_MEMO, FREEZE_WORKFLOW_ID } from '../contract/index.js';
import type { Freeze } from '../contract/index.js';
import type { Present } from '../domain/clocks.js';
import {
  isFrozen,
  isFrozenByOneClock,
  isRecordOpen,
  toFreeze,
  UNREADABLE_FREEZE,
} from '../domain/freeze.js';

import { TemporalUnreadableError } from './errors.js';
import { askTemporal, callTemporal, isNotFound } from './rpc.js';
import type { ClientContext } from './rpc.js';
import { isOpenStatus } from './run-list.js';

/** A freeze that is recorded, in force or over, and the open run that records it. */
export interface FoundFreeze {
  readonly freeze: Freeze;
  readonly runId: string;
}

/**
 * Looks for the record of a freeze by Temporal's own word, which does not lag behind. One whose words cannot
 * be read is a freeze all the same.
 *
 * @returns `null` when none is open; whether the freeze is over say the clocks, see `isFrozen`
 * @throws TemporalUnreadableError
 */
export async function findFreezeRecord(client: Client): Promise<FoundFreeze | null> {
  const runId = await findOpenRun(client);
  return runId === null ? null : { freeze: await readPurpose(client, runId), runId };
}

/**
 * The freeze in force, by the clocks that the caller knows.
 *
 * @param present asked once the record has been read
 * @throws TemporalUnreadableError
 */
export async function findFreeze(
  client: Client,
  present: () => Present,
): Promise<FoundFreeze | null> {
  const found = await findFreezeRecord(client);
  return found !== null && isFrozen(found.freeze, present()) ? found : null;
}

async function findOpenRun(client: Client): Promise<string | null> {
  try {
    const { workflowExecutionInfo: info } = await askTemporal(client, 'report a freeze', () =>
      client.workflowService.describeWorkflowExecution({
        namespace: client.options.namespace,
        execution: { workflowId: FREEZE_WORKFLOW_ID },
      }),
    );
    return isRecordOpen(info?.status) ? (info?.execution?.runId ?? '') : null;
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

async function readPurpose(client: Client, runId: string): Promise<Freeze> {
  try {
    const { memo } = await askTemporal(client, 'describe the freeze', () =>
      client.workflow.getHandle(FREEZE_WORKFLOW_ID, runId).describe(),
    );
    return toFreeze(memo?.[FREEZE_MEMO]);
  } catch (error) {
    if (error instanceof TemporalUnreadableError) throw error;
    return UNREADABLE_FREEZE;
  }
}

/** A freeze that is recorded, in force or over. */
export interface RecordedFreeze {
  readonly freeze: Freeze;
  /** The open run that records it. */
  readonly runId: string;
}

/** The open record of a freeze, perhaps past its time where no worker has ended it; `null`: there is none. */
export async function findRecord(context: ClientContext): Promise<RecordedFreeze | null> {
  const handle = context.client.workflow.getHandle(FREEZE_WORKFLOW_ID);
  try {
    const { runId, status, memo } = await callTemporal(context, 'look for a freeze', () =>
      handle.describe(),
    );
    if (!isOpenStatus(status.name)) return null;
    return { freeze: toFreeze(memo?.[FREEZE_MEMO]), runId };
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

/** The freeze in force; see `FreezeClient.current`. */
export async function readCurrent(context: ClientContext): Promise<Freeze | null> {
  const record = await findRecord(context);
  return record !== null && isFrozenByOneClock(record.freeze, Date.now()) ? record.freeze : null;
}
