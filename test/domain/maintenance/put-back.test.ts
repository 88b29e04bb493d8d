/** Items whose switchover was refused for what passes by itself. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { putBack } from '../../../src/domain/maintenance/next-moves.js';
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
