/** One meaning of an instant for every input: schema, window, schedule and the run that records a freeze. */
import { describe, expect, test } from '@jest/globals';

import { findFreezeProblems } from '../../src/domain/freeze.js';
import { isInstant } from '../../src/domain/text.js';
import { instant } from '../../src/schema/fields.js';
import { findWindowProblems } from '../../src/windows/index.js';

const CASES: readonly (readonly [text: string, isRight: boolean])[] = [
  ['2026-12-24T06:00:00Z', true],
  ['2026-12-24T06:00:00+01:00', true],
  ['2026-12-24T06:00:00.123456789Z', true],
  ['2028-02-29T06:00:00Z', true],
  ['2026-12-24T06:00Z', false],
  ['2026-12-24T06:00:00.1234567890Z', false],
  ['2026-12-24t06:00:00z', false],
  ['2026-02-30T06:00:00Z', false],
  ['2026-13-01T06:00:00Z', false],
  ['2026-12-24T25:00:00Z', false],
  ['2026-12-24T06:00:00', false],
  ['2026-12-24 06:00:00Z', false],
  ['', false],
];

describe('an instant', () => {
  test.each(CASES)('%j is taken by all inputs or by none: %s', (text, isRight) => {
    const byFreeze = !findFreezeProblems({ until: text, by: 'ann', reason: 'x' }).some(
      ({ field }) => field === 'until',
    );
    const byWindow = !findWindowProblems({ closesAt: text }).some(
      ({ field }) => field === 'window.closesAt',
    );
    expect({
      domain: isInstant(text),
      schema: instant.safeParse(text).success,
      freeze: byFreeze,
      window: byWindow,
    }).toEqual({ domain: isRight, schema: isRight, freeze: isRight, window: isRight });
  });
});
