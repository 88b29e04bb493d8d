import type { ClientContext } from '../../temporal/rpc.js';

import { backfillRange } from './backfill.js';
import { deleteSchedule, setPaused, triggerNow } from './control.js';
import { ensureSchedule } from './ensure.js';
import { previewFirings } from './preview.js';
import { listSchedules, readDetails } from './read.js';
import type { SchedulesClient } from './client.js';

/** Schedules, on a connection that somebody else owns. Opens nothing. */
export function createSchedulesClient(context: ClientContext): SchedulesClient {
  return {
    preview: (input, options) => previewFirings(input, options),
    ensure: (input) => ensureSchedule(context, input),
    list: () => listSchedules(context),
    describe: (scheduleId) => readDetails(context, scheduleId),
    pause: (scheduleId, note) => setPaused(context, scheduleId, true, note),
    resume: (scheduleId, note) => setPaused(context, scheduleId, false, note),
    trigger: (scheduleId) => triggerNow(context, scheduleId),
    backfill: (scheduleId, range) => backfillRange(context, scheduleId, range),
    delete: (scheduleId) => deleteSchedule(context, scheduleId),
  };
}
