/** What Redis itself does, at random: beside the roles that the API shows, and by itself, at any time of a run. */
import fc from 'fast-check';

import { callFault, event, firstOrSecond, milliseconds, strikeAt } from './faults-at-random.js';
import type { Fault } from './faults.js';
import { REDIS_MOVES } from './redis.js';
import type { RedisMove, RedisSpec } from './redis.js';
import { schedules, undisturbed } from './schedule.js';
import type { Schedule } from './schedule.js';

/** Every kind as often as any other. */
const move: fc.Arbitrary<RedisMove> = fc.record({
  move: fc.constantFrom(...REDIS_MOVES),
  ms: fc.oneof(fc.constant(0), milliseconds(60_000)),
});

const spec: fc.Arbitrary<RedisSpec> = fc.record({
  binding: fc.constantFrom<RedisSpec['binding']>('password', 'password', 'password', 'none'),
  follows: fc.oneof(
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 2, arbitrary: fc.array(move, { minLength: 1, maxLength: 2 }) },
  ),
});

/** Where Redis moves by itself: before the last look, around the PUT, while its effect is read, in the hold. */
const POINTS = [
  ...['activity.preflight', 'temporal.report.preflight', 'activity.requestSwap'],
  ...['redis.connect@SWAPPING', 'dcs.connect', 'dcs.asyncSwap', 'temporal.report.requestSwap'],
  ...['dcs.showJob', 'activity.verifyRoles', 'activity.watchRoles', 'redis.connect@VERIFYING'],
  ...['redis.connect@COMPENSATING', 'timer@HOLDING', 'redis.connect@HOLDING'],
];

/** Where the measurement is struck: it may begin late, be lost with its worker, or report when no one waits any more. */
const MEASURING = ['activity.measure', 'temporal.report.measure', 'temporal.heartbeat'];

const whileMeasuring: fc.Arbitrary<Fault> = fc
  .tuple(fc.constantFrom(...MEASURING), firstOrSecond, fc.oneof(callFault, event))
  .filter(([at, , what]) => !('call' in what) || !at.startsWith('activity.'))
  .map(([at, nth, what]) => strikeAt(at, nth, what));

const byItself: fc.Arbitrary<Fault> = fc
  .tuple(fc.constantFrom(...POINTS), firstOrSecond, move)
  .map(([at, nth, what]) => strikeAt(at, nth, { event: 'redis', ...what }));

const lost: fc.Arbitrary<Fault> = fc
  .tuple(fc.integer({ min: 1, max: 6 }), callFault)
  .map(([nth, what]) => strikeAt('redis.connect', nth, what));

const beside = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Fault[]>([]) },
  { weight: 2, arbitrary: byItself.map((one) => [one]) },
  { weight: 1, arbitrary: fc.array(byItself, { minLength: 2, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.array(fc.oneof(byItself, lost), { minLength: 1, maxLength: 3 }) },
);

/** A quarter measures as well. */
const measuring: fc.Arbitrary<Measuring> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Measuring>({ probe: 'off', faults: [] }) },
  {
    weight: 1,
    arbitrary: fc.record({
      probe: fc.constantFrom<Measuring['probe']>('if-possible', 'require'),
      faults: fc.array(whileMeasuring, { maxLength: 1 }),
    }),
  },
);

interface Measuring {
  readonly probe: 'off' | 'if-possible' | 'require';
  readonly faults: readonly Fault[];
}

/** Redis contradicts the outcome, and cannot be seen any more when the run looks once more. */
const thenSilent: fc.Arbitrary<RedisPlot> = fc
  .constantFrom<RedisMove['move']>(
    ...(['stays', 'there-and-back', 'three-moves', 'other-data', 'address-stays'] as const),
  )
  .map((first) => ({
    follows: [{ move: first, ms: 1_000 }],
    // Until the hold is over, and a verification after it.
    faults: [strikeAt('timer@HOLDING', 1, { event: 'redis', move: 'away', ms: 900_000 })],
  }));

interface RedisPlot {
  readonly follows: readonly RedisMove[];
  readonly faults: readonly Fault[];
}

/** Long enough that an unresolved run looks once more. */
const HOLD_SECONDS = 180;

/** Any schedule, half of them otherwise without a fault, with a Redis behind its instance. */
const atRandom: fc.Arbitrary<Schedule> = fc
  .record({
    base: fc.oneof(undisturbed, schedules),
    ...{ spec, beside, isHeld: fc.boolean(), measuring },
  })
  .map(({ base, spec: redis, beside: more, isHeld, measuring: { probe, faults } }) => ({
    ...{ ...base, redis, faults: [...base.faults, ...more, ...faults] },
    asked: base.asked.map((one, index) => ({
      ...one,
      ...(isHeld && index === 0 ? { coolDownSeconds: HOLD_SECONDS } : {}),
      ...(probe === 'off' ? {} : { probe }),
    })),
  }));

const withPlot: fc.Arbitrary<Schedule> = fc
  .tuple(undisturbed, thenSilent)
  .map(([base, { follows, faults }]) => ({
    ...{ ...base, job: 'good', redis: { binding: 'password', follows }, faults },
    asked: base.asked
      .slice(0, 1)
      .map((one) => ({ ...one, coolDownSeconds: HOLD_SECONDS }))
      .flatMap((one) => [one, { ...one, mode: 'verify', afterMs: 1_000 }]),
  }));

/** Any schedule with Redis; one of ten has a plot. */
export const redisSchedules: fc.Arbitrary<Schedule> = fc.oneof(
  { weight: 9, arbitrary: atRandom },
  { weight: 1, arbitrary: withPlot },
);
