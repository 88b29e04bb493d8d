import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import {
  intersectDaily,
  judgeTime,
  latestStartMs,
  toResolvedWindow,
  usableSpans,
} from '../../src/domain/maintenance/window.js';

const at = (text: string): number => Date.parse(text);
const span = (opensAt: string, closesAt: string) => ({
  opensAtMs: at(opensAt),
  closesAtMs: at(closesAt),
});
const night = span('2026-12-05T01:00:00Z', '2026-12-05T03:00:00Z');
const reserve = { expectedDurationSeconds: 120, compensationReserveSeconds: 60 };

const instant = fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => seconds * 1000);
const spans = fc
  .tuple(instant, fc.integer({ min: 1, max: 10 * 86_400 }))
  .map(([opensAtMs, seconds]) => ({ opensAtMs, closesAtMs: opensAtMs + seconds * 1000 }));
const timeOfDay = fc
  .nat({ max: 86_399 })
  .map((second) => new Date(second * 1000).toISOString().slice(11, 19));

describe('the latest safe start', () => {
  it('leaves room for a switchover and its swap back before the window closes', () => {
    expect(latestStartMs(night, reserve)).toBe(at('2026-12-05T02:57:00Z'));
    expect(toResolvedWindow(night, reserve)).toEqual({
      opensAt: '2026-12-05T01:00:00.000Z',
      closesAt: '2026-12-05T03:00:00.000Z',
      latestStartAt: '2026-12-05T02:57:00.000Z',
    });
  });
});

describe('an instant', () => {
  const judge = (text: string) => judgeTime([night], reserve, at(text)).when;

  it('is open from the opening to just before the latest safe start', () => {
    expect(judge('2026-12-05T00:59:59.999Z')).toBe('before');
    expect(judge('2026-12-05T01:00:00.000Z')).toBe('open');
    expect(judge('2026-12-05T02:56:59.999Z')).toBe('open');
    expect(judge('2026-12-05T02:57:00.000Z')).toBe('over');
  });

  it('is over where there is no span, or only some that close too soon', () => {
    expect(judgeTime([], reserve, 0)).toEqual({ when: 'over' });
    const short = span('2026-12-05T01:00:00Z', '2026-12-05T01:03:00Z');
    expect(usableSpans([short, night], reserve)).toEqual([night]);
    expect(judgeTime([short], reserve, short.opensAtMs)).toEqual({ when: 'over' });
  });

  it('between two spans waits for the second', () => {
    const second = span('2026-12-05T05:00:00Z', '2026-12-05T06:00:00Z');
    expect(judgeTime([night, second], reserve, at('2026-12-05T02:57:00Z'))).toEqual({
      when: 'before',
      span: second,
      latestStartMs: at('2026-12-05T05:57:00Z'),
    });
  });

  it('is never open outside a span, nor where too little of it is left', () => {
    fc.assert(
      fc.property(fc.array(spans), instant, fc.nat({ max: 7200 }), (some, nowMs, seconds) => {
        const room = { expectedDurationSeconds: seconds, compensationReserveSeconds: 60 };
        const verdict = judgeTime(some, room, nowMs);
        const isOpen = some.some(
          (one) => one.opensAtMs <= nowMs && nowMs + (seconds + 60) * 1000 < one.closesAtMs,
        );
        const left = verdict.when === 'open' ? verdict.latestStartMs - nowMs : 1;
        expect(left).toBeGreaterThan(0);
        expect(isOpen || verdict.when !== 'open').toBe(true);
      }),
    );
  });
});

describe("an instance's own window", () => {
  const parts = (begin: string, end: string, whole = night) =>
    intersectDaily(whole, begin, end)?.map(({ opensAtMs, closesAtMs }) =>
      [opensAtMs, closesAtMs].map((ms) => new Date(ms).toISOString().slice(5, 16)).join('/'),
    );

  it('narrows the window', () => {
    expect(parts('02:00:00', '06:00:00')).toEqual(['12-05T02:00/12-05T03:00']);
    expect(parts('00:00:00', '23:59:59')).toEqual(['12-05T01:00/12-05T03:00']);
    expect(parts('03:00:00', '04:00:00')).toEqual([]);
  });

  it('may cross midnight', () => {
    expect(parts('22:00:00', '02:00:00')).toEqual(['12-05T01:00/12-05T02:00']);
    expect(
      parts('23:00:00', '00:00:00', span('2026-12-05T22:00:00Z', '2026-12-06T02:00:00Z')),
    ).toEqual(['12-05T23:00/12-06T00:00']);
  });

  it('may cut the window into several spans', () => {
    expect(parts('02:30:00', '01:30:00')).toEqual([
      '12-05T01:00/12-05T01:30',
      '12-05T02:30/12-05T03:00',
    ]);
    expect(
      parts('02:00:00', '06:00:00', span('2026-12-05T05:00:00Z', '2026-12-07T03:00:00Z')),
    ).toEqual(['12-05T05:00/12-05T06:00', '12-06T02:00/12-06T06:00', '12-07T02:00/12-07T03:00']);
  });

  it.each([
    ['02:00:00', '02:00:00'],
    ['', '06:00:00'],
    ['02:00', '06:00'],
    ['24:00:00', '06:00:00'],
  ])('is not reported by "%s" to "%s"', (begin, end) => {
    expect(intersectDaily(night, begin, end)).toBeNull();
  });

  it('has exactly the instants that lie in the window and in its time of day', () => {
    fc.assert(
      fc.property(
        spans,
        timeOfDay,
        timeOfDay,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (whole, begin, end, share) => {
          const found = intersectDaily(whole, begin, end);
          fc.pre(found !== null);
          const ms = whole.opensAtMs + Math.floor(share * (whole.closesAtMs - 1 - whole.opensAtMs));
          const clock = new Date(ms).toISOString().slice(11, 19);
          const isInside =
            begin < end ? begin <= clock && clock < end : begin <= clock || clock < end;
          const isFound = found.some((one) => one.opensAtMs <= ms && ms < one.closesAtMs);
          expect(isFound).toBe(isInside);
          for (const [index, one] of found.entries()) {
            expect(one.opensAtMs).toBeLessThan(one.closesAtMs);
            expect(one.opensAtMs).toBeGreaterThan(found[index - 1]?.closesAtMs ?? -Infinity);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
