/**
 * Plots: what chance alone brings about too seldom, because several things have to come together. Each says which
 * conditions and faults it needs; the rest of its schedule is drawn like any other.
 */
import fc from 'fast-check';

import {
  anyCallFault,
  anyEvent,
  firstOrSecond,
  milliseconds,
  reset,
  strikeAt,
} from './faults-at-random.js';
import type { CallFault, Event, Fault } from './faults.js';
import type { Asked, Schedule } from './schedule.js';

/** What a plot asks for. */
export interface Plot extends Partial<Omit<Schedule, 'asked'>> {
  readonly asked?: Partial<Asked>;
  /** What is asked after it. @default nothing */
  readonly again?: readonly Partial<Asked>[];
  readonly faults: readonly Fault[];
}

const PUT = 'dcs.asyncSwap';

/** Until a row is listed: longer than any run. */
export const NEVER_LISTED_MS = 86_400_000;

/** Answers to a PUT that say nothing of what it did. */
const LOST: readonly CallFault[] = [
  { call: 'lost' },
  { call: 'answered', status: 502, executed: false },
];
const DOUBTFUL: readonly CallFault[] = [
  ...LOST,
  { call: 'answer-lost' },
  { call: 'unanswered' },
  { call: 'answered', status: 504, executed: true },
];

/** Points that a run passes while it reads. */
const READING = [
  ...['dcs.listNodes', 'dcs.showInstance', 'dcs.listTasks', 'temporal.heartbeat'],
  ...['activity.watchRoles', 'temporal.report.watchRoles', 'task'],
];
const AWAITING = [
  ...['activity.awaitJob', 'dcs.showJob', 'temporal.heartbeat', 'temporal.report.awaitJob', 'task'],
];
const SENDING = [
  ...['activity.requestSwap', 'dcs.listNodes', 'dcs.listTasks', 'dcs.connect', PUT],
  ...['temporal.recordActivityTaskHeartbeat', 'temporal.report.requestSwap', 'dcs.showJob'],
];
const CALLED = /^(dcs|temporal)\./;

/** Anything, while the run is in one phase. */
const during = (phase: string, points: readonly string[]) =>
  fc
    .tuple(
      fc.oneof(
        fc.tuple(fc.constantFrom(...points.filter((at) => CALLED.test(at))), anyCallFault),
        fc.tuple<[string, Event]>(fc.constantFrom(...points), anyEvent),
      ),
      firstOrSecond,
    )
    .map(([[at, what], count]) => strikeAt(`${at}@${phase}`, count, what));

/** A PUT that goes well, and anything while its job is awaited, or the roles are read after it. */
const whileWaiting = fc
  .oneof(
    during('AWAITING_JOB', AWAITING),
    during('VERIFYING', [...READING, 'activity.verifyRoles', 'temporal.report.verifyRoles']),
  )
  .map((later): Plot => ({ faults: [later] }));

/** A PUT without an answer, and anything while its trace is looked for. */
const whileReconciling = fc
  .tuple(fc.constantFrom(...DOUBTFUL), during('RECONCILING', READING))
  .map(([answer, later]): Plot => ({ faults: [strikeAt(PUT, 1, answer), later] }));

/** Long enough that an unresolved run has something left of it to keep the lock for. */
const HOLDS = { coolDownSeconds: 180 };

/** An unresolved run, and anything while it keeps the lock or looks once more. */
const whileHolding = fc
  .tuple(
    fc.constantFrom<Plot>(
      { job: 'lies', faults: [] },
      { job: 'never-ends', faults: [] },
      { job: 'good', faults: [strikeAt(PUT, 1, { call: 'lost' })] },
    ),
    fc.oneof(
      during('HOLDING', READING),
      anyEvent.map((what) => strikeAt('timer@HOLDING', 1, what)),
    ),
  )
  .map(([plot, later]): Plot => ({
    ...{ ...plot, asked: HOLDS },
    faults: [...plot.faults, later],
  }));

/** A new master that is not Active, and anything while that is undone. */
const whileCompensating = fc
  .oneof(
    { weight: 3, arbitrary: during('COMPENSATING', SENDING) },
    { weight: 3, arbitrary: during('COMPENSATING', READING) },
    {
      weight: 1,
      arbitrary: anyEvent.map((what) => strikeAt('temporal.report.verifyRoles', 1, what)),
    },
    { weight: 1, arbitrary: fc.constant(strikeAt('activity.requestSwap', 2, { event: 'heal' })) },
  )
  .map((later): Plot => ({ job: 'bad-master', faults: [later] }));

/** A PUT that does nothing and says nothing, and another's swap that looks like its work. */
const anotherInItsPlace = fc
  .tuple(
    fc.constantFrom(...LOST),
    fc.constantFrom(PUT, 'temporal.report.requestSwap', 'dcs.listTasks@RECONCILING'),
    fc.constantFrom<Event>({ event: 'foreign-swap' }, { event: 'failover' }),
    fc.boolean(),
  )
  .map(([answer, at, event, knowsUser]): Plot => {
    return { knowsUser, job: 'good', faults: [strikeAt(PUT, 1, answer), strikeAt(at, 1, event)] };
  });

