import type { Client } from '@temporalio/client';

import { FREEZE_MEMO, FREEZE_WORKFLOW_ID } from '../contract/index.js';
import type { Freeze } from '../contract/index.js';
import type { Present } from '../domain/clocks.js';
import { UNTOLD_FREEZE, isFrozen, isRecordOpen, toFreeze } from '../domain/freeze.js';

import { TemporalUnreadableError } from '../activities/errors.js';
import { askTemporal, isNotFound } from '../activities/temporal.js';

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
  return runId === null ? null : { freeze: await readWords(client, runId), runId };
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
    const { workflowExecutionInfo: info } = await askTemporal(client, 'tell of a freeze', () =>
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

async function readWords(client: Client, runId: string): Promise<Freeze> {
  try {
    const { memo } = await askTemporal(client, 'describe the freeze', () =>
      client.workflow.getHandle(FREEZE_WORKFLOW_ID, runId).describe(),
    );
    return toFreeze(memo?.[FREEZE_MEMO]);
  } catch (error) {
    if (error instanceof TemporalUnreadableError) throw error;
    return UNTOLD_FREEZE;
  }
}
