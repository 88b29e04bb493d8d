/** A task in a state that no one knows stands in the way for a while, not for ever. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import type { TaskFacts } from '../../src/domain/facts.js';
import { describeForgotten, findOpenTasks } from '../../src/domain/last-look.js';

import { NOW_MS, taskOf } from './support.js';

const HOUR_MS = 3_600_000;
const IDLE = { status: 'RUNNING', busyWith: null };
const old: Partial<TaskFacts> = { createdAtMs: NOW_MS - HOUR_MS, updatedAtMs: NOW_MS - HOUR_MS };

const find = (
  task: Partial<TaskFacts>,
  instance = IDLE as { status: string; busyWith: string | null },
) => findOpenTasks({ value: [taskOf(task)], requestId: null, serverTimeMs: NOW_MS }, instance);

describe('of an idle instance, a task', () => {
  test.each<[string, Partial<TaskFacts>, number]>([
    ['in an unknown state of an hour ago counts as ended', { ...old, status: 'ARCHIVED' }, 0],
    ['without a state of an hour ago counts as ended', { ...old, status: null }, 0],
    ['that executes since an hour ago is open', { ...old, status: 'EXECUTING' }, 1],
    [
      'in an unknown state of a minute ago is open',
      { status: 'ARCHIVED', createdAtMs: NOW_MS - HOUR_MS, updatedAtMs: NOW_MS - 60_000 },
      1,
    ],
    [
      'in an unknown state of unknown age is open',
      { status: null, createdAtMs: null, updatedAtMs: null },
      1,
    ],
    ['that has ended is neither', { ...old, status: 'SUCCESS' }, 0],
  ])('%s', (_, task, open) => {
    expect(find(task).open).toHaveLength(open);
  });

  test('that counts as ended is named in a warning', () => {
    const [warning] = describeForgotten(find({ ...old, id: 'task-7', status: 'ARCHIVED' }));
    expect(warning).toContain('task-7 counts as ended: its state is ARCHIVED');
  });
});

test.each([
  { status: 'RUNNING', busyWith: 'task EXTENDING' },
  { status: 'EXTENDING', busyWith: null },
])('of an instance that is %j every task in an unknown state is open', (instance) => {
  expect(find({ ...old, status: null }, instance).open).toHaveLength(1);
});

test('without the time of the answer no task in an unknown state counts as ended', () => {
  const tasks = { value: [taskOf({ ...old, status: null })], requestId: null, serverTimeMs: null };
  expect(findOpenTasks(tasks, IDLE).open).toHaveLength(1);
});

test('a task is open, forgotten or ended, and never two of them', () => {
  const task = fc.record({
    status: fc.constantFrom(null, 'EXECUTING', 'SUCCESS', 'FAILED', 'ARCHIVED', 'created'),
    updatedAtMs: fc.option(fc.integer({ min: NOW_MS - 2 * HOUR_MS, max: NOW_MS + HOUR_MS })),
  });
  fc.assert(
    fc.property(task, (facts) => {
      const { open, forgotten } = find({ ...facts, createdAtMs: null });
      expect(open.length + forgotten.length).toBeLessThanOrEqual(1);
    }),
  );
});