/** A PUT that goes well, and another's swap or a failover before the run has looked. */
const anotherAfterwards = fc
  .tuple(
    fc.constantFrom('dcs.showJob', 'activity.verifyRoles', 'dcs.listNodes@VERIFYING'),
    firstOrSecond,
    fc.constantFrom<Event>({ event: 'foreign-swap' }, { event: 'failover' }),
    fc.constantFrom<Schedule['job']>('good', 'fails', 'lies', 'bad-master'),
  )
  .map(([at, count, event, job]): Plot => ({ job, faults: [strikeAt(at, count, event)] }));

/** The clock of the API is set, mostly back, amid a job whose row names no job. */
const clockSetAmidTheJob = fc
  .tuple(
    fc.constantFrom('temporal.report.requestSwap', 'activity.awaitJob', 'dcs.showJob'),
    fc.constantFrom(-660_000, -180_000, -5_000, 180_000),
    fc.constantFrom<Schedule['job']>('good', 'good', 'slow', 'fails', 'bad-master'),
    fc.boolean(),
  )
  .map(([at, ms, job, knowsUser]): Plot => ({
    ...{ job, knowsUser, taskRows: 'withoutJobId' },
    faults: [strikeAt(at, 1, { event: 'api-clock', ms })],
  }));

/** A job that says FAIL and has moved the master, which lists show late. */
const failedButMoved = fc
  .constantFrom(15_000, 20_000, 30_000)
  .map((staleRoleViewsMs): Plot => ({ job: 'fails-changed', staleRoleViewsMs, faults: [] }));

/** Little time: a call of the pre-check takes most of it, one right before the PUT the rest. */
const shortOfTime = fc
  .tuple(
    fc.constantFrom('dcs.listTasks', 'dcs.showInstance', 'dcs.listNodes'),
    fc.constantFrom('dcs.listTasks@SWAPPING', 'dcs.listNodes@SWAPPING'),
    fc.integer({ min: 6_000, max: 9_500 }),
    fc.integer({ min: 4_000, max: 9_500 }),
    fc.integer({ min: 10, max: 14 }),
  )
  .map(([early, late, earlyMs, lateMs, notAfterSeconds]): Plot => ({
    asked: { notAfterSeconds },
    faults: [
      strikeAt(early, 1, { call: 'slow', ms: earlyMs }),
      strikeAt(late, 1, { call: 'slow', ms: lateMs }),
    ],
  }));

/** The PUT gets no connection, and before it is tried again the roles have moved. */
const movedBeforeTheSecondTry = fc
  .constantFrom<Event>({ event: 'foreign-swap' }, { event: 'failover' })
  .map((event): Plot => ({
    faults: [strikeAt('dcs.connect', 1, { call: 'refused' }), strikeAt('dcs.connect', 1, event)],
  }));

/** A worker that is lost on the way to its fence. */
const lostBeforeTheFence = fc
  .tuple(
    fc.constantFrom('activity.requestSwap', 'dcs.listNodes@SWAPPING', 'dcs.connect'),
    fc.constantFrom<Event['event'] & ('kill' | 'halt')>('kill', 'halt'),
    milliseconds(60_000),
  )
  .map(([at, event, ms]): Plot => ({ faults: [strikeAt(at, 1, { event, ms })] }));

/** A worker that is lost with its PUT on the way, or right behind it; sometimes the PUT is lost, too, or comes late. */
const lostWithItsPut = fc
  .tuple(
    fc.constantFrom(PUT, 'temporal.report.requestSwap'),
    fc.constantFrom<Event['event'] & ('kill' | 'halt')>('kill', 'halt'),
    milliseconds(60_000),
    fc.boolean(),
    fc.constantFrom<readonly CallFault[]>(
      ...([[], [], [{ call: 'lost' }], [{ call: 'late', ms: 120_000 }]] as const),
    ),
  )
  .map(([at, event, ms, knowsUser, calls]): Plot => ({
    ...{ knowsUser, job: 'good' },
    // A first PUT that comes later than a re-issue waits is the one exception to the promise.
    asked: calls.some(({ call }) => call === 'late') ? { reissue: 'never' } : {},
    faults: [strikeAt(at, 1, { event, ms }), ...calls.map((call) => strikeAt(PUT, 1, call))],
  }));

/** A worker that is lost while it polls a job that was found by its row, or whose row no list shows in time. */
const lostWhilePolling = fc
  .tuple(
    fc.constantFrom<Plot>(
      { taskRows: 'withoutJobId', faults: [strikeAt(PUT, 1, { call: 'answer-lost' })] },
      { taskRows: 'withoutJobId', faults: [strikeAt(PUT, 1, { call: 'unanswered' })] },
      { taskRowDelayMs: NEVER_LISTED_MS, faults: [] },
    ),
    fc.integer({ min: 2, max: 4 }),
    milliseconds(60_000),
  )
  .map(([plot, count, ms]): Plot => ({
    ...{ knowsUser: true, job: 'slow', ...plot },
    faults: [...plot.faults, strikeAt('dcs.showJob', count, { event: 'kill', ms })],
  }));

