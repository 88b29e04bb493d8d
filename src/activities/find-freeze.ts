import type { Client } from '@temporalio/client';

import { FREEZE_MEMO, FREEZE_WORKFLOW_ID } from '../contract/index.js';
import type { Freeze } from '../contract/index.js';
import { UNTOLD_FREEZE, isFrozen, isRecordOpen, toFreeze } from '../domain/freeze.js';

import { TemporalUnreadableError } from './errors.js';
import { askTemporal, isNotFound } from './temporal.js';

/** The freeze in force, and the run that records it. */
export interface FoundFreeze {
  readonly freeze: Freeze;
  readonly runId: string;
}

/**
 * Looks for a freeze by Temporal's own record, which does not lag behind. One whose words cannot be read
 * is a freeze all the same.
 *
 * @returns `null` when none is in force
 * @throws TemporalUnreadableError
 */
export async function findFreeze(client: Client): Promise<FoundFreeze | null> {
  const runId = await findOpenRun(client);
  if (runId === null) return null;
  const freeze = await readWords(client, runId);
  return isFrozen(freeze, Date.now()) ? { freeze, runId } : null;
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
