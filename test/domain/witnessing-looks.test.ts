/** What a run knows of Redis before each swap: the look of the pre-check, of an examined run, and before a PUT. */
import { describe, expect, test } from '@jest/globals';

import type { SwapReport } from '../../src/domain/reports.js';
import { newRunState } from '../../src/domain/run-state.js';
import {
  examinedLooked,
  firstLooked,
  lookedBeforePut,
  redisWatched,
  swapBackBegun,
  witnessPart,
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

const BLIND = checked();
const LATER_MS = NOW_MS + 10_000;
const NOTHING_SEEN = { wordIsOf: null, seenSinceMs: null };
const LOST = { kind: 'lost', detail: '' } as const;

describe('the look of the pre-check', () => {
  test.each([
    ['no one looks', undefined],
    ['no entry of the settings says how', NOT_OFFERED],
  ])('changes nothing where %s', (_, findings) => {
    expect(firstLooked(findings)(BLIND, NOW_MS)).toBe(BLIND);
  });

  test.each([
    [4_000, { ...SEEN, lookedAfterMs: 4_000 }],
    [0, SEEN],
  ])('was taken %i ms after the run began, whenever it is reported', (elapsedMs, findings) => {
    const state = firstLooked(findings)(checked(findings), LATER_MS);
    const forward = { look: LOOK, sinceMs: NOW_MS + elapsedMs };
    expect(state.witness).toStrictEqual({
      ...{ judges: true, before: { forward, compensate: null }, ...NOTHING_SEEN },
      ...{ whyNone: null, warning: null },
    });
  });

  test.each([
    [REFUSED, REFUSED],
    [null, 'no reason'],
  ])('that did not work (%s) warns of it', (why, whyNone) => {
    const state = opened({ ...UNSEEN, why, judges: false });
    expect(state.witness).toStrictEqual({
      ...{ judges: false, before: { forward: null, compensate: null }, ...NOTHING_SEEN },
      ...{ whyNone, warning: whyNone },
    });
    expect(lastNoteOf(state)).toMatch(`192.0.2.1:6379: no look (${whyNone})`);
  });

  test('is evidence: where, and who answered', () => {
    expect(lastNoteOf(opened(SEEN))).toMatch(
      /192\.0\.2\.1:6379: master, run_id process-, .* 1000000 s$/,
    );
    expect(lastNoteOf(opened({ ...SEEN, address: null }))).toMatch(/at its address: master/);
  });

  test('says nothing of Redis yet, and counts as one look', () => {
    const { evidence, dataPlane } = opened(SEEN);
    expect(evidence.at(-1)?.at).toBe(new Date(NOW_MS).toISOString());
    expect(dataPlane?.witness).toMatchObject({ word: 'CANNOT_TELL', before: LOOK, looks: 1 });
    expect(opened(UNSEEN).dataPlane?.witness).toMatchObject({ before: null, looks: 0 });
  });
});

describe('the look of an examined run', () => {
  test('changes nothing where it left none', () => {
    expect(examinedLooked('forward', undefined)(BLIND, NOW_MS)).toBe(BLIND);
  });

  test.each(['forward', 'compensate'] as const)('is that before its %s swap', (purpose) => {
    const { witness, dataPlane } = after(BLIND, examinedLooked(purpose, EXAMINED));
    const none = { forward: null, compensate: null };
    expect(witness).toStrictEqual({
      ...{ judges: true, before: { ...none, [purpose]: { look: LOOK, sinceMs: NOW_MS - 60_000 } } },
      ...{ ...NOTHING_SEEN, whyNone: null, warning: null },
    });
    expect(dataPlane).toMatchObject({
      ...{ state: 'witness-only', address: '192.0.2.1:6379', binding: 'password' },
      ...{ witness: { before: LOOK, after: null, looks: 1 }, quality: { periodMs: 0 } },
    });
  });

  test('judges nothing where that run’s own did not', () => {
    const unbound = { ...EXAMINED, judges: false, binding: 'none' as const };
    expect(after(BLIND, examinedLooked('forward', unbound))).toMatchObject({
      ...{ witness: { judges: false }, dataPlane: { binding: 'none' } },
    });
  });
});

describe('the look before a PUT', () => {
  test('changes nothing where no one looks, or nothing has left', () => {
    expect(after(BLIND, lookedBeforePut('forward', putAfter(LOOK), NOW_MS))).toBe(BLIND);
    const state = watched(SEEN, MOVED);
    const drift: SwapReport = {
      ...{ kind: 'not-sent', reason: 'drift', retryAfterMs: null, detail: '' },
      redis: { look: MOVED, afterMs: 0 },
    };
    expect(after(state, lookedBeforePut('forward', drift, NOW_MS))).toBe(state);
  });

  test.each([
    ['it could not be taken', putAfter(null)],
    ['its worker was lost', LOST],
  ])('leaves the one of before where %s, but no word', (_, report) => {
    const state = watched(SEEN, MOVED);
    const next = after(state, lookedBeforePut('forward', report, NOW_MS));
    expect(next.witness).toStrictEqual({ ...state.witness, wordIsOf: null });
    expect(next.dataPlane).toBe(state.dataPlane);
  });

  test('takes the place of the earlier one, from when its activity may have taken it', () => {
    const look = { ...LOOK, offset: 6_000 };
    const state = lookedBeforePut(
      'forward',
      putAfter(look, 250),
      NOW_MS + 1_000,
    )(opened(SEEN), LATER_MS);
    expect(state.witness?.before).toStrictEqual({
      ...{ forward: { look, sinceMs: NOW_MS + 1_250 }, compensate: null },
    });
    expect(state.dataPlane?.witness).toMatchObject({ before: look, looks: 2 });
    expect(state.warnings).toStrictEqual([]);
  });

  test('takes the word of an earlier swap away', () => {
    const state = watched(SEEN, MOVED);
    expect(state.witness?.wordIsOf).toBe('forward');
    const next = after(state, lookedBeforePut('compensate', putAfter(MOVED), NOW_MS));
    expect(next.witness).toMatchObject({
      ...{ wordIsOf: null, judges: true, before: { forward: { look: LOOK } } },
    });
  });

  test.each([
    ['another process', MOVED],
    ['the same process in another role', { ...LOOK, role: 'replica' as const }],
  ])('warns of %s than before', (_, look) => {
    const put = lookedBeforePut('forward', putAfter(look), NOW_MS);
    expect(after(opened(SEEN), put).warnings).toStrictEqual([
      expect.stringMatching(`changed before the PUT: ${look.role}, run_id process-, `),
    ]);
    expect(after(opened(UNSEEN), put).warnings).toStrictEqual([]);
  });
});

describe('a swap back begins', () => {
  const atMs = LATER_MS - 1;
  const verifying = { phase: 'VERIFYING', next: '', sinceMs: atMs } as const;

  test('from what the watch of the forward swap showed last', () => {
    const state = { ...watched(SEEN, MOVED), step: verifying };
    const next = swapBackBegun(state, LATER_MS);
    expect(next.witness).toStrictEqual({
      ...state.witness,
      before: {
        forward: state.witness?.before.forward,
        // Not when it was decided: the look may have been taken since the watch began.
        compensate: { look: MOVED, sinceMs: NOW_MS },
      },
    });
    expect(next.dataPlane).toBe(state.dataPlane);
  });

  test.each([
    ['no one looks', BLIND],
    ['no one may look but a report is made', checked(NOT_OFFERED)],
    ['Redis could not be seen', watched(SEEN, null)],
  ])('from nothing where %s', (_, state) => {
    expect(swapBackBegun(state, LATER_MS)).toBe(state);
  });
});

describe('an activity gets to know', () => {
  test('nothing of Redis where no one looks', () => {
    expect(witnessPart(newRunState({}, NOW_MS), 'forward')).toStrictEqual({});
  });

  test('the look before its own swap, and whether it counts', () => {
    const state = after(opened({ ...SEEN, judges: false }));
    expect(witnessPart(state, 'forward')).toStrictEqual({
      witness: { judges: false, before: LOOK },
    });
    expect(witnessPart(state, 'compensate').witness?.before).toBeNull();
    const back = after(state, redisWatched('forward', sightingOf(MOVED)), swapBackBegun);
    expect(witnessPart(back, 'compensate').witness?.before).toBe(MOVED);
  });
});
