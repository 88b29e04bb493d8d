import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { TaskFacts } from '../../src/domain/facts.js';
import type { NewSwapTask } from '../../src/domain/reports.js';
import { countForeign, isUnfinished, newSwapTasks, swapTasks } from '../../src/domain/tasks.js';

import { newTaskOf, taskOf } from './support.js';

const OURS = 'job-ours';

describe('a new swap task belongs to', () => {
  it.each<[string, Partial<TaskFacts>, readonly string[], string | null, NewSwapTask['owner']]>([
    ['us by its job id', { jobId: OURS }, [OURS], null, 'ours'],
    ['us by its id', { id: OURS }, [OURS], null, 'ours'],
    ['us, whatever the user', { jobId: OURS, userName: 'else' }, [OURS], 'us', 'ours'],
    ['somebody else by its job id', { jobId: 'job-x' }, [OURS], null, 'foreign'],
    [
      'somebody else by its job id, with our user',
      { jobId: 'job-x', userName: 'us' },
      [OURS],
      'us',
      'foreign',
    ],
    ['somebody else by its user', { userName: 'else' }, [], 'us', 'foreign'],
    ['nobody yet without any sign', {}, [OURS], null, 'unattributed'],
    ['nobody yet while no job is known', { jobId: 'job-x' }, [], null, 'unattributed'],
    ['nobody yet where our user is not configured', { userName: 'else' }, [], null, 'unattributed'],
    ['nobody yet with our user', { userName: 'us' }, [], 'us', 'unattributed'],
  ])('%s', (_, task, ownJobIds, ourUserName, owner) => {
    const found = newSwapTasks([taskOf(task)], [], ownJobIds, ourUserName);
    expect(found.map((row) => row.owner)).toStrictEqual([owner]);
  });
});

describe('a swap task is not new', () => {
  it.each<[string, Partial<TaskFacts>, readonly string[]]>([
    ['when its id was there before', { id: 'task-0' }, ['task-0']],
    ['when its job id was there before', { id: 'task-0', jobId: 'job-0' }, ['job-0']],
    ['when it is no swap', { name: 'EXTEND' }, []],
    ['when it has no name', { name: null }, []],
  ])('%s', (_, task, knownIds) => {
    expect(newSwapTasks([taskOf(task)], knownIds, [], null)).toHaveLength(0);
  });
});

describe('foreign tasks are counted', () => {
  const ours = newTaskOf();
  const unattributed = newTaskOf({ owner: 'unattributed' });
  const foreign = newTaskOf({ owner: 'foreign' });

  it.each<[string, readonly NewSwapTask[], number, number]>([
    ['none without tasks', [], 1, 0],
    ['none where each is ours', [ours], 1, 0],
    ['none where an unattributed one may be our job', [unattributed], 1, 0],
    ['one where nothing was sent', [unattributed], 0, 1],
    ['one beside our own', [ours, unattributed], 1, 1],
    ['one of two unattributed', [unattributed, unattributed], 1, 1],
    ['none of two unattributed for two jobs', [unattributed, unattributed], 2, 0],
    ['one that shows another owner', [foreign], 1, 1],
    ['all of them', [foreign, unattributed, unattributed, ours], 1, 3],
  ])('%s', (_, tasks, ownJobs, expected) => {
    expect(countForeign(tasks, ownJobs)).toBe(expected);
  });

  it('so that more tasks than own jobs always leave one', () => {
    const owner = fc.constantFrom<NewSwapTask['owner'][]>('ours', 'foreign', 'unattributed');
    fc.assert(
      fc.property(fc.array(owner, { maxLength: 6 }), fc.nat(3), (owners, ownJobs) => {
        const tasks = owners.map((each) => newTaskOf({ owner: each }));
        const count = countForeign(tasks, ownJobs);
        const shown = owners.filter((each) => each === 'ours').length;
        return count >= owners.length - Math.max(ownJobs, shown) && count <= owners.length - shown;
      }),
    );
  });
});

describe('a task is unfinished', () => {
  it.each<[string | null, boolean]>([
    ['EXECUTING', true],
    ['CREATED', true],
    ['INIT', true],
    ['a word nobody knows', true],
    [null, true],
    ['SUCCESS', false],
    ['success', false],
    ['FAIL', false],
    ['FAILED', false],
    ['CANCELLED', false],
    ['DELETED', false],
  ])('with the status %s: %s', (status, expected) => {
    expect(isUnfinished(taskOf({ status }))).toBe(expected);
  });

  it('by itself: only swaps are picked by name', () => {
    const tasks = [taskOf(), taskOf({ name: 'EXTEND' }), taskOf({ name: 'masterstandbyswapjob' })];
    expect(swapTasks(tasks)).toStrictEqual([tasks[0]]);
  });
});
