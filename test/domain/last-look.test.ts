/** Which tasks stand in the way of a PUT at the last look, and what those mean that were not there before. */
import { describe, expect, test } from '@jest/globals';

import type { TaskFacts } from '../../src/domain/facts.js';
import { findBusy, judgeStrays } from '../../src/domain/last-look.js';
import type { NewSwapTask, SwapCall } from '../../src/domain/reports.js';

import { BEFORE, INSTANCE, NOW_MS, SWAPPED, newTaskOf, taskOf } from './support.js';

const KNOWN = 'task-forward';

test.each<[string, SwapCall['purpose'], Partial<TaskFacts>, boolean]>([
  ['the swap that it undoes, in no state', 'compensate', { id: KNOWN, status: null }, false],
  ['the same by its job id', 'compensate', { jobId: KNOWN, status: null }, false],
  ['the same in an unknown state', 'compensate', { id: KNOWN, status: 'ARCHIVED' }, false],
  ['the same while it says that it goes on', 'compensate', { id: KNOWN, status: 'RUNNING' }, true],
  ['a task that it does not know', 'compensate', { id: 'task-2', status: null }, true],
  ['an earlier swap in no state, for a forward swap', 'forward', { id: KNOWN, status: null }, true],
])('%s: a %s swap is held back or not', (_, purpose, task, isHeldBack) => {
  const now = { createdAtMs: NOW_MS - 5_000, updatedAtMs: NOW_MS - 1_000 };
  const tasks = { value: [taskOf({ ...now, ...task })], requestId: null, serverTimeMs: NOW_MS };
  const busy = findBusy(INSTANCE, tasks, { purpose, knownSwapTaskIds: [KNOWN] });
  expect(busy !== null).toBe(isHeldBack);
});

describe('a swap task that was not there at the pre-check', () => {
  const listed = NOW_MS;
  const stray = (user: NewSwapTask['user'], createdAtMs: number | null): NewSwapTask =>
    newTaskOf({
      owner: user === 'other' ? 'foreign' : 'unattributed',
      user: user ?? 'unknown',
      createdAtMs,
    });
  const judgeIt = (
    strays: readonly NewSwapTask[],
    now = BEFORE,
    tasksListedAtMs: number | null = listed,
  ) => {
    const { isOwnSwap, mayBeOwnWork } = judgeStrays(
      strays,
      now,
      { expected: BEFORE, tasksListedAtMs },
      undefined,
    );
    return { isOwnSwap, mayBeOwnWork };
  };
  const NEITHER = { isOwnSwap: false, mayBeOwnWork: false };
  const PERHAPS = { isOwnSwap: false, mayBeOwnWork: true };
  const OWN = { isOwnSwap: true, mayBeOwnWork: true };

  test.each<[string, NewSwapTask[], object]>([
    ['is our own swap where our user began it since', [stray('ours', listed + 1)], OWN],
    ['is our own swap where it does not say its time', [stray('ours', null)], OWN],
    ['is an earlier one where it began before', [stray('ours', listed - 10_000)], NEITHER],
    ['may be our work where no one knows its user', [stray('unknown', listed + 1)], PERHAPS],
    ['is that of another', [stray('other', listed + 1)], NEITHER],
    ['is our own beside that of another', [stray('other', listed), stray('ours', listed)], OWN],
    ['is none', [], NEITHER],
  ])('%s', (_, strays, expected) => {
    expect(judgeIt(strays)).toEqual(expected);
  });

  test('says nothing of its age where no clock is known', () => {
    expect(judgeIt([stray('ours', listed - 10_000)], BEFORE, null)).toEqual(OWN);
  });

  test('explains roles that have moved; without one they may be our work', () => {
    expect(judgeIt([stray('other', listed + 1)], SWAPPED)).toEqual(NEITHER);
    expect(judgeIt([], SWAPPED)).toEqual(PERHAPS);
  });
});
