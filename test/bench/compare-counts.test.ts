/** The gate of the benchmark: what counts as a difference from the committed table. */
import { describe, expect, it } from '@jest/globals';

import { compareCounts } from '../../bench/counts/compare.js';
import type { Counts } from '../../bench/counts/count.js';

const run: Counts = {
  outcome: 'SUCCEEDED',
  name: 'roles changed',
  puts: 1,
  calls: { asyncSwap: 1, listNodes: 4, showJob: 3 },
  activities: 4,
  historyEvents: 31,
  historyBytes: 18_000,
};

describe('counts', () => {
  it('that are those of the table do not differ', () => {
    expect(compareCounts([run], [run])).toStrictEqual([]);
  });

  it.each<[string, Partial<Counts>]>([
    ['puts 2 instead of 1', { puts: 2 }],
    ['historyEvents 32 instead of 31', { historyEvents: 32 }],
    ['showJob 4 instead of 3', { calls: { ...run.calls, showJob: 4 } }],
    ['listGroups 1 instead of 0', { calls: { ...run.calls, listGroups: 1 } }],
    ['listNodes 0 instead of 4', { calls: { asyncSwap: 1, showJob: 3 } }],
  ])('differ by one: %s', (difference, change) => {
    const found = [{ ...run, ...change }];
    expect(compareCounts([run], found)).toStrictEqual([`SUCCEEDED (roles changed): ${difference}`]);
  });

  it('may differ by 5 % in history bytes, not by more', () => {
    expect(compareCounts([run], [{ ...run, historyBytes: 18_800 }])).toStrictEqual([]);
    expect(compareCounts([run], [{ ...run, historyBytes: 19_000 }])).toHaveLength(1);
    expect(compareCounts([run], [{ ...run, historyBytes: 17_000 }])).toHaveLength(1);
  });

  it('may differ by more where the table says so of a run, as its figures stand in its history', () => {
    const measured = { ...run, bytesTolerance: 0.25 };
    expect(compareCounts([measured], [{ ...measured, historyBytes: 22_000 }])).toStrictEqual([]);
    expect(compareCounts([measured], [{ ...measured, historyBytes: 23_000 }])).toHaveLength(1);
  });

  it('of a run that only one side knows differ', () => {
    expect(compareCounts([run], [])).toStrictEqual([
      'SUCCEEDED (roles changed): in the table, not measured',
    ]);
    expect(compareCounts([], [run])).toStrictEqual(['SUCCEEDED (roles changed): not in the table']);
  });
});
