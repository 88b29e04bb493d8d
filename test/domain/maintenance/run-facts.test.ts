/** What follows from the history of one run of a maintenance: the words of which its promises are made. */
import { describe, expect, test } from '@jest/globals';

import {
  askedAt,
  decided,
  failuresBefore,
  firstChange,
  isCanaryUndone,
  isPausedAt,
  isRepeated,
  openAt,
  started,
} from '../../../src/domain/maintenance/run-facts.js';
import type { AskedFacts, MessageFacts } from '../../../src/domain/maintenance/run-facts.js';
import { patchLeg } from '../../../src/domain/maintenance/state.js';
import type { LegState, MaintenanceState } from '../../../src/domain/maintenance/state.js';

import {
  askedOf,
  endedOf,
  idOf,
  maintenanceOf,
  PASSING,
  planned,
  REQUEST,
  runOf,
} from './support.js';

/** What an earlier run of the chain had come to: the forward legs of its items, in order. */
const carry = (...legs: readonly Partial<LegState>[]): MaintenanceState =>
  legs.reduce<MaintenanceState>(
    (state, leg, index) => patchLeg(state, idOf(index), 'forward', leg),
    maintenanceOf(legs.map((_, index) => planned(index))),
  );

const DONE: Partial<LegState> = { state: 'ENDED', outcome: 'SUCCEEDED' };
const FAILED_BEFORE: Partial<LegState> = { state: 'ENDED', outcome: 'UNKNOWN', isFailure: true };
const FAILED = endedOf({ outcome: 'FAILED_UNCHANGED', cause: 'JOB_FAILED' });

describe('a run has started', () => {
  const asked = [
    askedOf(0, { order: -1 }),
    askedOf(1, { order: 0 }),
    askedOf(2, { order: 7, refused: 8 }),
    askedOf(3, { order: 9, leg: 'return' }),
  ];

  test('neither what an earlier one left open nor what was refused for its lock', () => {
    const ids = started(runOf({ asked })).map(({ instanceId }) => instanceId);
    expect(ids).toEqual([idOf(1), idOf(3)]);
  });

  test('what it has asked for at such a place, of either leg where none is named', () => {
    const run = runOf({ asked });
    expect(askedAt(run, () => true)).toEqual([
      `${idOf(1)} was started, forward`,
      `${idOf(2)} was started, forward`,
      `${idOf(3)} was started, return`,
    ]);
    expect(askedAt(run, () => true, ['forward'])).toHaveLength(2);
    expect(askedAt(run, (order) => order > 7)).toHaveLength(1);
  });
});

describe('another switchover of the same leg', () => {
  const earlier = (extra: Partial<AskedFacts>): AskedFacts => askedOf(0, { order: 1, ...extra });
  const refused = (extra: Partial<typeof PASSING>): Partial<AskedFacts> => ({
    ended: { ...endedOf({ outcome: 'REFUSED', swapsSent: 0, cause: 'CHECKS_FAILED' }), ...extra },
  });

  test.each<[string, Partial<AskedFacts>, boolean]>([
    ['is the second after one that went well', {}, true],
    ['is the second after one that is under way', { ended: null }, true],
    ['may follow one that met a held lock', { refused: 2, ended: null }, false],
    ['may follow one that was throttled', refused({ cause: 'THROTTLED' }), false],
    ['may follow one refused for what passes by itself', { ended: PASSING }, false],
    ['is the second after one refused for what stays', refused({}), true],
    [
      'is the second after one that sent a PUT, whatever it says may pass',
      { ended: { ...PASSING, swapsSent: 1 } },
      true,
    ],
    [
      'is the second after one that failed, though it was throttled, too',
      refused({ outcome: 'FAILED_UNCHANGED', cause: 'THROTTLED' }),
      true,
    ],
    ['is the first after one of another instance', { instanceId: idOf(1) }, false],
    ['is the first after one of the other leg', { leg: 'return' }, false],
    ['is the first before one that comes later', { order: 6 }, false],
    ['is the second after one that an earlier run left open', { order: -1 }, true],
  ])('%s', (_, extra, isSecond) => {
    const later = askedOf(0);
    expect(isRepeated(runOf({ asked: [earlier(extra), later] }), later)).toBe(isSecond);
  });

  test.each<[string, MaintenanceState | null, boolean]>([
    ['is the second after one that ended in an earlier run', carry(DONE), true],
    ['is the first where an earlier run let it wait', carry({ state: 'PENDING' }), false],
    ['is the first where an earlier run knew no such instance', carry(), false],
    ['is the first in the first run', null, false],
  ])('%s', (_, carried, isSecond) => {
    const later = askedOf(0);
    expect(isRepeated(runOf({ carried, asked: [later] }), later)).toBe(isSecond);
  });
});

