import type { ScheduleInput } from '../../contract/index.js';
import { nextFirings } from '../../windows/index.js';

import { LOOK_AHEAD, checkSchedule, specOf, windowOf } from './check-schedule.js';
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
  const { input, firings } = checkSchedule(asked, fromMs);
  const asMany = Math.min(MAX_COUNT, Math.max(1, Math.trunc(count)));
  if (asMany <= LOOK_AHEAD) return firings.slice(0, asMany);
  return nextFirings(specOf(input), windowOf(input.maintenance), fromMs, asMany);
}
