import type { ClientContext } from '../../temporal/rpc.js';

import { cancelMaintenance } from './cancel.js';
import { findMaintenance } from './find.js';
import type { MaintenanceClient } from './client.js';
import { sendMessage } from './messages.js';
import { readProgress } from './progress.js';
import { readRest } from './rest-of.js';
import { awaitMaintenance } from './result.js';
import { startMaintenance } from './start.js';

/** Plans, on a connection that somebody else owns. Opens nothing. */
export function createMaintenanceClient(context: ClientContext): MaintenanceClient {
  return {
    start: (input) => startMaintenance(context, input),
    plan: async (input, options) =>
      awaitMaintenance(
        context,
        await startMaintenance(context, { ...input, mode: 'plan' }),
        options,
      ),
    find: async (ref) => {
      const { ref: pinned, workflowId } = await findMaintenance(context, ref);
      return { ...pinned, workflowId };
    },
    result: (ref, options) => awaitMaintenance(context, ref, options),
    progress: (ref) => readProgress(context, ref),
    approve: (ref, message) => sendMessage(context, ref, 'approve', message),
    reject: (ref, message) => sendMessage(context, ref, 'reject', message),
    pause: (ref, message) => sendMessage(context, ref, 'pause', message),
    resume: (ref, message) => sendMessage(context, ref, 'resume', message),
    skip: (ref, message) => sendMessage(context, ref, 'skip', message),
    abort: (ref, message) => sendMessage(context, ref, 'abort', message),
    cancel: (ref, message) => cancelMaintenance(context, ref, message),
    restOf: (ref, maintenanceId) => readRest(context, ref, maintenanceId),
  };
}
