import type { ScheduleInput } from '../../contract/index.js';
import { nextFirings } from '../../windows/index.js';

import { checkSchedule, specOf, windowOf } from './check-schedule.js';
import type { Firing } from './schedules-client.js';

const DEFAULT_COUNT = 10;
const MAX_COUNT = 1000;

/** Firings by calculation; see `SchedulesClient.preview`. */
export function previewFirings(
  asked: ScheduleInput,
  {
    count = DEFAULT_COUNT,
    fromMs = Date.now(),
  }: { readonly count?: number; readonly fromMs?: number } = {},
): Firing[] {
  const { input } = checkSchedule(asked, fromMs);
  const asMany = Math.min(MAX_COUNT, Math.max(1, Math.trunc(count)));
  return nextFirings(specOf(input), windowOf(input.maintenance), fromMs, asMany);
}
