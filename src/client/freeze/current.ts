import { FREEZE_MEMO, FREEZE_WORKFLOW_ID } from '../../contract/index.js';
import type { Freeze } from '../../contract/index.js';
import { isFrozenByOneClock, toFreeze } from '../../domain/freeze.js';
import { isOpenStatus } from '../../temporal/run-list.js';

import { callTemporal, isNotFound } from '../../temporal/rpc.js';
import type { ClientContext } from '../../temporal/rpc.js';

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
