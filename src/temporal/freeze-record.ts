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

import { callTemporal, inActivity, isNotFound, isOfService } from './rpc.js';
import type { TemporalCaller } from './rpc.js';

/** A freeze that is recorded, in force or over, and the open run that records it. */
export interface FoundFreeze {
  readonly freeze: Freeze;
  readonly runId: string;
}

/**
 * Looks for the record of a freeze by Temporal's own word, which does not lag behind. One whose words cannot
 * be read (malformed, or encoded with keys that are not at hand here) is a freeze all the same, for whoever asks.
 *
 * @returns `null` when none is open; whether the freeze is over say the clocks, see `isFrozen`
 * @throws what {@link callTemporal} throws
 */
export async function findFreezeRecord(caller: TemporalCaller): Promise<FoundFreeze | null> {
  const runId = await findOpenRun(caller);
  return runId === null ? null : { freeze: await readPurpose(caller, runId), runId };
}

/**
 * The freeze in force, as an activity asks for it: by the clocks that it knows.
 *
 * @param present asked once the record has been read
 * @throws what {@link callTemporal} throws
 */
export async function findFreeze(
  client: Client,
  present: () => Present,
): Promise<FoundFreeze | null> {
  const found = await findFreezeRecord(inActivity(client));
  return found !== null && isFrozen(found.freeze, present()) ? found : null;
}

async function findOpenRun(caller: TemporalCaller): Promise<string | null> {
  const { client } = caller;
  try {
    const { workflowExecutionInfo: info } = await callTemporal(caller, 'report a freeze', () =>
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

/** What the service answers passes as an error; what goes wrong with its answer here leaves the words unread. */
function readPurpose(caller: TemporalCaller, runId: string): Promise<Freeze> {
  const { client } = caller;
  return callTemporal(caller, 'describe the freeze', async () => {
    try {
      const { memo } = await client.workflow.getHandle(FREEZE_WORKFLOW_ID, runId).describe();
      return toFreeze(memo?.[FREEZE_MEMO]);
    } catch (error) {
      if (isOfService(error) && !isNotFound(error)) throw error;
      return UNREADABLE_FREEZE;
    }
  });
}

/** The freeze in force; see `FreezeClient.current`. */
export async function readCurrent(caller: TemporalCaller): Promise<Freeze | null> {
  const record = await findFreezeRecord(caller);
  return record !== null && isFrozenByOneClock(record.freeze, Date.now()) ? record.freeze : null;
}
