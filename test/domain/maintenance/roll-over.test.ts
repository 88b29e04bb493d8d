/** When a run of a maintenance hands over to the next. */
import { describe, expect, test } from '@jest/globals';

import { MAX_MAINTENANCE_INSTANCES } from '../../../src/contract/index.js';
import { isLongHistory } from '../../../src/domain/maintenance/state.js';

const young = { historyLength: 3, historySize: 20_000, continueAsNewSuggested: false };

describe('a history', () => {
  test.each([
    ['of a run that has just begun is short', young, false],
    ['of 999 events is short', { ...young, historyLength: 999 }, false],
    [
      'of 1,000 events is long, though the server suggests nothing',
      { ...young, historyLength: 1_000 },
      true,
    ],
    ['of few events and 3 MiB is long', { ...young, historySize: 3 * 1024 * 1024 }, true],
  ])('%s', (_, history, isLong) => {
    expect(isLongHistory(history)).toBe(isLong);
  });

  test('that begins with the largest state and input is short, so that each run gets something done', () => {
    // What a run carries stays below the server's limit of 2 MB for one payload.
    expect(isLongHistory({ ...young, historySize: 2_000_000 })).toBe(false);
    expect(MAX_MAINTENANCE_INSTANCES).toBe(1_000);
  });
});
