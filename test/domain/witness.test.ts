/** What two looks prove: the rows of the table, and what holds for any two looks. */
import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';

import { WITNESS_WORDS } from '../../src/contract/index.js';
import type { Look, WitnessWord } from '../../src/contract/index.js';
import { COMPARISON, compareLooks, OTHERWISE } from '../../src/domain/witness.js';

const ELAPSED_SECONDS = 60;
const OLD = 1_000;
const YOUNG = ELAPSED_SECONDS + 2;

const BEFORE: Look = {
  ...{ at: '2026-01-01T00:00:00Z', role: 'master', runId: 'process-a', uptimeSeconds: OLD },
  ...{ replid: 'history-1', replid2: null, offset: 5_000, secondOffset: null },
};

const after = (overrides: Partial<Look> = {}): Look => ({
  ...BEFORE,
  ...{ at: '2026-01-01T00:01:00Z', ...overrides },
});

/** Another process, which goes on with the data of before. */
const PROMOTED: Partial<Look> = {
  ...{ runId: 'process-b', replid: 'history-2', replid2: 'history-1', secondOffset: 5_001 },
};

const wordOf = (before: Look | null, last: Look | null, elapsedSeconds = ELAPSED_SECONDS) =>
  compareLooks(before, last, elapsedSeconds).word;

type Case = readonly [word: WitnessWord, when: string, last: Partial<Look>];

const CASES: readonly Case[] = [
  ['DEMOTED_IN_PLACE', 'the same process is a replica', { role: 'replica' }],
  ['NOT_A_MASTER', 'another process is a replica', { role: 'replica', runId: 'process-b' }],
  ['SAME', 'nothing has changed', {}],
  ['SAME', 'the same process began a history of its own', { replid: 'history-2' }],
  [
    'SAME',
    'the same process names its old history',
    { replid: 'history-2', replid2: 'history-1', secondOffset: 5_001 },
  ],
  [
    'MOVED_AND_BACK',
    'the same process comes from an unseen history',
    { replid: 'history-3', replid2: 'history-2', secondOffset: 5_001 },
  ],
  ['MOVED', 'an older process comes from the old history', PROMOTED],
  [
    'MOVED_MORE_THAN_ONCE',
    'an older process comes from an unseen history',
    { ...PROMOTED, replid: 'history-3', replid2: 'history-2' },
  ],
  [
    'SAME',
    'nothing but the history before has changed',
    { replid2: 'history-0', secondOffset: 10 },
  ],
  ['CANNOT_TELL', 'an older process has the same history', { runId: 'process-b' }],
  [
    'CANNOT_TELL',
    'an older process has the same history, after one that no look has shown',
    { runId: 'process-b', replid2: 'history-0', secondOffset: 10 },
  ],
  ['OTHER_DATA', 'an older process has a history of its own', { ...PROMOTED, replid2: null }],
  [
    'RESTARTED_OR_REPLACED',
    'a process as old as the first look shows all ids of a promotion',
    { ...PROMOTED, uptimeSeconds: YOUNG },
  ],
  ['MOVED', 'it is a second older', { ...PROMOTED, uptimeSeconds: YOUNG + 1 }],
];

