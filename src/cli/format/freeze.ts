import type { FreezeReport } from '../../client.js';
import { describeFreeze } from '../../domain/freeze.js';

import { oneLine } from './plan.js';

/** What a freeze did. */
export function formatFrozen(report: FreezeReport): string {
  const what =
    report.freeze === null
      ? 'Frozen.'
      : `${describeFreeze(report.freeze)}. No forward PUT leaves until then; swaps back are let through.`;
  return [what, ...describeSchedules(report, 'paused')].join('\n');
}

/** What a thaw did. */
export function formatThawed(report: FreezeReport): string {
  const { freeze } = report;
  const what =
    freeze === null ? 'No freeze was in force.' : `Thawed; it was ${describeFreeze(freeze)}.`;
  return [what, ...describeSchedules(report, 'resumed')].join('\n');
}

function describeSchedules(
  { changed, leftPaused, failed }: FreezeReport,
  what: 'paused' | 'resumed',
): string[] {
  return [
    `Schedules ${what}: ${listOf(changed)}`,
    ...(leftPaused.length === 0
      ? []
      : [`Paused by somebody before, and left so: ${listOf(leftPaused)}`]),
    ...failed.map(({ scheduleId, detail }) => `NOT ${what}: ${scheduleId}: ${oneLine(detail)}`),
  ];
}

function listOf(ids: readonly string[]): string {
  return ids.length === 0 ? 'none' : ids.join(', ');
}
