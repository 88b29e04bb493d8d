/** What single reports of the swap activity say of its PUT. */
import { describe, expect, it, test } from '@jest/globals';

import type { LostReport, NotSentReason, SwapReport } from '../../src/domain/reports.js';
import {
  concludeSending,
  countPossiblySent,
  failureTypeOf,
  isLost,
  isPassingReason,
  isTurnedAway,
  isUnfenced,
  isWithoutTurn,
  mayBeOwnWork,
  uncertainty,
  whatTookTheTime,
} from '../../src/domain/swap.js';

type NotSent = Extract<SwapReport, { kind: 'not-sent' }>;
const notSent = (reason: NotSentReason, more: Partial<NotSent> = {}): NotSent => ({
  ...{ kind: 'not-sent', reason, retryAfterMs: null, detail: 'd', ...more },
});
const ACCEPTED: SwapReport = { kind: 'accepted', jobId: 'j', requestId: 'r', sentAtMs: 1 };
const AMBIGUOUS: SwapReport = { kind: 'ambiguous', detail: 'd', sentAtMs: 1 };
const REJECTED: SwapReport = { kind: 'rejected', detail: 'd' };
const NOT_APPLIED: SwapReport = {
  ...{ kind: 'not-applied', retryAfterMs: null, wasUnauthorized: false, detail: 'd' },
};
const LOST: LostReport = { kind: 'lost', detail: 'd' };

const REASONS: Readonly<Record<NotSentReason, boolean>> = {
  ...{ busy: true, unreadable: true, draining: true, 'not-connected': true, throttled: true },
  ...{ unfenced: true, guard: false, fence: false, 'own-swap': false, drift: false },
  ...{ healed: false, 'too-late': false, cancelled: false, frozen: false },
};

describe('what kept a run from its PUT', () => {
  it.each(Object.entries(REASONS))('passes by itself or not: %s, %s', (reason, passes) => {
    expect(isPassingReason(reason as NotSentReason)).toBe(passes);
  });

  test('is nothing that passes where nothing did', () => {
    expect(isPassingReason(null)).toBe(false);
  });
});

describe('a report says', () => {
  const truths = (
    is: (report: SwapReport | LostReport) => boolean,
    ...reports: (SwapReport | LostReport)[]
  ) => reports.map((report) => is(report));

  test('that nothing was sent by the record alone, unless its activity vouches for it', () => {
    const vouched = notSent('unfenced', { isVouched: true });
    const unvouched = notSent('unfenced', { isVouched: false });
    expect(truths(isUnfenced, notSent('unfenced'), vouched, notSent('busy'), LOST)).toStrictEqual([
      ...[true, true, false, false],
    ]);
    expect(truths(isLost, notSent('unfenced'), unvouched, vouched, notSent('busy'))).toStrictEqual([
      ...[true, true, false, false],
    ]);
  });

  test('that what was observed may be its own work, or that the gateway turned the PUT away', () => {
    const perhaps = notSent('drift', { mayBeOwnWork: true });
    expect(
      truths(
        mayBeOwnWork,
        perhaps,
        notSent('drift'),
        notSent('drift', { mayBeOwnWork: false }),
        LOST,
      ),
    ).toStrictEqual([...[true, false, false, false]]);
    const turnedAway = notSent('throttled', { isOfPut: true });
    expect(truths(isTurnedAway, turnedAway, notSent('throttled'), ACCEPTED)).toStrictEqual([
      true,
      false,
      false,
    ]);
    expect(truths(isWithoutTurn, notSent('throttled'), notSent('busy'), NOT_APPLIED)).toStrictEqual(
      [true, false, false],
    );
  });

  test('that no one can vouch for its PUT, unless it was answered or never came about', () => {
    const answered = { ...AMBIGUOUS, requestId: 'r' } as SwapReport;
    const silent = { ...AMBIGUOUS, requestId: null } as SwapReport;
    expect(
      [ACCEPTED, REJECTED, NOT_APPLIED, answered, silent, AMBIGUOUS, LOST].map(countPossiblySent),
    ).toStrictEqual([0, 0, 0, 0, 1, 1, 1]);
    expect(
      [notSent('busy'), notSent('fence'), notSent('guard'), notSent('own-swap')].map(
        countPossiblySent,
      ),
    ).toStrictEqual([0, 0, 1, 1]);
  });

  test('by the type of its failure that nothing was sent, or nothing applied, or neither', () => {
    const reports = [
      notSent('busy'),
      notSent('guard'),
      notSent('own-swap'),
      NOT_APPLIED,
      REJECTED,
      AMBIGUOUS,
      ACCEPTED,
    ];
    expect(reports.map(failureTypeOf)).toStrictEqual([
      ...['NothingSent', null, null, 'NotApplied', 'NotApplied', null, null],
    ]);
  });
});

test('what may be the work of an attempt before is unresolved, and says so', () => {
  const unresolved = uncertainty(notSent('drift'));
  expect(unresolved).toMatchObject({ kind: 'not-sent', reason: 'own-swap' });
  expect(concludeSending(unresolved, true)).toMatchObject({
    ...{ kind: 'ambiguous', reason: 'own-swap', hasReported: false },
    detail: 'd; an attempt before, which did not report or was turned away, may have done it',
  });
});

test('the clock of the API before the PUT is handed on where it is known', () => {
  expect(concludeSending({ ...ACCEPTED, notBeforeMs: 7 }, true).notBeforeMs).toBe(7);
  expect(concludeSending({ ...ACCEPTED, notBeforeMs: null }, true).notBeforeMs).toBeNull();
  expect(concludeSending(REJECTED, true).notBeforeMs).toBeNull();
});

describe('a sending whose time is over ends by', () => {
  const WITHOUT_TURN = notSent('throttled');

  it.each<[NotSentReason, boolean]>([
    ['too-late', true],
    ['unreadable', true],
    ['unfenced', true],
    ['busy', false],
    ['drift', false],
  ])('the spent quota before its last try (%s): %s', (reason, isByQuota) => {
    const last = notSent(reason);
    expect(whatTookTheTime(last, WITHOUT_TURN)).toBe(isByQuota ? WITHOUT_TURN : last);
  });

  test('its last try where that was sent, or no quota was spent before', () => {
    const late = notSent('too-late');
    expect(whatTookTheTime(late, null)).toBe(late);
    expect(whatTookTheTime(late, notSent('busy'))).toBe(late);
    expect(whatTookTheTime(late, AMBIGUOUS)).toBe(late);
    expect(whatTookTheTime(ACCEPTED, WITHOUT_TURN)).toBe(ACCEPTED);
  });
});
