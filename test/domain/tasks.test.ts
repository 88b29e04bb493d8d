import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';

import type { TaskFacts } from '../../src/domain/facts.js';
import type { NewSwapTask, OwnJobs } from '../../src/domain/reports.js';
import {
  countForeign,
  endOf,
  endOfJob,
  findAnsweredTask,
  findOwnTrace,
  isUnfinished,
  newSwapTasks,
  NO_JOBS,
  NO_KNOWN_USERS,
  swapTasks,
  swapTimeOf,
  whoseUser,
} from '../../src/domain/tasks.js';
import type { CloudUser, KnownUsers } from '../../src/domain/tasks.js';

import { newTaskOf, taskOf } from './support.js';

const OURS = 'job-ours';

const NOBODY = NO_KNOWN_USERS;
const NAMED: KnownUsers = { configuredName: 'us', shown: null };
const SHOWN_FIRINGS: KnownUsers = {
  configuredName: null,
  shown: { userId: 'a1', userName: 'us', by: 'sts' },
};
const LEARNT: KnownUsers = {
  configuredName: null,
  shown: { userId: 'a1', userName: 'us', by: 'row' },
};

type Owned = readonly [
  string,
  Partial<TaskFacts>,
  OwnJobs['by'],
  KnownUsers,
  NewSwapTask['owner'],
  NewSwapTask['user'],
];

describe('a new swap task belongs to', () => {
  it.each<Owned>([
    ['us by its job id', { jobId: OURS }, 'answer', NOBODY, 'ours', 'unknown'],
    ['us by its id', { id: OURS }, 'answer', NOBODY, 'ours', 'unknown'],
    ['us, whatever the user', { jobId: OURS, userName: 'else' }, 'answer', NAMED, 'ours', 'other'],
    ['another client by its user', { userName: 'else' }, 'answer', NAMED, 'foreign', 'other'],
    [
      'another client by its user, against what a person said',
      { id: OURS, userName: 'else' },
      'word',
      NAMED,
      'foreign',
      'other',
    ],
    [
      'another client by its user, although it was found in the list',
      { id: OURS, userName: 'else' },
      'row',
      NAMED,
      'foreign',
      'other',
    ],
    ['us as reported by a person', { id: OURS }, 'word', NAMED, 'ours', 'unknown'],
    [
      'another client by the id of the user, whatever the name',
      { userName: 'us', userId: 'b2' },
      'answer',
      LEARNT,
      'foreign',
      'other',
    ],
    [
      'no one yet with our name and an id that STS does not say',
      { userName: 'us', userId: 'b2' },
      'answer',
      SHOWN_FIRINGS,
      'unattributed',
      'unknown',
    ],
    ['no one yet without any sign', {}, 'answer', SHOWN_FIRINGS, 'unattributed', 'unknown'],
    [
      'no one yet by a job id of its own',
      { jobId: 'job-x' },
      'answer',
      NOBODY,
      'unattributed',
      'unknown',
    ],
    [
      'no one yet where no user is known',
      { userName: 'else' },
      'answer',
      NOBODY,
      'unattributed',
      'unknown',
    ],
    ['no one yet with our user', { userName: 'us' }, 'answer', NAMED, 'unattributed', 'ours'],
  ])('%s', (_, task, by, users, owner, user) => {
    const found = newSwapTasks([taskOf(task)], [], { ids: [OURS], by }, users);
    expect(found.map((row) => [row.owner, row.user])).toStrictEqual([[owner, user]]);
  });
});

describe('the user of a task', () => {
  const row = (userName: string | null, userId: string | null = null) => ({ userName, userId });
  it.each<[string, CloudUser, KnownUsers, string]>([
    ['is ours by its id', row('us', 'A1'), SHOWN_FIRINGS, 'ours'],
    ['is ours by its id after it was renamed', row('us-2', 'a1'), SHOWN_FIRINGS, 'ours'],
    ['is another by its id, with the same name', row('us', 'b2'), LEARNT, 'other'],
    [
      'is not known by its id where STS alone reports ours',
      row('us', 'b2'),
      SHOWN_FIRINGS,
      'unknown',
    ],
    ['is not known by its id where it has no name', row(null, 'b2'), SHOWN_FIRINGS, 'unknown'],
    ['is another by id and name', row('else', 'b2'), SHOWN_FIRINGS, 'other'],
    ['is ours by its name where the row has no id', row('us'), SHOWN_FIRINGS, 'ours'],
    ['is another by its name where the row has no id', row('else'), SHOWN_FIRINGS, 'other'],
    ['is not known without name and id', row(null), SHOWN_FIRINGS, 'unknown'],
    ['is not known where only the case of the name differs', row('US'), SHOWN_FIRINGS, 'unknown'],
    ['is ours by the settings', row('us', 'b2'), NAMED, 'ours'],
    [
      'is not known where settings and evidence contradict each other',
      row('us', 'b2'),
      { ...SHOWN_FIRINGS, configuredName: 'us' },
      'unknown',
    ],
    ['is not known where no one is', row('us', 'a1'), NOBODY, 'unknown'],
  ])('%s', (_, user, known, expected) => {
    expect(whoseUser(user, known)).toBe(expected);
  });
});

