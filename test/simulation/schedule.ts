/** Schedules: everything that decides a simulated run, as plain data, and how they are made at random. */
import fc from 'fast-check';

import { faults, milliseconds } from './faults-at-random.js';
import type { Fault } from './faults.js';
import { plots } from './plots.js';
import type { RedisSpec } from './redis.js';

/** What is asked of the instance, one after the other. */
export interface Asked {
  readonly mode: 'switch' | 'verify';
  readonly requestId: string | null;
  readonly goal: 'toggle' | 'other-zone';
  readonly reissue: 'never' | 'once';
  readonly settleSeconds: number;
  readonly coolDownSeconds: number;
  readonly notAfterSeconds: number;
  /** How long after the end of the run before. */
  readonly afterMs: number;
  /** @default "off" */
  readonly probe?: 'if-possible' | 'require';
}

/** One schedule. */
export interface Schedule {
  readonly seed: number;
  readonly asked: readonly Asked[];
  readonly workerClocksMs: readonly number[];
  readonly apiClockMs: number;
  readonly visibilityLagMs: number;
  readonly knowsUser: boolean;
  readonly taskRows: 'withoutJobId' | 'withJobId' | 'ownJobId';
  readonly taskRowDelayMs: number;
  readonly staleRoleViewsMs: number;
  readonly swapShownAs: 'task' | 'status' | 'nothing';
  /** @default 2 */
  readonly nodes?: 2 | 3;
  /** Redis itself, where the worker's settings have a way to it. @default no one looks */
  readonly redis?: RedisSpec;
  readonly job: 'good' | 'slow' | 'fails' | 'fails-changed' | 'lies' | 'never-ends' | 'bad-master';
  readonly faults: readonly Fault[];
}

const clock = fc.oneof(fc.constant(0), fc.constantFrom(-660_000, 660_000, -20_000, 20_000));
const usually = <T>(value: T, ...others: T[]) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant(value) },
    { weight: 1, arbitrary: fc.constantFrom(value, ...others) },
  );

const asked: fc.Arbitrary<Asked> = fc.record({
  mode: fc.constant('switch' as const),
  requestId: fc.constantFrom(null, 'r-1'),
  goal: fc.constantFrom('toggle', 'other-zone'),
  reissue: usually<Asked['reissue']>('never', 'once'),
  settleSeconds: fc.constantFrom(30, 30, 60),
  coolDownSeconds: usually(0, 60),
  notAfterSeconds: fc.constantFrom(900, 900, 60, 20),
  afterMs: milliseconds(600_000),
});

const later = fc.record({
  ...{ first: asked, next: asked },
  mode: fc.constantFrom('switch' as const, 'verify' as const),
  isRepeat: fc.boolean(),
});

const conditions = {
  seed: fc.noShrink(fc.integer({ min: 1, max: 2 ** 31 - 1 })),
  asked: fc.oneof(
    asked.map((one) => [one]),
    later.map(({ first, next, mode, isRepeat }) => [
      first,
      isRepeat ? { ...first, afterMs: next.afterMs, mode: 'switch' as const } : { ...next, mode },
    ]),
  ),
  workerClocksMs: fc.tuple(clock, clock),
  apiClockMs: clock,
  visibilityLagMs: usually(50, 1_500, 4_000),
  knowsUser: fc.boolean(),
  taskRows: usually<Schedule['taskRows']>('withoutJobId', 'withJobId', 'ownJobId'),
  taskRowDelayMs: usually(0, 3_000, 20_000),
  staleRoleViewsMs: usually(0, 2_000, 15_000),
  swapShownAs: usually<Schedule['swapShownAs']>('task', 'status', 'nothing'),
  nodes: usually<2 | 3>(2, 3),
};
const jobs = usually<Schedule['job']>(
  'good',
  ...(['slow', 'fails', 'fails-changed', 'lies', 'never-ends', 'bad-master'] as const),
);

/** A schedule in which something particular is to happen, among conditions that do not prevent it. */
const withPlot = fc
  .tuple(fc.record({ ...conditions, job: jobs }), asked, plots)
  .map(([drawn, one, { asked: terms = {}, again = [], ...plot }]): Schedule => {
    const first = { ...one, ...PLAIN, ...terms };
    const later = again.map((next) => ({ ...first, requestId: null, ...next }));
    return { ...drawn, ...STEADY_CLOCKS, ...plot, asked: [first, ...later] };
  });

const PLAIN = { coolDownSeconds: 0, notAfterSeconds: 900 } as const;
const STEADY_CLOCKS = { workerClocksMs: [0, 0], apiClockMs: 0 } as const;

/** A schedule without a fault. */
export const undisturbed: fc.Arbitrary<Schedule> = fc.record({
  ...{ ...conditions, job: jobs, faults: fc.constant([]) },
});

/** Any schedule: most at random, two fifths with a plot. */
export const schedules: fc.Arbitrary<Schedule> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ ...conditions, job: jobs, faults }) },
  { weight: 2, arbitrary: withPlot },
);
