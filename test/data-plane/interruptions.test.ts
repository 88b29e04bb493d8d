/** The analysis against truth: a Redis, an outage and a process that stands still, all in virtual time. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { analyseLane, findGaps, stripOf } from '../../src/data-plane/interruptions.js';
import { createLaneLog } from '../../src/data-plane/lane-log.js';
import type { LaneLog } from '../../src/data-plane/lane-log.js';
import { stalledMs } from '../../src/data-plane/stalls.js';

const LIMIT_MS = 250;
const ROUNDING_MS = 1e-6;
const CONNECT = 'connect-timeout';

/** How Redis does not work: silence, an error at once, or answers that are held back until it works again. */
const OUTAGES = ['silent', 'refused', 'readonly', 'held'] as const;

interface Outage {
  readonly kind: (typeof OUTAGES)[number];
  readonly fromMs: number;
  readonly toMs: number;
}

interface World {
  readonly periodMs: number;
  /** Of a request, in milliseconds; the answer takes as long. */
  readonly wayMs: number;
  readonly outages: readonly Outage[];
  readonly stalls: readonly { readonly fromMs: number; readonly toMs: number }[];
}

const END_MS = 8_000;

/** Times that follow each other with room between, the first after the lane has begun. */
const times = (room: number, longest: number, count: number) =>
  fc
    .array(
      fc.tuple(
        fc.double({ min: room, max: 1_500, noNaN: true }),
        fc.double({ min: 1, max: longest, noNaN: true }),
      ),
      {
        maxLength: count,
      },
    )
    .map((each) => {
      let atMs = 1_000;
      return each.map(([pauseMs, lengthMs]) => {
        const fromMs = atMs + pauseMs;
        atMs = fromMs + lengthMs;
        return { fromMs, toMs: atMs };
      });
    });

const world: fc.Arbitrary<World> = fc
  .record({
    periodMs: fc.constantFrom(20, 50, 100),
    wayMs: fc.double({ min: 0.05, max: 1, noNaN: true }),
    outages: times(5, 1_500, 3),
    kinds: fc.array(fc.constantFrom(...OUTAGES), { minLength: 3, maxLength: 3 }),
    stalls: times(30, 700, 5),
  })
  .map(({ outages, kinds, ...more }) => ({
    ...more,
    outages: outages.map((each, index) => ({ ...each, kind: kinds[index] ?? 'silent' })),
  }));

/** When a stalled process gets to see what happens at an instant. */
const seenAt = ({ stalls }: World, ms: number): number =>
  stalls.find(({ fromMs, toMs }) => fromMs < ms && ms < toMs)?.toMs ?? ms;

const outageAt = ({ outages }: World, ms: number): Outage | undefined =>
  outages.find(({ fromMs, toMs }) => fromMs <= ms && ms < toMs);

/** What becomes of a request that is sent at an instant: when that is known, and how it failed. */
function request(
  given: World,
  sentMs: number,
): { readonly atMs: number; readonly failed: string | null } {
  const { wayMs } = given;
  const arrivesMs = sentMs + wayMs;
  const outage = outageAt(given, arrivesMs);
  const over = { atMs: seenAt(given, sentMs + LIMIT_MS), failed: 'timeout' };
  if (outage === undefined) return { atMs: seenAt(given, arrivesMs + wayMs), failed: null };
  if (outage.kind === 'silent') return over;
  if (outage.kind !== 'held')
    return { atMs: seenAt(given, arrivesMs + wayMs), failed: outage.kind };
  const answeredMs = seenAt(given, outage.toMs + wayMs);
  return answeredMs > over.atMs ? over : { atMs: answeredMs, failed: null };
}

/** A lane as `lane.ts` drives it. */
function play(given: World): LaneLog {
  const log = createLaneLog(given.periodMs, LIMIT_MS);
  let isConnected = true;
  for (let slotMs = 0; slotMs < END_MS;) {
    const sentMs = seenAt(given, slotMs);
    const { atMs, failed } = request(given, sentMs);
    if (failed === null) log.succeeded(sentMs, atMs, Math.round(slotMs / given.periodMs));
    else
      log.failed(
        sentMs,
        atMs,
        failed === 'timeout'
          ? isConnected
            ? 'timeout'
            : CONNECT
          : failed === 'readonly'
            ? 'readonly'
            : 'refused',
      );
    isConnected = failed === null;
    slotMs = Math.max(slotMs + given.periodMs, Math.ceil(atMs / given.periodMs) * given.periodMs);
  }
  return log;
}

/** From the first outage to the end of the last: those that began before a request arrived, and ended after an answer. */
function truthWithin({ outages }: World, fromMs: number, toMs: number): number | null {
  const within = outages.filter((each) => each.fromMs < toMs && each.toMs > fromMs);
  const [first, last] = [within[0], within.at(-1)];
  return first === undefined || last === undefined ? null : last.toMs - first.fromMs;
}