describe('the table', () => {
  test.each(CASES)('says %s where %s', (word, _, last) => {
    expect(wordOf(BEFORE, after(last))).toBe(word);
  });

  test.each(CASES.filter(([, , { runId, role }]) => runId !== undefined && role === undefined))(
    'says %s where %s, unless the process is no older than the first look',
    (_, __, last) => {
      const pair = [BEFORE, after({ ...last, uptimeSeconds: YOUNG })] as const;
      expect(wordOf(...pair)).toBe('RESTARTED_OR_REPLACED');
      expect(wordOf(...pair, ELAPSED_SECONDS - 1)).not.toBe('RESTARTED_OR_REPLACED');
    },
  );

  test.each<[warning: string, when: string, last: Partial<Look>]>([
    ['new history without a move', 'the same process has another history', { replid: 'history-2' }],
    ['two servers', 'an older process has the same history', { runId: 'process-b' }],
    ['started during this run', 'a process is young', { ...PROMOTED, uptimeSeconds: 1 }],
  ])('warns of a %s where %s', (warning, _, last) => {
    expect(compareLooks(BEFORE, after(last), ELAPSED_SECONDS).warning).toMatch(warning);
  });

  test.each<[word: WitnessWord, last: Partial<Look>]>([
    ['SAME', {}],
    ['MOVED', PROMOTED],
    ['OTHER_DATA', { ...PROMOTED, replid2: null }],
    ['NOT_A_MASTER', { ...PROMOTED, role: 'replica' }],
  ])('does not warn where it says %s by what it has seen', (word, last) => {
    expect(compareLooks(BEFORE, after(last), ELAPSED_SECONDS)).toMatchObject({
      ...{ word, warning: null },
    });
  });

  it('takes a history that names none before it for no unseen one', () => {
    const before = { ...BEFORE, replid2: 'history-0', secondOffset: 10 };
    expect(wordOf(before, after({ replid: 'history-2' }))).toBe('SAME');
    expect(wordOf(before, after({ ...PROMOTED, replid2: null }))).toBe('OTHER_DATA');
  });

  it('calls a replica that was promoted from an older history OTHER_DATA', () => {
    const before = { ...BEFORE, replid2: 'history-0', secondOffset: 10 };
    const stale = after({ ...PROMOTED, replid2: 'history-0', secondOffset: 20 });
    expect(wordOf(before, stale)).toBe('OTHER_DATA');
  });

  it('does not take the new history of a master without replicas for other data', () => {
    const lonely = after({ ...PROMOTED, uptimeSeconds: 1e6, replid: 'history-3', replid2: null });
    expect(wordOf(BEFORE, lonely, 3_599)).toBe('OTHER_DATA');
    expect(wordOf(BEFORE, lonely, 3_600)).toBe('CANNOT_TELL');
    expect(compareLooks(BEFORE, lonely, 3_600).warning).toMatch('does not show');
    expect(
      wordOf({ ...BEFORE, replid2: 'history-0' }, { ...lonely, replid2: 'history-0' }, 1e5),
    ).toBe('OTHER_DATA');
  });

  test.each([
    ['no look before', null, after()],
    ['no look afterwards', BEFORE, null],
    ['no run_id', { ...BEFORE, runId: '' }, after()],
    ['no run_id afterwards', BEFORE, after({ runId: '' })],
    ['a replica before', { ...BEFORE, role: 'replica' as const }, after(PROMOTED)],
  ])('cannot tell by %s, and warns', (_, before, last) => {
    const { word, why, warning } = compareLooks(before, last, ELAPSED_SECONDS);
    expect({ word, warning }).toEqual({ word: 'CANNOT_TELL', warning: why });
  });

  it.each([
    [0, 5_001],
    [1, 5_000],
    [780, 4_221],
    [0, 9_000],
  ])('counts %i lost bytes where the new history begins at %i', (lost, secondOffset) => {
    const moved = after({ ...PROMOTED, secondOffset });
    expect(compareLooks(BEFORE, moved, ELAPSED_SECONDS).lostBytesAtLeast).toBe(lost);
  });

  it('counts no lost bytes where Redis does not show the offset', () => {
    const moved = after({ ...PROMOTED, secondOffset: null });
    expect(compareLooks(BEFORE, moved, ELAPSED_SECONDS)).toMatchObject({
      ...{ word: 'MOVED', lostBytesAtLeast: null },
    });
  });

  it('has every word', () => {
    const words = [...COMPARISON, OTHERWISE].map(({ word }) => word);
    expect([...new Set(words)].sort()).toEqual([...WITNESS_WORDS].sort());
  });
});

const ids = fc.constantFrom('a', 'b', 'c', 'd');
const looks: fc.Arbitrary<Look> = fc.record({
  ...{ at: fc.constant(BEFORE.at), role: fc.constantFrom('master' as const, 'replica' as const) },
  ...{ runId: fc.constantFrom('', 'p', 'q'), uptimeSeconds: fc.nat(200) },
  ...{ replid: ids, replid2: fc.option(ids), offset: fc.nat(), secondOffset: fc.option(fc.nat()) },
});
const pairs = fc.tuple(looks, looks, fc.nat(200));

describe('for any two looks', () => {
  const check = (predicate: (before: Look, last: Look, elapsed: number) => void): void => {
    fc.assert(
      fc.property(pairs, ([before, last, elapsed]) => {
        predicate(before, last, elapsed);
      }),
    );
  };

  it('only another, older master that comes from the old history has moved', () => {
    check((before, last, elapsed) => {
      if (wordOf(before, last, elapsed) !== 'MOVED') return;
      expect(last).toMatchObject({ role: 'master', replid2: before.replid });
      expect(last.runId).not.toBe(before.runId);
      expect(last.uptimeSeconds).toBeGreaterThan(elapsed + 2);
    });
  });

  it('a bound of the time that is too long costs a proof and never makes one', () => {
    check((before, last, elapsed) => {
      const [exact, longer] = [wordOf(before, last, elapsed), wordOf(before, last, elapsed + 50)];
      expect([exact, 'RESTARTED_OR_REPLACED']).toContain(longer);
    });
  });

  it('says which process answers: the same one has not moved an odd number of times', () => {
    check((before, last, elapsed) => {
      if (before.runId !== last.runId) return;
      const { word } = compareLooks(before, last, elapsed);
      expect(['SAME', 'MOVED_AND_BACK', 'DEMOTED_IN_PLACE', 'CANNOT_TELL']).toContain(word);
    });
  });

  it('says why in words, and counts bytes of MOVED alone', () => {
    check((before, last, elapsed) => {
      const { word, why, lostBytesAtLeast: lost } = compareLooks(before, last, elapsed);
      expect(why).toMatch(/^[a-zR].+[a-z)]$/);
      expect(lost === null || (word === 'MOVED' && lost >= 0)).toBe(true);
    });
  });
});
