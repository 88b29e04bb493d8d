/** What a run makes of a watch at Redis after a swap: which word it leaves, and when an earlier one stands. */
import { describe, expect, test } from '@jest/globals';

import { WITNESS_WORDS } from '../../src/contract/index.js';
import type { RunState } from '../../src/domain/run-state.js';
import type { WitnessSighting } from '../../src/domain/witness.js';
import {
  doesWordStand,
  examinedLooked,
  judgingWord,
  lookedBeforePut,
  redisUnseen,
  redisWatched,
  swapBackBegun,
  testify,
} from '../../src/domain/witnessing.js';
import { LOOK, MOVED } from '../support/redis-looks.js';

import { NOW_MS } from './support.js';
import {
  after,
  checked,
  EXAMINED,
  lastNoteOf,
  NOT_OFFERED,
  opened,
  REFUSED,
  SEEN,
  sightingOf,
  UNSEEN,
  watched,
  putAfter,
} from './watched-run.js';

const NO_LOOK_BEFORE = 'no look at Redis from before the swap';
const UNSTEADY = 'two servers answer in turn';

const seenBy = (state: RunState, sighting: WitnessSighting | undefined) =>
  after(state, redisWatched('forward', sighting));

describe('a sighting', () => {
  const SINCE = { look: LOOK, sinceMs: NOW_MS - 60_000 };
  const young = { ...MOVED, uptimeSeconds: 62 };

  test.each<[string, string, WitnessSighting | undefined, string]>([
    ['of the promoted replica', 'MOVED', sightingOf(MOVED), 'another server is the master'],
    [
      'whose last look failed',
      'MOVED',
      sightingOf(MOVED, { why: REFUSED }),
      'another server is the master',
    ],
    [
      'of a process that is a second older',
      'MOVED',
      sightingOf({ ...young, uptimeSeconds: 63 }),
      '',
    ],
    ['of a process as young as the swap', 'RESTARTED_OR_REPLACED', sightingOf(young), ''],
    ['that never worked', 'CANNOT_TELL', sightingOf(null), REFUSED],
    ['without a reason', 'CANNOT_TELL', sightingOf(null, { why: null }), 'could not be looked at'],
    ['that there is none of', 'CANNOT_TELL', undefined, 'could not be looked at'],
    ['of two servers', 'CANNOT_TELL', sightingOf(MOVED, { isSteady: false }), UNSTEADY],
  ])('%s says %s', (_, word, sighting, why) => {
    const testimony = testify(SINCE, sighting, NOW_MS);
    expect(testimony).toMatchObject({ word, why: expect.stringContaining(why) });
    expect(testimony.warning === null).toBe(word === 'MOVED');
    expect(testimony.lostBytesAtLeast).toBe(word === 'MOVED' ? 0 : null);
  });

  test.each([
    ['could not look', sightingOf(null)],
    ['could', sightingOf(MOVED)],
  ])('has nothing to compare with where none came before, whether it %s', (_, sighting) => {
    const { word, why, warning } = testify(null, sighting, NOW_MS);
    expect({ word, warning }).toStrictEqual({ word: 'CANNOT_TELL', warning: why });
    expect(why).toContain(NO_LOOK_BEFORE);
  });

  test('warns with its own reason that it could not look', () => {
    expect(testify(SINCE, sightingOf(null), NOW_MS).warning).toBe(REFUSED);
    expect(testify(SINCE, sightingOf(MOVED, { isSteady: false }), NOW_MS).warning).toContain(
      UNSTEADY,
    );
  });
});

