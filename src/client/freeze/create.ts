import type { ClientContext } from '../../temporal/rpc.js';

import { readCurrent } from './current.js';
import { putFreeze } from '../freeze.js';
import type { FreezeClient } from './freeze-client.js';
import { endFreeze } from './thaw.js';

/** The brake, on a connection that somebody else owns. Opens nothing. */
export function createFreezeClient(context: ClientContext): FreezeClient {
  return {
    freeze: (freeze) => putFreeze(context, freeze),
    thaw: (options) => endFreeze(context, options),
    current: () => readCurrent(context),
  };
}
