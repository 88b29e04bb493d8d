import type { FreezeReport } from '../../client/freeze/freeze-client.js';
import type { Freeze } from '../../contract/index.js';

import { oneLine } from './plan-words.js';

/** A freeze in one line. */
export function describeFreeze({ until, reason, by }: Freeze): string {
  return `frozen until ${until} by ${by}: ${oneLine(reason)}`;
}

/** What a freeze or a thaw did. */
export function formatFreezeReport({ freeze, changed, leftPaused, failed }: FreezeReport): string {
  const what = freeze === null ? 'resumed' : 'paused';
  return [
    freeze === null
      ? 'Not frozen any more: switchovers may send again.'
      : `${describeFreeze(freeze)}. No forward PUT leaves until then; swaps back are let through.`,
    `Schedules ${what}: ${listOf(changed)}`,
    ...(leftPaused.length === 0 ? [] : [`Paused before, and left so: ${listOf(leftPaused)}`]),
    ...failed.map(({ scheduleId, detail }) => `NOT ${what}: ${scheduleId}: ${oneLine(detail)}`),
  ].join('\n');
}

function listOf(ids: readonly string[]): string {
  return ids.length === 0 ? 'none' : ids.join(', ');
}
