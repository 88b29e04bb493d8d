/** Items whose switchover was refused for what passes by itself. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import {
  describeTries,
  nextMoves,
  putBack,
  forwardRules,
} from '../../../src/domain/maintenance/next-moves.js';
import { pendingLeg } from '../../../src/domain/maintenance/state.js';
import type { LegState } from '../../../src/domain/maintenance/state.js';

import { WINDOW, maintenanceOf, planned } from './support.js';

const state = maintenanceOf([planned(0)]);

/** Four minutes of reserves before the window closes. */
const LATEST_START_MS = WINDOW.closesAtMs - 240_000;

const next = (leg: LegState, nowMs: number, random: number) => {
  const [item] = state.items;
  if (item === undefined) throw new Error('the maintenance has one item');
  return putBack(state, item, leg, { message: 'busy' }, { nowMs, random });
};

test('an item goes back six times at the most, each time later than now and before its latest safe start', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: WINDOW.opensAtMs, max: WINDOW.closesAtMs }),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 8, maxLength: 8 }),
      (startMs, randoms) => {
        let leg: LegState = pendingLeg('forward');
        let nowMs = startMs;
        let count = 0;
        for (const random of randoms) {
          const back = next(leg, nowMs, random);
          if (back === null) break;
          count += 1;
          expect(back.returns).toBe(count);
          expect(back.firstTriedAtMs).toBe(startMs);
          expect(back.retryAtMs).toBeGreaterThan(nowMs);
          expect(back.retryAtMs).toBeLessThan(LATEST_START_MS);
          nowMs = back.retryAtMs ?? nowMs;
          leg = { ...leg, ...back };
        }
        expect(count).toBeLessThanOrEqual(6);
        expect(count === 0 || startMs < LATEST_START_MS).toBe(true);
        expect(count > 0 || startMs > LATEST_START_MS - 11_000).toBe(true);
      },
    ),
  );
});

test('a message says how often and how long it was tried, only where that was more than once', () => {
  const leg: LegState = { ...pendingLeg('forward'), returns: 2, firstTriedAtMs: 60_000 };
  const say = (tried: LegState | null, nowMs: number): string =>
    describeTries(tried, 'Refused.', nowMs);
  expect(say(leg, 660_000)).toBe('Tried 3 times within 10 min. The last time: Refused.');
  expect(say({ ...leg, returns: 1 }, 70_000)).toMatch(/^Tried 2 times within 1 min\./);
  expect(say(pendingLeg('forward'), 660_000)).toBe('Refused.');
  expect(say(null, 660_000)).toBe('Refused.');
});

test('a leg that goes back says how often it was refused, and when it is tried again', () => {
  const startedAt = new Date(WINDOW.opensAtMs).toISOString();
  const first = next({ ...pendingLeg('forward'), startedAt }, WINDOW.opensAtMs + 5_000, 0.5);
  expect(first).toMatchObject({
    ...{ state: 'PENDING', stage: null, cause: 'NOT_READY', returns: 1 },
    ...{ firstTriedAtMs: WINDOW.opensAtMs, retryAtMs: WINDOW.opensAtMs + 35_000 },
    reason:
      'refused once since 1970-01-01T00:16:40.000Z for what passes by itself, ' +
      'tried again at 1970-01-01T00:17:15.000Z: busy',
  });
  const waits = [0, 1, 2, 3, 4, 5].map((returns) => {
    const back = next({ ...pendingLeg('forward'), returns }, WINDOW.opensAtMs, 0.5);
    return (back?.retryAtMs ?? 0) - WINDOW.opensAtMs;
  });
  expect(waits).toStrictEqual([30_000, 60_000, 120_000, 240_000, 300_000, 300_000]);
});

test('a leg back has until the end of its own time after the soak', () => {
  const made = maintenanceOf([planned(0)], { returnLeg: { soakSeconds: 0, withinSeconds: 100 } });
  const [item] = made.items;
  if (item === undefined) throw new Error('the maintenance has one item');
  const soaked = { ...made, soakEndsAtMs: 50_000_000 };
  const back = (nowMs: number) =>
    putBack(soaked, item, pendingLeg('return'), { message: '' }, { nowMs, random: 0.5 });
  expect(back(50_000_000)?.retryAtMs).toBe(50_030_000);
  expect(back(50_090_000)?.retryAtMs).toBe(50_095_000);
  expect(back(50_090_002)).toBeNull();
  const unplanned = { ...soaked, facts: null };
  const never = putBack(
    unplanned,
    item,
    pendingLeg('forward'),
    { message: '' },
    { nowMs: 0, random: 1 },
  );
  expect(never).toBeNull();
});

const PAUSED = [{ what: 'paused', by: 'ada', why: null, at: 'T' }] as const;

test.each<[string, Partial<LegState>, object]>([
  ['WINDOW_OVER', {}, { reason: 'its latest safe start had passed' }],
  [
    'LOCK_HELD',
    { retryAtMs: 1, reason: 'held by run 1' },
    { reason: 'held by run 1 until its time was over' },
  ],
  ['LOCK_HELD', { retryAtMs: 1 }, { reason: 'its lock was held until its time was over' }],
  [
    'THROTTLED',
    { cause: 'THROTTLED', retryAtMs: 1, reason: 'limit 100' },
    { reason: 'a quota of the API was spent until its latest safe start: limit 100' },
  ],
  [
    'NOT_READY',
    { cause: 'NOT_READY', retryAtMs: 1, reason: 'busy' },
    { reason: 'busy; then its time was over', isFailure: true },
  ],
  [
    'NOT_READY',
    { cause: 'NOT_READY' },
    { reason: 'not ready; then its time was over', isFailure: true },
  ],
])('an item whose time is over never starts (%s), and says why: %j', (cause, waited, rest) => {
  const made = maintenanceOf([planned(0)]);
  const { facts, items } = made;
  const [item] = items;
  if (item === undefined || facts === null) throw new Error('the maintenance has one item');
  const late = { ...made, items: [{ ...item, forward: { ...item.forward, ...waited } }] };
  const restsOf = (at: typeof made) => nextMoves(at, forwardRules(facts), WINDOW.closesAtMs).rests;
  const base = { instanceId: item.instanceId, cause };
  expect(restsOf(late)).toStrictEqual([{ ...base, ...rest }]);
  // While it was paused it could not have been tried again: no failure of its own.
  const [paused] = restsOf({ ...late, decisions: PAUSED });
  expect(paused).not.toHaveProperty('isFailure');
  expect(paused?.reason).toContain('the maintenance was paused by ada');
});