describe('the trace of a PUT without an answer is', () => {
  const trace = newTaskOf({ owner: 'unattributed', user: 'ours', createdAtMs: 10_000 });
  it.each<[string, boolean, readonly NewSwapTask[], number | null]>([
    ['the only new task of our user since the PUT', true, [trace], 9_000],
    ['one whose clock is half a minute behind that of the gateway', true, [trace], 40_000],
    ['the only new task of our user where the clock is not known', true, [trace], null],
    ['not one from long before the PUT', false, [{ ...trace, createdAtMs: 5_000 }], 90_000],
    ['not one without a time', false, [{ ...trace, createdAtMs: null }], 9_000],
    [
      'not one of a user that is not known to be ours',
      false,
      [{ ...trace, user: 'unknown' }],
      9_000,
    ],
    ['not one of another user', false, [{ ...trace, user: 'other', owner: 'foreign' }], 9_000],
    ['not one of two of our user', false, [trace, { ...trace, id: 'task-2' }], 9_000],
    [
      'not one beside that of another user',
      false,
      [trace, newTaskOf({ owner: 'foreign', user: 'other' })],
      9_000,
    ],
    ['nothing where nothing is new', false, [], 9_000],
  ])('%s', (_, isFound, tasks, notBeforeMs) => {
    expect(findOwnTrace(tasks, notBeforeMs)).toBe(isFound ? trace : null);
  });

  it('whatever is listed, never a task whose user is not known to be ours', () => {
    const owner = fc.constantFrom<NewSwapTask['owner'][]>('ours', 'foreign', 'unattributed');
    const user = fc.constantFrom<('ours' | 'other' | 'unknown')[]>('ours', 'other', 'unknown');
    const task = fc.record({ owner, user, createdAtMs: fc.option(fc.nat(20_000)) });
    fc.assert(
      fc.property(
        fc.array(task, { maxLength: 3 }),
        fc.option(fc.nat(20_000)),
        (rows, notBeforeMs) => {
          const found = findOwnTrace(
            rows.map((row) => newTaskOf(row)),
            notBeforeMs,
          );
          return found === null || (found.user === 'ours' && rows.length === 1);
        },
      ),
    );
  });
});

describe('the row of an answered job that no id leads to is', () => {
  const ours = newTaskOf({ owner: 'unattributed', user: 'ours', createdAtMs: 10_000 });
  const nobodys = newTaskOf({ owner: 'unattributed', user: 'unknown', createdAtMs: 10_000 });
  const others = newTaskOf({ owner: 'foreign', user: 'other', createdAtMs: 10_000 });

  it.each<[string, NewSwapTask[], number | null, boolean]>([
    ['the only new one, of our own user', [ours], 9_000, true],
    ['the only new one, of a user whom no one knows', [nobodys], 9_000, true],
    ["the only new one beside another's", [nobodys, others], 9_000, true],
    ["none of another's", [others], 9_000, false],
    ['none of two', [ours, nobodys], 9_000, false],
    ['none that began before the PUT', [ours], 13_000, false],
    ['none that began after whoever sent the PUT was given up', [ours], -33_000, false],
    ['none where no one knows when the PUT left', [ours], null, false],
    ['none that does not show when it began', [{ ...ours, createdAtMs: null }], 9_000, false],
  ])('%s', (_, tasks, notBeforeMs, isFound) => {
    expect(findAnsweredTask(tasks, notBeforeMs)).toBe(isFound ? tasks[0] : null);
  });
});

describe('a swap task is not new', () => {
  it.each<[string, Partial<TaskFacts>, readonly string[]]>([
    ['when its id was there before', { id: 'task-0' }, ['task-0']],
    ['when its job id was there before', { id: 'task-0', jobId: 'job-0' }, ['job-0']],
    ['when it is no swap', { name: 'EXTEND' }, []],
    ['when it has no name', { name: null }, []],
  ])('%s', (_, task, knownIds) => {
    expect(newSwapTasks([taskOf(task)], knownIds, NO_JOBS, NO_KNOWN_USERS)).toHaveLength(0);
  });
});

