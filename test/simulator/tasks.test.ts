import { afterEach, describe, expect, it } from '@jest/globals';

import type { Simulator } from '../../src/simulator/index.js';
import { first, get, pathsOf, start, stopAll } from './support.js';

afterEach(stopAll);

/** A simulator with tasks 00…14, one a minute. */
async function startWithTasks(): Promise<Simulator> {
  const simulator = await start();
  for (let minute = 0; minute < 15; minute += 1) {
    const mm = String(minute).padStart(2, '0');
    first(simulator).addTask({ name: `task-${mm}`, created_at: `2026-01-01T10:${mm}:30.500Z` });
  }
  return simulator;
}

const list = async (simulator: Simulator, query = '') => {
  const { json } = await get(simulator, pathsOf(simulator).tasks + query);
  return {
    count: json.task_count,
    names: json.tasks.map(({ name }) => name),
  };
};

describe('the task list', () => {
  it('shows the ten newest by default, and the number of all as a string', async () => {
    const { count, names } = await list(await startWithTasks());
    expect(count).toBe('15');
    expect(names).toHaveLength(10);
    expect(names[0]).toBe('task-14');
  });

  it('is paged by offset and limit', async () => {
    const simulator = await startWithTasks();
    const pages = [
      await list(simulator, '?limit=6'),
      await list(simulator, '?limit=6&offset=6'),
      await list(simulator, '?limit=6&offset=12'),
      await list(simulator, '?limit=6&offset=18'),
    ];
    expect(pages.map(({ names }) => names.length)).toEqual([6, 6, 3, 0]);
    expect(new Set(pages.flatMap(({ names }) => names)).size).toBe(15);
  });

  it('is narrowed by start_time and end_time, both to the second and in UTC', async () => {
    const simulator = await startWithTasks();
    const { count, names } = await list(
      simulator,
      '?start_time=20260101100330&end_time=20260101100530',
    );
    expect(count).toBe('3');
    expect(names).toEqual(['task-05', 'task-04', 'task-03']);
  });

  it.each([
    '?limit=0',
    '?limit=1001',
    '?limit=x',
    '?offset=-1',
    '?start_time=yesterday',
    '?end_time=2026',
  ])('refuses %s', async (query) => {
    const simulator = await startWithTasks();
    const reply = await get(simulator, pathsOf(simulator).tasks + query);
    expect(reply.status).toBe(400);
    expect(reply.json.error_code).toBe('DCS.4800');
  });

  it('completes an added row to a swap that another client has just made', async () => {
    const simulator = await start();
    first(simulator).addTask({});
    const { json } = await get(simulator, pathsOf(simulator).tasks);
    expect(json.tasks).toMatchObject([
      { name: 'masterStandbySwapJob', status: 'SUCCESS', user_name: 'another-operator' },
    ]);
    expect(Math.abs(Date.parse(json.tasks[0]?.created_at ?? '') - Date.now())).toBeLessThan(5000);
  });
});
