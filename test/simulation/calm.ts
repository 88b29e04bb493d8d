/** Whether nothing happened in a schedule that a run may fail of, or that leaves its outcome unresolved. */
import { TAKEN_OVER } from './faults-at-random.js';
import type { Fault, FaultBook } from './faults.js';
import { NEVER_LISTED_MS } from './plots.js';
import type { Asked, Schedule } from './schedule.js';

/** A worker whose clock is further from the API's is turned away by the gateway, whatever it asks. */
const MAX_SKEW_MS = 880_000;

/**
 * A request that must leave sooner, by the clock that is furthest and after what faults took, may come too late without
 * anyone's fault.
 */
const ENOUGH_MS = 60_000;

/** Only harmless conditions and faults, and not many of them. */
export function isCalm({ struck }: FaultBook, schedule: Schedule, asked: Asked): boolean {
  const { workerClocksMs, apiClockMs } = schedule;
  const isTrusted = workerClocksMs.every((ms) => Math.abs(ms - apiClockMs) < MAX_SKEW_MS);
  const disturbing = struck.filter((fault) => !isTakenOver(fault));
  const clocksMs = Math.max(0, apiClockMs, ...workerClocksMs);
  const takenMs = struck.reduce((sum, fault) => sum + ('ms' in fault ? fault.ms : 0), 0);
  return (
    isTrusted &&
    isGood(schedule) &&
    isFollowed(schedule) &&
    disturbing.length <= 1 &&
    disturbing.every((fault) => isHarmless(fault, asked)) &&
    asked.notAfterSeconds * 1_000 - clocksMs - takenMs >= ENOUGH_MS
  );
}

/** Rows and roles that are shown late, but sooner than a run ceases to look; or rows that no run sees. */
function isGood({ job, taskRowDelayMs, staleRoleViewsMs }: Schedule): boolean {
  const isListed = taskRowDelayMs <= 3_000 || taskRowDelayMs === NEVER_LISTED_MS;
  return GOOD_JOBS.includes(job) && isListed && staleRoleViewsMs <= 2_000;
}

/** The address follows the roles sooner than a run ceases to look. */
function isFollowed({ redis }: Schedule): boolean {
  return (redis?.follows ?? []).every(({ move, ms }) => move === 'swap' && ms <= 15_000);
}

const GOOD_JOBS: readonly Schedule['job'][] = ['good', 'slow'];

/** A worker that is lost while it reads costs nothing but time. */
function isTakenOver(fault: Fault): boolean {
  return 'event' in fault && SILENCES.includes(fault.event) && TAKEN_OVER.includes(baseOf(fault));
}

const SILENCES: readonly string[] = ['kill', 'drain', 'halt'];

/** One reading that fails, or takes its time, is done again. */
function isHarmless(fault: Fault, { probe }: Asked): boolean {
  if (!('call' in fault) || !READINGS.includes(baseOf(fault))) return false;
  if (probe === 'require' && baseOf(fault) === 'redis.connect') return false;
  if (fault.call === 'late' || fault.call === 'slow') return fault.ms <= 5_000;
  return fault.call !== 'answered' || fault.status >= 500;
}

const READINGS = [
  ...['dcs.showInstance', 'dcs.listNodes', 'dcs.listTasks', 'dcs.showJob', 'dcs.connect'],
  ...['temporal.describeWorkflowExecution', 'temporal.listWorkflowExecutions', 'redis.connect'],
];

function baseOf({ at }: Fault): string {
  return at.replace(/@.*/, '');
}
