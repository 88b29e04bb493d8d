/** Which tasks stand in the way of a PUT at the last look. */
import { expect, test } from '@jest/globals';

import type { TaskFacts } from '../../src/domain/facts.js';
import { findBusy } from '../../src/domain/last-look.js';
import type { SwapCall } from '../../src/domain/reports.js';

import { INSTANCE, NOW_MS, taskOf } from './support.js';

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
