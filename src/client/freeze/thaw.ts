import type { Freeze } from '../../contract/index.js';
import { FREEZE_WORKFLOW_ID } from '../../contract/index.js';
import { parseMessage } from '../../schema/index.js';

import { InvalidInputError, TemporalRequestError } from '../errors.js';
import { callTemporal, isNotFound } from '../../temporal/rpc.js';
import type { ClientContext } from '../../temporal/rpc.js';

import { resumeSchedules } from './brake-schedules.js';
import { findRecord } from './current.js';
import type { FreezeReport } from './freeze-client.js';

/** Each further try follows a freeze that was replaced between our two calls. */
const MAX_ATTEMPTS = 3;

/** Ends a freeze and resumes what it had paused; see `FreezeClient.thaw`. */
export async function endFreeze(
  context: ClientContext,
  { by }: { readonly by: string },
): Promise<FreezeReport> {
  // The same field as of every message: who.
  const parsed = parseMessage('approve', { by });
  if (!parsed.ok) throw new InvalidInputError(parsed.problems);
  const freeze = await endRecord(context, parsed.message.by);
  return { freeze, ...(await resumeSchedules(context, parsed.message.by)) };
}

/** Terminated, because that needs no worker: the record does nothing that has to be finished. */
async function endRecord(context: ClientContext, by: string): Promise<Freeze | null> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const record = await findRecord(context);
    if (record === null) return null;
    const handle = context.client.workflow.getHandle(FREEZE_WORKFLOW_ID, record.runId);
    try {
      await callTemporal(context, 'thaw', () => handle.terminate(`thawed by ${by}`));
      return record.freeze;
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
  throw new TemporalRequestError('thaw', null, 'others freeze at the same time; try again');
}
