/** Schedules of every kind, and how each is played. */
import fc from 'fast-check';

import type { Verdict } from './judge.js';
import { playMaintenance } from './maintenance/play.js';
import { maintenanceSchedules } from './maintenance/schedule.js';
import type { MaintenanceSchedule } from './maintenance/schedule.js';
import type { Sandbox } from './sandbox.js';
import { redisSchedules } from './redis-at-random.js';
import { schedules } from './schedule.js';
import type { Schedule } from './schedule.js';
import { play } from './simulate.js';

/** A schedule of a switchover, or of a maintenance. */
export type AnySchedule = Schedule | MaintenanceSchedule;

/** What is played; `redis`: a switchover whose worker looks at Redis itself. */
export type Kind = 'switchover' | 'redis' | 'maintenance';

/** Which of them a schedule is. */
export function kindOf(schedule: AnySchedule): Kind {
  if ('window' in schedule) return 'maintenance';
  return schedule.redis === undefined ? 'switchover' : 'redis';
}

/** Any schedule of these kinds; one of nine is a maintenance, which takes as long as five others. */
export function schedulesOf(kind: Kind | null): fc.Arbitrary<AnySchedule> {
  if (kind === 'switchover') return schedules;
  if (kind === 'redis') return redisSchedules;
  if (kind === 'maintenance') return maintenanceSchedules;
  return fc.oneof(
    { weight: 5, arbitrary: schedules },
    { weight: 3, arbitrary: redisSchedules },
    { weight: 1, arbitrary: maintenanceSchedules },
  );
}

/** Plays it. */
export function playAny(
  schedule: AnySchedule,
  sandbox: Sandbox,
  trace?: (line: string) => void,
): Promise<Verdict> {
  return 'window' in schedule
    ? playMaintenance(schedule, sandbox, trace)
    : play(schedule, sandbox, trace);
}