describe('a swap that was over before the PUT', () => {
  const listed = (task: Partial<TaskFacts>) =>
    newSwapTasks(
      [taskOf({ status: 'SUCCESS', ...task })],
      [],
      { ...NO_JOBS, overBeforeMs: 90_000 },
      NOBODY,
    );
  it.each<[string, Partial<TaskFacts>, number]>([
    ['is not new, however late it is listed', { createdAtMs: 10_000, updatedAtMs: 15_000 }, 0],
    ['is new where it ended since', { createdAtMs: 10_000, updatedAtMs: 95_000 }, 1],
    ['is new where its end is not reported', { createdAtMs: 10_000, updatedAtMs: null }, 1],
    ['is new while it goes on', { createdAtMs: 10_000, updatedAtMs: 15_000, status: 'RUNNING' }, 1],
  ])('%s', (_, task, count) => {
    expect(listed(task)).toHaveLength(count);
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

  it('none of an unattributed one that began between the PUT and the end of its job', () => {
    const time = { notBeforeMs: 10_000, notAfterMs: 20_000 };
    const at = (createdAtMs: number) => newTaskOf({ owner: 'unattributed', createdAtMs });
    expect(countForeign([at(10_000)], 1, time)).toBe(0);
    expect(countForeign([at(5_000)], 1, time)).toBe(1);
    expect(countForeign([at(25_000)], 1, time)).toBe(1);
  });

  it('one that began long after the end of the job was observed, where the job reports no end', () => {
    const time = swapTimeOf(10_000, { beganAtMs: 11_000, observedEndedAtMs: 20_000 });
    const at = (createdAtMs: number) => newTaskOf({ owner: 'unattributed', createdAtMs });
    expect(countForeign([at(19_000)], 1, time)).toBe(0);
    expect(countForeign([at(3_600_000)], 1, time)).toBe(1);
  });

  it('none where the clock of the service, which stamps rows and jobs, is behind that of its gateway', () => {
    const created = newTaskOf({ owner: 'unattributed', createdAtMs: 1_005_000 });
    const job = { beganAtMs: 1_005_000, endedAtMs: 1_008_000 };
    expect(countForeign([created], 1, swapTimeOf(1_010_000, job))).toBe(0);
    // What began before our own job by the same clock is not its row, whatever the clocks.
    const older = newTaskOf({ owner: 'unattributed', createdAtMs: 1_001_000 });
    expect(countForeign([older], 1, swapTimeOf(1_010_000, job))).toBe(1);
  });

  it.each<[string, Parameters<typeof swapTimeOf>[1]]>([
    ['before its job ended', { beganAtMs: 1_010_200, endedAtMs: 831_000 }],
    ['and its job reports no end', { beganAtMs: 1_010_200, observedEndedAtMs: 831_000 }],
    ['and its job reports no time', { observedEndedAtMs: 831_000 }],
  ])('none where the clock of the service was set back %s', (_, job) => {
    const row = newTaskOf({ owner: 'unattributed', createdAtMs: 1_010_200 });
    const time = swapTimeOf(1_010_000, job);
    expect(countForeign([row], 1, time)).toBe(0);
    const hourLater = newTaskOf({ owner: 'unattributed', createdAtMs: 4_610_000 });
    expect(countForeign([hourLater], 1, time)).toBe(1);
  });

  it.each<[string, number | null, Parameters<typeof swapTimeOf>[1], number | null]>([
    ['the gateway, where the job began later', 5_000, { beganAtMs: 6_000 }, 5_000],
    ['the gateway, where the job does not say', 5_000, {}, 5_000],
    ['the gateway, where the job began in another age', 2_000_000, { beganAtMs: 0 }, 2_000_000],
    ['nothing, where the gateway reported no time', null, { beganAtMs: 6_000 }, null],
  ])('from a time that is reported by %s', (_, notBeforeMs, job, expected) => {
    expect(swapTimeOf(notBeforeMs, job).notBeforeMs).toBe(expected);
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

test.each([
  ['SUCCESS', 'SUCCESS'],
  ['FINISHED', 'SUCCESS'],
  ['failed', 'FAIL'],
  ['CANCELLED', 'FAIL'],
  ['ROLLBACK', 'FAIL'],
  ['RUNNING', null],
  ['PAUSED', null],
  [null, null],
])('a job whose status is %s has ended: %s', (status, end) => {
  expect(endOfJob(status)).toBe(end);
});

test.each([
  ['SUCCESS', 'SUCCESS'],
  ['FINISH', 'SUCCESS'],
  ['FAILED', 'FAIL'],
  ['CANCELLED', 'FAIL'],
])('a row that ended %s reports that its job ended %s', (status, end) => {
  expect(endOf(status)).toBe(end);
});

describe('a task is unfinished', () => {
  it.each<[string | null, boolean]>([
    ['EXECUTING', true],
    ['CREATED', true],
    ['INIT', true],
    ['a word no one knows', true],
    [null, true],
    ['SUCCESS', false],
    ['success', false],
    ['FAIL', false],
    ['FAILED', false],
    ['CANCELLED', false],
    ['DELETED', false],
    ['FINISHED', false],
    ['ROLLBACK', true],
  ])('with the status %s: %s', (status, expected) => {
    expect(isUnfinished(taskOf({ status }))).toBe(expected);
  });

  it('by itself: only swaps are picked by name', () => {
    const tasks = [taskOf(), taskOf({ name: 'EXTEND' }), taskOf({ name: 'masterstandbyswapjob' })];
    expect(swapTasks(tasks)).toStrictEqual([tasks[0]]);
  });
});