describe('how many are under way', () => {
  const asked = [
    askedOf(0, { order: -1, ended: null }),
    askedOf(1, { order: 5, ended: endedOf({ order: 10 }) }),
    askedOf(2, { order: 7, refused: 8, ended: null }),
  ];

  test.each([
    [4, 1],
    [5, 2],
    [7, 3],
    [8, 2],
    [9, 2],
    [10, 1],
  ])('at place %i: %i', (at, count) => {
    expect(openAt(runOf({ asked }), at)).toBe(count);
  });
});

const message = (order: number, name: string, changed: boolean | null = true): MessageFacts => ({
  ...{ name, order, changed },
});

describe('of the messages', () => {
  test('the first that changed something counts, not one before it that did not', () => {
    const messages = [
      message(1, 'approve', false),
      message(2, 'approve', null),
      message(3, 'pause'),
      message(4, 'approve'),
      message(5, 'approve'),
    ];
    expect(firstChange(runOf({ messages }), 'approve')).toBe(4);
    expect(firstChange(runOf({ messages }), 'abort')).toBe(Infinity);
    expect(decided(runOf({ messages }))).toEqual(['paused', 'approved', 'approved']);
  });

  test('each is named by what was decided, behind those of earlier runs', () => {
    const names = ['approve', 'reject', 'pause', 'resume', 'skip', 'abort', 'dance'];
    const what = ['approved', 'rejected', 'paused', 'resumed', 'skipped', 'aborted', 'dance'];
    const messages = names.map((name, order) => message(order, name));
    expect(decided(runOf({ messages }))).toEqual(what);
    const decision = { what: 'paused', by: 'ada', why: null, at: 'T' } as const;
    const carried = { ...carry(), decisions: [decision] };
    expect(decided(runOf({ carried, messages }))).toEqual(['paused', ...what]);
  });

  const PAUSED = [message(3, 'pause'), message(6, 'approve'), message(8, 'resume')];

  test.each([
    ['before its pause', 2, false],
    ['at the place of the pause itself', 3, false],
    ['after the pause', 4, true],
    ['whatever else is decided meanwhile', 7, true],
    ['at the place of the resume', 8, true],
    ['after the resume', 9, false],
  ])('a maintenance is paused by them, %s: place %i, %s', (_, at, isPaused) => {
    expect(isPausedAt(runOf({ messages: PAUSED }), at)).toBe(isPaused);
  });
});

describe('the failures before the tenth place', () => {
  test.each<[string, Partial<AskedFacts>, number]>([
    ['count one that failed', { ended: { ...FAILED, order: 9 } }, 1],
    ['count none that fails right there', { ended: { ...FAILED, order: 10 } }, 0],
    ['count none that is under way', { ended: null }, 0],
    ['count none that went well', { ended: endedOf({ order: 9 }) }, 0],
    ['count none that was needless', { ended: endedOf({ outcome: 'NOOP', order: 9 }) }, 0],
    ['count none of the return leg', { leg: 'return', ended: { ...FAILED, order: 9 } }, 0],
    ['count none that is tried again', { ended: { ...PASSING, order: 9 } }, 0],
  ])('%s', (_, extra, count) => {
    expect(failuresBefore(runOf({ asked: [askedOf(0, extra)] }), 10)).toBe(count);
  });

  test('count those of earlier runs, too', () => {
    const asked = [askedOf(2, { ended: { ...FAILED, order: 9 } })];
    const carried = carry(DONE, FAILED_BEFORE);
    expect(failuresBefore(runOf({ carried, asked }), 10)).toBe(2);
  });
});

