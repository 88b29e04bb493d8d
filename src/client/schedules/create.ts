import type { ClientContext } from '../rpc.js';

import type { SchedulesClient } from './schedules-client.js';

/** Schedules, on a connection that somebody else owns. Opens nothing. */
export function createSchedulesClient(context: ClientContext): SchedulesClient {
  const later = (): never => {
    throw new Error(`not built yet (${context.taskQueue})`);
  };
  return {
    preview: later,
    ensure: later,
    list: later,
    describe: later,
    pause: later,
    resume: later,
    trigger: later,
    backfill: later,
    delete: later,
  };
}
