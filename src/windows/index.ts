/**
 * Maintenance windows and firings by calendar and time zone, for clients and activities. Never imported by
 * workflow code: zone data may differ between workers, and a replay must not.
 */
export { nextFirings } from './firings.js';
export { findOccurrences, resolveWindow } from './occurrences.js';
export { findScheduleProblems } from './schedule-problems.js';
export { toTemporalSpec } from './firings.js';
export { findLengthProblems, findWindowProblems } from './window-problems.js';
export { formatLocal, isTimeZone } from './zone.js';
