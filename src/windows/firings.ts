import type { MaintenanceWindow, ScheduleSpec } from '../contract/index.js';

import { resolveWindow } from './occurrences.js';
import { compileSchedule, zoneOf } from './schedule-rules.js';
import { serverFirings } from './server-firings.js';
import { formatLocal } from './zone.js';

/** One firing to come, before jitter. */
export interface NextFiring {
  /** RFC 3339, UTC. */
  readonly at: string;
  /** In the schedule's zone, such as `2026-12-05 02:00 +01:00`. */
  readonly local: string;
  /** The window that its plan would use, UTC; `null` when there is none. */
  readonly window: { readonly opensAt: string; readonly closesAt: string } | null;
}

/**
 * The next firings of a schedule as Temporal's server will compute them, jitter apart; fewer where there are no
 * more.
 *
 * @param spec a valid spec, see `findScheduleProblems`
 * @param fromMs epoch milliseconds; firings after it, by a schedule that is created then
 */
export function nextFirings(
  spec: ScheduleSpec,
  window: MaintenanceWindow,
  fromMs: number,
  count: number,
): NextFiring[] {
  const timeZone = zoneOf(spec, window);
  const firings: NextFiring[] = [];
  for (const ms of serverFirings(compileSchedule(spec, window, fromMs), fromMs)) {
    if (firings.length >= count) break;
    firings.push({
      at: format(ms),
      local: formatLocal(ms, timeZone),
      window: windowOf(window, ms),
    });
    if (typeof spec.at === 'string') break;
  }
  return firings;
}

function windowOf(window: MaintenanceWindow, firingMs: number): NextFiring['window'] {
  const span = resolveWindow(window, firingMs);
  return span && { opensAt: format(span.opensAtMs), closesAt: format(span.closesAtMs) };
}

/** RFC 3339 without the fraction that no firing has. */
function format(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}
