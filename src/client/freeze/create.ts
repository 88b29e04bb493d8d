import type { ClientContext } from '../rpc.js';

import type { FreezeClient } from './freeze-client.js';

/** The brake, on a connection that somebody else owns. Opens nothing. */
export function createFreezeClient(context: ClientContext): FreezeClient {
  const later = (): never => {
    throw new Error(`not built yet (${context.taskQueue})`);
  };
  return { freeze: later, thaw: later, current: later };
}
