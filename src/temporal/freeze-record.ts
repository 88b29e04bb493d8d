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

import { askTemporal, callTemporal, isNotFound, isOfService } from './rpc.js';
import type { ClientContext } from './rpc.js';
import type { Ask } from './run-history.js';

/** A freeze that is recorded, in force or over, and the open run that records it. */
export interface FoundFreeze {
  readonly freeze: Freeze;
  readonly runId: string;
}

/**
 * Looks for the record of a freeze by Temporal's own word, which does not lag behind. One whose words cannot
 * be read (malformed, or encoded with keys that are not at hand here) is a freeze all the same, for whoever asks.
 *
 * @param ask how the caller asks Temporal @default an activity's way
 * @returns `null` when none is open; whether the freeze is over say the clocks, see `isFrozen`
 * @throws what `ask` throws, by default TemporalUnreadableError
 */
export async function findFreezeRecord(
  client: Client,
  ask: Ask = (operation, call) => askTemporal(client, operation, call),
): Promise<FoundFreeze | null> {
  const runId = await findOpenRun(client, ask);
  return runId === null ? null : { freeze: await readPurpose(client, ask, runId), runId };
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

async function findOpenRun(client: Client, ask: Ask): Promise<string | null> {
  try {
    const { workflowExecutionInfo: info } = await ask('report a freeze', () =>
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
function readPurpose(client: Client, ask: Ask, runId: string): Promise<Freeze> {
  return ask('describe the freeze', async () => {
    try {
      const { memo } = await client.workflow.getHandle(FREEZE_WORKFLOW_ID, runId).describe();
      return toFreeze(memo?.[FREEZE_MEMO]);
    } catch (error) {
      if (isOfService(error) && !isNotFound(error)) throw error;
      return UNREADABLE_FREEZE;
    }
  });
}

/** The open record of a freeze, perhaps past its time where no worker has ended it; `null`: there is none. */
export function findRecord(context: ClientContext): Promise<FoundFreeze | null> {
  return findFreezeRecord(context.client, (operation, call) =>
    callTemporal(context, operation, call),
  );
}

/** The freeze in force; see `FreezeClient.current`. */
export async function readCurrent(context: ClientContext): Promise<Freeze | null> {
  const record = await findRecord(context);
  return record !== null && isFrozenByOneClock(record.freeze, Date.now()) ? record.freeze : null;
}
