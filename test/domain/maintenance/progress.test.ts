/** What a maintenance shows while it goes on, and how it is judged when nothing is under way any more. */
import { describe, expect, it, test } from '@jest/globals';

import type { MaintenancePhase } from '../../../src/contract/index.js';
import {
  conclude,
  countItems,
  legState,
  mayBeEmpty,
  toProgress,
} from '../../../src/domain/maintenance/progress.js';
import { addStop, newState, patchLeg } from '../../../src/domain/maintenance/state.js';
import type { LegState, MaintenanceState } from '../../../src/domain/maintenance/state.js';

import { idOf, maintenanceOf, planned } from './support.js';

const RETURN = { returnLeg: { soakSeconds: 60, withinSeconds: 600 } };
const DONE: Partial<LegState> = { state: 'ENDED', outcome: 'SUCCEEDED' };
const STOP = { cause: 'BUDGET_SPENT', reason: 'two failed' } as const;
const PAUSED = { what: 'paused', by: 'ada', why: null, at: 'T' } as const;

type Extra = Parameters<typeof maintenanceOf>[1];
const stateOf = (legs: readonly Partial<LegState>[], extra: Extra = {}): MaintenanceState =>
  legs.reduce<MaintenanceState>(
    (state, leg, index) => patchLeg(state, idOf(index), 'forward', leg),
    maintenanceOf(
      legs.map((_, index) => planned(index)),
      extra,
    ),
  );
const shown = (state: MaintenanceState) => toProgress('weekly', state, null);

describe('the next step of a maintenance', () => {
  it.each<[MaintenancePhase, RegExp]>([
    ['PLANNING', /^read the instances/],
    [
      'AWAITING_APPROVAL',
      /^wait for approval; without it by 1970-01-01T02:42:40\.000Z nothing starts$/,
    ],
    ['AWAITING_WINDOW', /^wait until the window opens at 1970-01-01T00:16:40\.000Z$/],
    [
      'SWITCHING',
      /^switch the instances in order; nothing starts from 1970-01-01T02:42:40\.000Z on$/,
    ],
    ['SOAKING', /^wait until 1970-01-01T03:00:00\.000Z, then bring them back$/],
    ['RETURNING', /^bring each master that was moved back/],
    ['ENDED', /^nothing$/],
  ])('in %s reads %s, after a pause if there is one', (phase, words) => {
    const state = { ...stateOf([{}]), phase, soakEndsAtMs: 10_800_000 };
    expect(shown(state)).toMatchObject({
      phase,
      isPaused: false,
      next: expect.stringMatching(words),
    });
    const paused = shown({ ...state, decisions: [PAUSED] });
    expect(paused.isPaused).toBe(true);
    expect(paused.next.startsWith('paused by ada; then ')).toBe(phase !== 'ENDED');
  });

  test('is to start nothing further while what is unresolved may spend the budget', () => {
    const holding = { state: 'RUNNING', stage: 'open', outcome: 'UNKNOWN' } as const;
    const next = (maxFailures: number) =>
      shown({ ...stateOf([holding, {}], { maxFailures }), phase: 'SWITCHING' }).next;
    expect(next(0)).toMatch(/^start nothing further until the unresolved have ended/);
    expect(next(1)).toMatch(/^switch the instances in order/);
  });

  test('is to start nothing further once something has stopped it', () => {
    const state = { ...addStop(stateOf([{}]), STOP), phase: 'SWITCHING' as const };
    expect(shown(state).next).toBe('start nothing further (two failed); wait for what runs');
  });

  test('names no instant before the window is known', () => {
    for (const phase of ['AWAITING_APPROVAL', 'AWAITING_WINDOW', 'SWITCHING', 'SOAKING'] as const)
      expect(shown({ ...newState(0), phase }).next).toContain('an instant not known yet');
  });

  test('is the message once it has ended', () => {
    const ending = { outcome: 'PARTIAL', cause: 'CANCELLED', message: 'Cancelled.' } as const;
    expect(toProgress('weekly', stateOf([{}]), ending)).toMatchObject({
      ...{ outcome: 'PARTIAL', cause: 'CANCELLED', next: 'Cancelled.' },
    });
  });
});