describe('a watch', () => {
  test('leaves nothing where no one looks', () => {
    for (const state of [checked(), checked(NOT_OFFERED)])
      expect(redisWatched('forward', sightingOf(MOVED))(state, NOW_MS)).toBe(state);
  });

  test('leaves its word, what it is of, and both looks', () => {
    const lagging = { ...MOVED, secondOffset: 4_221 };
    const { witness, dataPlane } = watched(SEEN, lagging);
    expect(witness).toMatchObject({ wordIsOf: 'forward', warning: null });
    expect(dataPlane?.witness).toMatchObject({
      ...{ word: 'MOVED', lostBytesAtLeast: 780, before: LOOK, after: lagging, looks: 3 },
    });
    expect(lastNoteOf(watched(SEEN, MOVED))).toMatch(/: MOVED \(another server .*\)$/);
  });

  test('warns of a word that proves nothing', () => {
    const restarted = watched(SEEN, { ...MOVED, uptimeSeconds: 1 });
    expect(restarted.witness?.warning).toMatch(/started during this run/);
  });

  test('that an activity did not report has seen nothing', () => {
    const { witness, dataPlane } = seenBy(opened(SEEN), undefined);
    expect(dataPlane?.witness).toMatchObject({ word: 'CANNOT_TELL', after: null, looks: 1 });
    expect(witness).toMatchObject({ judges: true, wordIsOf: 'forward' });
  });

  test('of a swap that no look came before, though the run has looked, says so', () => {
    const state = after(opened(SEEN), redisWatched('compensate', sightingOf(MOVED)));
    expect(state.dataPlane?.witness).toMatchObject({
      ...{ word: 'CANNOT_TELL', why: expect.stringContaining(NO_LOOK_BEFORE) },
    });
  });

  test('of a swap back says what it is of', () => {
    const state = after(
      ...([watched(SEEN, MOVED), swapBackBegun] as const),
      redisWatched('compensate', sightingOf(MOVED)),
    );
    expect(state.witness?.wordIsOf).toBe('compensate');
    const { why = '', word } = state.dataPlane?.witness ?? {};
    expect(word).toBe('SAME');
    expect(why).toMatch(/^since the swap back, the old master/);
    expect(watched(SEEN, LOOK).dataPlane?.witness.why).toMatch(/^the old master/);
  });

  test('compares with the look before the PUT where that of the pre-check did not work', () => {
    const put = lookedBeforePut('forward', putAfter(LOOK), NOW_MS);
    const state = after(opened(UNSEEN), put, redisWatched('forward', sightingOf(MOVED)));
    expect(state.dataPlane?.witness).toMatchObject({ word: 'MOVED', before: LOOK });
    expect(state.witness?.warning).toBeNull();
  });
});

describe('what a watch saw may judge', () => {
  test.each([
    [true, true, true],
    [true, false, false],
    [false, true, false],
    [false, false, false],
  ])('where the first look may (%s) and its own may (%s): %s', (first, own, judges) => {
    const state = seenBy(opened({ ...SEEN, judges: first }), sightingOf(MOVED, { judges: own }));
    expect(state.witness?.judges).toBe(judges);
    expect(judgingWord(state)).toBe(judges ? 'MOVED' : null);
  });

  test('nothing where no one looks', () => {
    expect(judgingWord(checked())).toBeNull();
    expect(judgingWord(checked(NOT_OFFERED))).toBeNull();
  });

  test.each([
    ['a look that may judge', sightingOf(MOVED), 'password'],
    ['one that may not', sightingOf(MOVED, { judges: false }), 'none'],
    ['a failed look', sightingOf(null), 'none'],
    ['no report', undefined, 'none'],
  ])('by the binding that %s gives it', (_, sighting, binding) => {
    const unbound = opened({ ...UNSEEN, address: null, binding: 'none' });
    expect(seenBy(unbound, sighting).dataPlane?.binding).toBe(binding);
  });
});

describe('an earlier word', () => {
  const SHOWN = watched(SEEN, MOVED);
  const saying = (word: (typeof WITNESS_WORDS)[number]): RunState => {
    const { dataPlane } = SHOWN;
    if (dataPlane === null) throw new Error('it has looked');
    return { ...SHOWN, dataPlane: { ...dataPlane, witness: { ...dataPlane.witness, word } } };
  };

  test.each<[string, boolean, WitnessSighting | undefined]>([
    ['could not look', true, sightingOf(null)],
    ['was not reported', true, undefined],
    ['saw two servers in turn', true, sightingOf(MOVED, { isSteady: false })],
    ['has looked', false, sightingOf(MOVED)],
  ])('before a later watch that %s stands: %s', (_, stands, sighting) => {
    expect(doesWordStand(SHOWN, 'forward', sighting)).toBe(stands);
    expect(doesWordStand(SHOWN, 'compensate', sighting)).toBe(false);
  });

  test.each(WITNESS_WORDS)('%s stands only where it is of a move', (word) => {
    const isOfMove = !['SAME', 'DEMOTED_IN_PLACE', 'NOT_A_MASTER', 'CANNOT_TELL'].includes(word);
    expect(doesWordStand(saying(word), 'forward', undefined)).toBe(isOfMove);
  });

  test('does not stand where there is none, or no one looks', () => {
    const examined = after(checked(), examinedLooked('forward', EXAMINED));
    for (const state of [opened(SEEN), examined, checked(), checked(NOT_OFFERED)])
      expect(doesWordStand(state, 'forward', undefined)).toBe(false);
  });

  test.each([
    ['its reason', sightingOf(null, { looks: 1 }), REFUSED, 4],
    ['that it could not look', undefined, 'could not be looked at', 3],
  ])('that stands is noted with %s, and changes nothing else', (_, sighting, why, looks) => {
    const next = after(SHOWN, redisUnseen(sighting));
    expect(lastNoteOf(next)).toMatch(`MOVED stands (`);
    expect(lastNoteOf(next)).toContain(why);
    expect(next.witness).toBe(SHOWN.witness);
    expect(next.dataPlane?.witness).toStrictEqual({ ...SHOWN.dataPlane?.witness, looks });
  });
});