describe('an interruption', () => {
  it('lasted at least and at most what is said of it', () => {
    fc.assert(
      fc.property(world, (given) => {
        for (const gap of findGaps(play(given).stretches, given)) {
          const truth = truthWithin(given, gap.before.lastAckMs, gap.after.sentMs + given.wayMs);
          if (gap.isUnseen) continue;
          expect(truth).not.toBeNull();
          // Redis is a way off: what it does is seen so much later.
          expect(gap.minMs).toBeLessThanOrEqual((truth ?? 0) + 2 * given.wayMs);
          expect(gap.maxMs).toBeGreaterThanOrEqual((truth ?? 0) - ROUNDING_MS);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is said of every outage that lasts, unless our own stall covers it or it does not end', () => {
    fc.assert(
      fc.property(world, (given) => {
        const gaps = findGaps(play(given).stretches, given).filter(({ isUnseen }) => !isUnseen);
        for (const { fromMs, toMs } of given.outages) {
          const stalled = stalledMs(given.stalls, fromMs - 100, toMs + 100);
          if (stalled > 0 || toMs > END_MS - 1_000 || toMs - fromMs < 3 * given.periodMs) continue;
          expect(
            gaps.some(({ before, after }) => before.lastSentMs <= fromMs && after.ackMs >= toMs),
          ).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is never said of stalls of our own, which are unseen', () => {
    fc.assert(
      fc.property(world, (given) => {
        const quiet = { ...given, outages: [] };
        const gaps = findGaps(play(quiet).stretches, quiet);
        expect(gaps.filter(({ isUnseen }) => !isUnseen)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('is as close as two periods and a time limit allow, where nothing stalls', () => {
    fc.assert(
      fc.property(world, (given) => {
        const smooth = { ...given, stalls: [], outages: given.outages.slice(0, 1) };
        for (const { minMs, maxMs } of findGaps(play(smooth).stretches, smooth))
          expect(maxMs - minMs).toBeLessThanOrEqual(3 * given.periodMs + LIMIT_MS + 4);
      }),
      { numRuns: 500 },
    );
  });

  it('has a strip of as many cells as there were periods', () => {
    fc.assert(
      fc.property(world, fc.constantFrom(4, 512), (given, maxRuns) => {
        const { stretches } = play(given);
        const strip = stripOf(stretches, given, maxRuns);
        expect(strip).toMatch(/^(?:\d+[ortxeu])*$/);
        const cells = [...strip.matchAll(/\d+/g)].map(Number);
        expect(cells.length).toBeLessThanOrEqual(maxRuns);
        const last = stretches.at(-1);
        const endMs = last?.kind === 'good' ? last.lastAckMs : (last?.lastEndMs ?? 0);
        const periods = Math.round(endMs / given.periodMs);
        expect(cells.reduce((sum, each) => sum + each, 0)).toBe(periods);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the log of a lane', () => {
  it('begins with five successes in a row', () => {
    const log = createLaneLog(50, LIMIT_MS);
    for (const slot of [0, 1, 2, 3]) log.succeeded(slot * 50, slot * 50 + 1);
    log.failed(200, 201, 'refused');
    expect(log.stretches).toEqual([]);
    for (const slot of [5, 6, 7, 8]) log.succeeded(slot * 50, slot * 50 + 1);
    expect(log.armedAtMs()).toBeNull();
    log.succeeded(450, 451);
    expect(log.armedAtMs()).toBe(451);
    expect(log.counts()).toMatchObject({ ok: 5, errors: {} });
    log.failed(500, 501, 'readonly');
    expect(log.counts().errors).toEqual({ readonly: 1 });
  });

  it('stays small for an hour, and a lane that does nothing but change ends broken', () => {
    const log = createLaneLog(20, LIMIT_MS);
    const calm = createLaneLog(20, LIMIT_MS);
    for (let slot = 0; slot < 180_000; slot += 1) {
      if (slot < 10 || slot % 2 === 0) log.succeeded(slot * 20, slot * 20 + 1);
      else log.failed(slot * 20, slot * 20 + 1, slot % 3 === 0 ? 'reset' : 'readonly');
      calm.succeeded(slot * 20, slot * 20 + 1);
    }
    expect(calm.stretches).toHaveLength(1);
    expect(calm.counts()).toMatchObject({ ok: 180_000 });
    expect(log.stretches).toHaveLength(5_000);
    const figures = analyseLane(log, { stalls: [], periodMs: 20 }, (ms) => ms);
    expect(figures.endsBroken).toBe(true);
    expect(figures.report.interruptions).toHaveLength(20);
    expect(figures.report.strip.length).toBeLessThan(2_048);
  });

  it('has a strip that begins when all lanes were ready, so that cells of lanes stand side by side', () => {
    const log = createLaneLog(50, LIMIT_MS);
    for (let slot = 0; slot < 40; slot += 1) log.succeeded(slot * 50, slot * 50 + 1);
    for (let slot = 40; slot < 50; slot += 1) log.failed(slot * 50, slot * 50 + 1, 'refused');
    for (let slot = 50; slot < 60; slot += 1) log.succeeded(slot * 50, slot * 50 + 1);
    const { report } = analyseLane(log, { stalls: [], periodMs: 50 }, (ms) => ms, 500);
    expect(report.strip).toBe('29o11x9o');
    expect(report.interruptions).toMatchObject([{ from: new Date(500 + 29 * 50).toISOString() }]);
  });

  it('knows how long answers take, to 5 %', () => {
    const log = createLaneLog(50, LIMIT_MS);
    for (let each = 1; each <= 1_000; each += 1) log.succeeded(each * 50, each * 50 + each / 100);
    const { p50, p99 } = log.counts().latencyMs;
    expect(Math.abs(p50 / 5 - 1)).toBeLessThan(0.06);
    expect(Math.abs(p99 / 9.9 - 1)).toBeLessThan(0.06);
  });
});