test('only a maintenance that awaits approval needs one', () => {
  const phases = ['PLANNING', 'AWAITING_APPROVAL', 'AWAITING_WINDOW'] as const;
  expect(phases.map((phase) => shown({ ...newState(0), phase }).needsApproval)).toStrictEqual([
    ...[false, true, false],
  ]);
});

test('a leg is counted by its state, and by its outcome once it has ended', () => {
  const legs: readonly Partial<LegState>[] = [
    ...([{}, { state: 'RUNNING' }, { state: 'SKIPPED' }, { state: 'NOT_STARTED' }, DONE] as const),
    ...([
      { state: 'ENDED', outcome: 'NOOP' },
      { state: 'ENDED', outcome: 'UNKNOWN' },
    ] as const),
    { state: 'ENDED', outcome: null },
  ];
  expect(countItems(stateOf(legs).items)).toStrictEqual({
    ...{ pending: 1, running: 1, skipped: 1, notStarted: 1, done: 2, failed: 2 },
  });
});

describe('a leg reads', () => {
  it.each([
    ['UNKNOWN, HOLDING', { state: 'RUNNING', outcome: 'UNKNOWN' }],
    ['RUNNING', { state: 'RUNNING', outcome: null }],
    ['SUCCEEDED', { state: 'ENDED', outcome: 'SUCCEEDED' }],
    ['UNKNOWN', { state: 'ENDED', outcome: null }],
    ['PENDING', { state: 'PENDING', outcome: null }],
  ] as const)('%s', (words, leg) => {
    expect(legState(leg)).toBe(words);
  });

  test('until when its lock is held, while it is', () => {
    const lockedUntil = '2026-12-05T01:00:00Z';
    const held = stateOf([{ state: 'RUNNING', outcome: 'UNKNOWN', lockedUntil }]);
    expect(shown(held).items[0]?.forward.lockedUntil).toBe(lockedUntil);
    const over = stateOf([{ state: 'ENDED', outcome: 'UNKNOWN', lockedUntil }]);
    expect(shown(over).items[0]?.forward).not.toHaveProperty('lockedUntil');
  });
});

describe('a maintenance of which nothing is under way', () => {
  it.each<[string, string, MaintenanceState]>([
    ['COMPLETED', 'ALL_DONE', stateOf([DONE, { state: 'ENDED', outcome: 'NOOP' }])],
    ['COMPLETED', 'ALL_DONE', addStop(stateOf([DONE]), STOP)],
    ['COMPLETED', 'NOTHING_SELECTED', stateOf([])],
    ['COMPLETED', 'NOTHING_SELECTED', newState(0)],
    ['PARTIAL', 'NOTHING_SELECTED', stateOf([], { allowEmpty: false })],
    ['PARTIAL', 'BUDGET_SPENT', addStop(stateOf([]), STOP)],
    ['PARTIAL', 'BUDGET_SPENT', addStop(stateOf([DONE, {}]), STOP)],
    ['PARTIAL', 'WINDOW_OVER', stateOf([DONE, { state: 'NOT_STARTED', cause: 'WINDOW_OVER' }])],
    ['PARTIAL', 'INSTANCES_NOT_DONE', stateOf([DONE, { state: 'SKIPPED', cause: 'SKIPPED' }])],
    ['PARTIAL', 'INSTANCES_NOT_DONE', stateOf([DONE], RETURN)],
    ['COMPLETED', 'ALL_DONE', stateOf([{ state: 'ENDED', outcome: 'NOOP' }], RETURN)],
    ['COMPLETED', 'ALL_DONE', patchLeg(stateOf([DONE], RETURN), idOf(0), 'return', DONE)],
    [
      'PARTIAL',
      'INSTANCES_NOT_DONE',
      patchLeg(stateOf([DONE], RETURN), idOf(0), 'return', { state: 'ENDED', outcome: 'UNKNOWN' }),
    ],
  ])('is %s (%s)', (outcome, cause, state) => {
    expect(conclude(state)).toStrictEqual({ outcome, cause });
  });

  test('may be empty unless it says otherwise', () => {
    const asked = [undefined, {}, { allowEmpty: true }, { allowEmpty: false }];
    expect(asked.map(mayBeEmpty)).toStrictEqual([true, true, true, false]);
  });
});