describe('behind the canaries, of which there are two,', () => {
  const request = { ...REQUEST, canaryCount: 2 };
  const [first, second] = [askedOf(0, { order: 1 }), askedOf(1, { order: 2 })];
  const isUndone = (asked: readonly AskedFacts[], carried: MaintenanceState | null = null) =>
    isCanaryUndone(runOf({ request, carried, asked }), 20, idOf(3));

  test.each<[string, AskedFacts[], boolean]>([
    ['one may start when both are done', [first, second], false],
    [
      'one may start when both are done, the third under way',
      [first, second, askedOf(2, { ended: null })],
      false,
    ],
    ['none may start while the second is under way', [first, { ...second, ended: null }], true],
    ['none may start when the second has failed', [first, { ...second, ended: FAILED }], true],
    [
      'none may start before the end of the second',
      [first, { ...second, ended: endedOf({ order: 21 }) }],
      true,
    ],
    [
      'none may start at the very end of the second',
      [first, { ...second, ended: endedOf({ order: 20 }) }],
      true,
    ],
    [
      'the second one itself may start, whatever became of the first',
      [{ ...first, ended: FAILED }],
      false,
    ],
    [
      'one that was refused for its lock is none',
      [first, { ...second, refused: 3, ended: null }],
      false,
    ],
    [
      'one that starts right there is none yet',
      [first, { ...second, order: 20, ended: null }],
      false,
    ],
    ['one of the return leg is none', [first, { ...second, leg: 'return', ended: FAILED }], false],
    [
      'one that is tried again is none by its first try',
      [first, { ...second, ended: PASSING }],
      false,
    ],
    [
      'one that went well at its second try is done',
      [
        first,
        { ...second, ended: PASSING },
        { ...second, order: 11, ended: endedOf({ order: 12 }) },
      ],
      false,
    ],
  ])('%s', (_, asked, expected) => {
    expect(isUndone(asked)).toBe(expected);
  });

  test('a canary may be started again, whatever became of it', () => {
    const run = runOf({ request, asked: [first, { ...second, ended: FAILED }] });
    expect(isCanaryUndone(run, 20, idOf(1))).toBe(false);
  });

  test.each<[string, Partial<LegState>[], boolean]>([
    ['one may start when both were done before', [DONE, DONE], false],
    ['the other may start when one was done before', [DONE, { state: 'PENDING' }], false],
    ['none may start when one failed before', [DONE, FAILED_BEFORE], true],
    [
      'none may start when one could not be started before',
      [DONE, { state: 'NOT_STARTED', isFailure: true }],
      true,
    ],
    ['one may start when a third failed before', [DONE, DONE, FAILED_BEFORE], false],
    ['none was started before', [{ state: 'PENDING' }, { state: 'PENDING' }], false],
  ])('%s', (_, legs, expected) => {
    expect(isUndone([], carry(...legs))).toBe(expected);
  });

  test('none may start while the second, left open by an earlier run, is under way', () => {
    const open = askedOf(1, { order: -1, ended: null });
    expect(isUndone([open], carry(DONE, { state: 'RUNNING', stage: 'open' }))).toBe(true);
  });

  test('one that was done in an earlier run is the same as one of this run', () => {
    expect(isUndone([second, askedOf(2, { ended: FAILED })], carry(DONE))).toBe(false);
  });

  test('anyone may start where there are none', () => {
    const asked = [askedOf(0, { ended: FAILED })];
    expect(isCanaryUndone(runOf({ asked }), 20, idOf(3))).toBe(false);
    expect(isCanaryUndone(runOf({ asked, request: null }), 20, idOf(3))).toBe(false);
  });
});
