import type { ScheduleInput } from '../../contract/index.js';
import { nextFirings } from '../../windows/index.js';

import { checkNumber } from '../check-number.js';

import { LOOK_AHEAD, checkSchedule, specOf, windowOf } from './check.js';
import type { Firing } from './client.js';

const DEFAULT_COUNT = 10;
const MAX_COUNT = 1000;

/** Latest instant that a `Date` can hold, epoch milliseconds. */
const MAX_DATE_MS = 8_640_000_000_000_000;

/** Firings by calculation; see `SchedulesClient.preview`. */
export function previewFirings(
  asked: ScheduleInput,
  {
    count = DEFAULT_COUNT,
    fromMs = Date.now(),
  }: { readonly count?: number; readonly fromMs?: number } = {},
): Firing[] {
  checkNumber('fromMs', fromMs, { min: 0, max: MAX_DATE_MS });
  const { input, firings } = checkSchedule(asked, fromMs);
  const asMany = Math.trunc(checkNumber('count', count, { min: 1, max: MAX_COUNT }));
  if (asMany <= LOOK_AHEAD) return firings.slice(0, asMany);
  return nextFirings(specOf(input), windowOf(input.maintenance), fromMs, asMany);
}