/** A freeze that begins between the pre-check and the PUT; its end may have passed by a clock that is ahead. */
const frozenOnTheWay = fc
  .tuple(
    fc.constantFrom('temporal.report.preflight', 'activity.requestSwap'),
    milliseconds(120_000),
    fc.constantFrom([0, 0], [660_000, 660_000]),
  )
  .map(([at, ms, workerClocksMs]): Plot => ({
    workerClocksMs,
    faults: [strikeAt(at, 1, { event: 'freeze', ms })],
  }));

/** An unresolved run, and two more that have to leave the instance alone, or one that settles it. */
const afterAnUnresolvedOne = fc
  .tuple(
    fc.constantFrom(...DOUBTFUL),
    fc.constantFrom<Asked['mode']>('switch', 'verify'),
    milliseconds(60_000),
  )
  .map(([answer, mode, afterMs]): Plot => ({
    job: 'good',
    again: [{ mode, afterMs }, { afterMs }],
    faults: [strikeAt(PUT, 1, answer)],
  }));

/** One reset after another, at any point of a run and behind it; sometimes of a PUT that says nothing. */
const resetAgain = fc
  .tuple(
    fc.constantFrom<readonly Fault[]>([], [], [strikeAt(PUT, 1, { call: 'answer-lost' })]),
    fc.array(
      fc
        .tuple(fc.constantFrom('task', ...SENDING, 'activity.awaitJob'), firstOrSecond, reset)
        .map(([at, count, event]) => strikeAt(at, count, event)),
      { minLength: 1, maxLength: 3 },
    ),
    fc.constantFrom<Asked['mode'] | null>(null, null, 'switch', 'verify'),
    fc.constantFrom(null, 'r-1'),
  )
  .map(([put, resets, mode, requestId]): Plot => ({
    asked: { requestId },
    again: mode === null ? [] : [{ mode, requestId, afterMs: 200_000 }],
    faults: [...put, ...resets],
  }));

/** A freeze that is ended, and set again, while the run is on its way to its PUT. */
const frozenAgain = fc
  .tuple(
    fc.constantFrom('activity.preflight', 'temporal.report.preflight', 'activity.requestSwap'),
    fc.constantFrom('dcs.showInstance@SWAPPING', 'dcs.listTasks@SWAPPING', 'dcs.connect'),
    fc.constantFrom<Event>({ event: 'thaw' }, { event: 'freeze', ms: 60_000 }),
    fc.constantFrom(...SENDING),
    milliseconds(60_000),
    fc.constantFrom([0, 0], [-660_000, 660_000], [660_000, 660_000], [-660_000, -660_000]),
  )
  .map(([first, then, what, again, ms, workerClocksMs]): Plot => ({
    workerClocksMs,
    faults: [
      strikeAt(first, 1, { event: 'freeze', ms: Math.min(ms, 20_000) }),
      strikeAt(first, 1, what),
      strikeAt(then, 1, { event: 'thaw' }),
      strikeAt(again, 1, { event: 'freeze', ms }),
    ],
  }));

/** The replica that was to be promoted is not the next one any more. */
const promotesAnother = fc
  .tuple(
    fc.constantFrom('temporal.report.preflight', ...SENDING),
    fc.constantFrom<Schedule['job']>('good', 'good', 'slow', 'bad-master'),
    fc.constantFrom<readonly Fault[]>(
      [],
      [],
      [strikeAt('activity.verifyRoles', 1, { event: 'priorities' })],
    ),
  )
  .map(([at, job, more]): Plot => ({
    ...{ job, nodes: 3, asked: { goal: 'other-zone' } },
    faults: [strikeAt(at, 1, { event: 'priorities' }), ...more],
  }));

/** Every plot; those that fill the tables of rare phases are drawn most. */
export const plots: fc.Arbitrary<Plot> = fc.oneof(
  { weight: 5, arbitrary: whileWaiting },
  { weight: 5, arbitrary: whileReconciling },
  { weight: 6, arbitrary: whileHolding },
  { weight: 8, arbitrary: whileCompensating },
  { weight: 3, arbitrary: anotherInItsPlace },
  { weight: 3, arbitrary: anotherAfterwards },
  { weight: 2, arbitrary: clockSetAmidTheJob },
  { weight: 1, arbitrary: failedButMoved },
  { weight: 1, arbitrary: shortOfTime },
  { weight: 1, arbitrary: movedBeforeTheSecondTry },
  { weight: 1, arbitrary: lostBeforeTheFence },
  { weight: 2, arbitrary: lostWithItsPut },
  { weight: 2, arbitrary: lostWhilePolling },
  { weight: 1, arbitrary: frozenOnTheWay },
  { weight: 3, arbitrary: resetAgain },
  { weight: 2, arbitrary: frozenAgain },
  { weight: 2, arbitrary: promotesAnother },
  { weight: 1, arbitrary: afterAnUnresolvedOne },
);
