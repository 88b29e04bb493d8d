/** What follows from the word of Redis: whether a swap back is held back, and what a person is warned of. */
import { describe, expect, test } from '@jest/globals';

import { WITNESS_WORDS } from '../../src/contract/index.js';
import type { Outcome, WitnessWord } from '../../src/contract/index.js';
import type { RunState } from '../../src/domain/run-state.js';
import { lookedBeforePut, whyHeldBack, witnessWarnings } from '../../src/domain/witnessing.js';
import { LOOK } from '../support/redis-looks.js';

import { INSTANCE_ID, NOW_MS } from './support.js';
import {
  after,
  checked,
  LAST_LOOKS,
  NOT_OFFERED,
  opened,
  REFUSED,
  SEEN,
  UNSEEN,
  watched,
  putAfter,
} from './watched-run.js';

const sayingOf = (word: WitnessWord, judges = true): RunState =>
  watched({ ...SEEN, judges }, LAST_LOOKS[word]);

describe('a swap back', () => {
  const HOLDING_BACK: readonly WitnessWord[] = ['SAME', 'MOVED_AND_BACK', 'CANNOT_TELL'];

  test.each(HOLDING_BACK)('after %s is held back, which says why', (word) => {
    const state = sayingOf(word);
    const { why = '' } = state.dataPlane?.witness ?? {};
    expect(whyHeldBack(state)).toBe(`Redis itself says ${word}: ${why}`);
    expect(why).not.toBe('');
  });

  test.each(WITNESS_WORDS.filter((word) => !HOLDING_BACK.includes(word)))(
    'after %s is not held back',
    (word) => {
      expect(whyHeldBack(sayingOf(word))).toBeNull();
    },
  );

  test.each([
    ['no one looks', checked()],
    ['no entry of the settings says how', checked(NOT_OFFERED)],
    ['Redis may not judge', sayingOf('SAME', false)],
    ['Redis never could tell', watched(UNSEEN, LOOK)],
  ])('is not held back where %s', (_, state) => {
    expect(whyHeldBack(state)).toBeNull();
  });

  test('is held back by a look before the PUT, where that of the pre-check did not work', () => {
    const put = lookedBeforePut('forward', putAfter(LOOK), NOW_MS);
    expect(whyHeldBack(after(opened(UNSEEN), put))).toMatch('CANNOT_TELL');
  });
});

describe('a warning', () => {
  test('is not given where no one looks', () => {
    for (const state of [checked(), checked(NOT_OFFERED)])
      expect(witnessWarnings(state, 'SUCCEEDED')).toStrictEqual([]);
  });

  test.each<[WitnessWord, Outcome]>([
    ['SAME', 'SUCCEEDED'],
    ['OTHER_DATA', 'SUCCEEDED'],
    ['NOT_A_MASTER', 'SUCCEEDED'],
    ['MOVED', 'FAILED_UNCHANGED'],
    ['OTHER_DATA', 'FAILED_UNCHANGED'],
  ])('of %s, where it may not judge, says that it contradicts %s', (word, outcome) => {
    expect(witnessWarnings(sayingOf(word, false), outcome)).toStrictEqual([
      expect.stringMatching(`contradicts it: ${word} \\(.+\\)\\. .* cache mode ha .*\\.$`),
    ]);
  });

  test.each<[WitnessWord, Outcome]>([
    ['MOVED', 'SUCCEEDED'],
    ['SAME', 'FAILED_UNCHANGED'],
    ['OTHER_DATA', 'UNKNOWN'],
    ['MOVED', 'REFUSED'],
  ])('of %s is not given with %s, which it does not contradict', (word, outcome) => {
    expect(witnessWarnings(sayingOf(word, false), outcome)).toStrictEqual([]);
  });

  test('of a word that proves nothing is a sentence, without the doctor where both looks worked', () => {
    expect(witnessWarnings(sayingOf('RESTARTED_OR_REPLACED'), 'SUCCEEDED')).toStrictEqual([
      expect.stringMatching(/^Redis itself: [^\n]+moved\.$/),
    ]);
  });

  test.each([
    ['before the swap', watched(UNSEEN, LOOK)],
    ['afterwards', watched(SEEN, null)],
    ['at any time', opened(UNSEEN)],
  ])('that no look worked %s names the reason, and the doctor of the instance', (_, state) => {
    const warnings = witnessWarnings(state, 'UNKNOWN');
    expect(warnings).toStrictEqual([expect.stringContaining(REFUSED)]);
    expect(warnings.join()).toMatch(new RegExp(`^  dcs-switchover doctor .*${INSTANCE_ID}$`, 'm'));
  });
});
