/** How long what a `before` hook says is worth anything. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { holdsUntilMs } from '../../../src/domain/maintenance/children.js';

const ASKED_MS = Date.UTC(2026, 11, 5);

describe('a proceed', () => {
  test('holds for five minutes from when it was read', () => {
    expect(holdsUntilMs(ASKED_MS, 60, ASKED_MS + 20_000)).toBe(ASKED_MS + 320_000);
  });

  test('that lay about for hours because no worker was there is old when it is read', () => {
    const readAtMs = ASKED_MS + 7_200_000;
    expect(holdsUntilMs(ASKED_MS, 60, readAtMs)).toBeLessThan(readAtMs);
  });

  test('never holds longer than five minutes from reading it, nor than the time of the hook and five minutes', () => {
    const seconds = fc.integer({ min: 0, max: 86_400 });
    fc.assert(
      fc.property(seconds, seconds, (timeoutSeconds, readAfterSeconds) => {
        const readAtMs = ASKED_MS + readAfterSeconds * 1000;
        const untilMs = holdsUntilMs(ASKED_MS, timeoutSeconds, readAtMs);
        expect(untilMs).toBeLessThanOrEqual(readAtMs + 300_000);
        expect(untilMs).toBeLessThanOrEqual(ASKED_MS + timeoutSeconds * 1000 + 300_000);
      }),
    );
  });
});
