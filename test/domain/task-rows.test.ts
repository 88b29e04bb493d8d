/** What single rows of the task list prove, up to the edges of two clocks, and how people read them. */
import { describe, expect, it, test } from '@jest/globals';

import { describeSwapTasks, unresolvedJobs } from '../../src/domain/message-facts.js';
import {
  describeSwapTask,
  endOf,
  endOfJob,
  endOfTask,
  findAnsweredTask,
  findOwnTrace,
  isWithin,
  newSwapTasks,
  NO_KNOWN_USERS,
  overBefore,
  swapTimeOf,
} from '../../src/domain/tasks.js';

import { newTaskOf, NOW_MS, taskOf } from './support.js';

/** Two clocks of the API may differ by so much. */
const API_MS = 2_000;
const TRACE_MS = 60_000;
const JOB = 'job-0123456789abcdef';

describe('a task can have begun in a time', () => {
  const time = { notBeforeMs: NOW_MS, notAfterMs: NOW_MS + 10_000 };

  it.each([
    [true, NOW_MS - API_MS],
    [false, NOW_MS - API_MS - 1],
    [true, NOW_MS + 10_000 + API_MS],
    [false, NOW_MS + 10_000 + API_MS + 1],
    [true, null],
  ])('as far as two clocks say: %s at %s', (can, createdAtMs) => {
    expect(isWithin(newTaskOf({ createdAtMs }), time)).toBe(can);
  });

  test('whose begin or end no one knows', () => {
    const open = { notBeforeMs: null, notAfterMs: null };
    for (const createdAtMs of [0, NOW_MS, 2 * NOW_MS])
      expect(isWithin(newTaskOf({ createdAtMs }), open)).toBe(true);
  });
});

describe('a row that says that it was over before', () => {
  const overBeforeMs = NOW_MS;
  const isNew = (overrides: Parameters<typeof taskOf>[0], before: number | null = overBeforeMs) =>
    newSwapTasks(
      [taskOf({ status: 'SUCCESS', createdAtMs: 0, updatedAtMs: 0, ...overrides })],
      [],
      { ids: [], by: 'answer', ...(before === null ? {} : { overBeforeMs: before }) },
      NO_KNOWN_USERS,
    ).length === 1;

  it.each<[string, Parameters<typeof taskOf>[0], boolean]>([
    ['is not new', {}, false],
    ['is new from the tolerance on', { updatedAtMs: NOW_MS - API_MS }, true],
    ['is not new below it', { updatedAtMs: NOW_MS - API_MS - 1 }, false],
    ['is new by its later time', { createdAtMs: NOW_MS }, true],
    ['is new while it has not ended', { status: 'RUNNING' }, true],
    ['is new where it does not say when it began', { createdAtMs: null }, true],
    ['is new where it does not say when it changed', { updatedAtMs: null }, true],
  ])('%s', (_, overrides, expected) => {
    expect(isNew(overrides)).toBe(expected);
  });

  test('is new where no one knows before what', () => {
    expect(isNew({}, null)).toBe(true);
  });
});

describe('a swap of ours shows what was over before', () => {
  const job = { beganAtMs: NOW_MS + 100, endedAtMs: NOW_MS + 3_100, observedEndedAtMs: NOW_MS };
  const before = (times: Partial<Record<keyof typeof job, number | null>>) =>
    overBefore({ ...job, ...times }, { notBeforeMs: NOW_MS, notAfterMs: null });

  it.each<[string, Parameters<typeof before>[0]]>([
    ['by its beginning', {}],
    ['where no one knows when it ended', { endedAtMs: null, observedEndedAtMs: null }],
    [
      'where servers differ',
      { endedAtMs: NOW_MS + 100 - API_MS, observedEndedAtMs: NOW_MS - API_MS },
    ],
  ])('%s', (_, times) => {
    expect(before(times)).toBe(NOW_MS);
  });

  it.each<[string, Parameters<typeof before>[0]]>([
    ['no one knows when it began', { beganAtMs: null }],
    ['it ended before it began', { endedAtMs: NOW_MS + 99 - API_MS }],
    ['its end was reported before it was sent', { observedEndedAtMs: NOW_MS - API_MS - 1 }],
  ])('but not where %s', (_, times) => {
    expect(before(times)).toBeNull();
  });
});

describe('the trace of a PUT without an answer', () => {
  const trace = newTaskOf({ owner: 'unattributed', user: 'ours', createdAtMs: NOW_MS });

  test('is the only new row of our own user, begun no earlier than the PUT', () => {
    const from = (notBeforeMs: number | null) => findOwnTrace([trace], notBeforeMs);
    expect(from(NOW_MS + TRACE_MS + API_MS)).toBe(trace);
    expect(from(NOW_MS + TRACE_MS + API_MS + 1)).toBeNull();
    expect(from(null)).toBe(trace);
    expect(findOwnTrace(null, NOW_MS)).toBeNull();
    expect(findOwnTrace([], NOW_MS)).toBeNull();
  });

  test('of a version that did not look for the user is any that is not foreign', () => {
    const unseen = newTaskOf({ owner: 'unattributed', createdAtMs: NOW_MS });
    expect(findOwnTrace([unseen], NOW_MS)).toBe(unseen);
    expect(findOwnTrace([{ ...unseen, owner: 'foreign' }], NOW_MS)).toBeNull();
  });
});

test('the row of an answered PUT began while its activity was under way', () => {
  const row = newTaskOf({ owner: 'unattributed', createdAtMs: NOW_MS });
  const foreign = newTaskOf({ id: 'f', owner: 'foreign', createdAtMs: NOW_MS });
  expect(findAnsweredTask([row, foreign], NOW_MS)).toBe(row);
  expect(findAnsweredTask([row, { ...row, id: 'x' }], NOW_MS)).toBeNull();
  expect(findAnsweredTask([row], null)).toBeNull();
  expect(findAnsweredTask([{ ...row, createdAtMs: null }], NOW_MS)).toBeNull();
  const last = NOW_MS - 40_000 - API_MS;
  expect(findAnsweredTask([row], last)).toBe(row);
  expect(findAnsweredTask([row], last - 1)).toBeNull();
});

describe('a word of the service', () => {
  test('that is absent says nothing, and counts as a failure only where it must have ended', () => {
    expect([endOfTask(null), endOfJob(null)]).toStrictEqual([null, null]);
    expect([endOf(null), endOf('ODD'), endOf('SUCCESS')]).toStrictEqual([
      'FAIL',
      'FAIL',
      'SUCCESS',
    ]);
  });

  it.each(['ROLLBACK', 'ROLLBACKED', 'ROLLED_BACK', 'rolling_back'])(
    'takes a job back: %s',
    (word) => {
      expect(endOfJob(word)).toBe('FAIL');
      expect(endOfTask(word)).toBeNull();
    },
  );
});

describe('a swap task reads', () => {
  it.each([
    [
      'swap task t1 of user not reported, not known to be ours, created at a time not reported, status not reported',
      { user: undefined, status: null },
    ],
    [
      'swap task t1 of user ann (user id u1), which is our own, created 2026-01-01T00:00:00.000Z, status SUCCESS',
      { user: 'ours', userName: 'ann', userId: 'u1', createdAtMs: NOW_MS },
    ],
    [
      'swap task t1 of user bob, which is not ours, created at a time not reported, status SUCCESS',
      { user: 'other', userName: 'bob' },
    ],
  ] as const)('%s', (words, overrides) => {
    const { user, ...rest } = overrides;
    const task = newTaskOf({ id: 't1', ...rest, ...(user === undefined ? {} : { user }) });
    expect(describeSwapTask(task)).toBe(words);
  });

  test('among those that stand in the way: three at the most, none of ours', () => {
    const foreign = newTaskOf({ owner: 'foreign' });
    const said = describeSwapTasks({
      newSwapTasks: [newTaskOf(), ...Array.from({ length: 4 }, () => foreign)],
    });
    expect(said).toHaveLength(3);
    expect(said[0]).toBe(`There is ${describeSwapTask(foreign)}.`);
    expect(describeSwapTasks({})).toStrictEqual([]);
  });
});

describe('the jobs that a person may wait for', () => {
  const maybe = newTaskOf({ id: JOB, owner: 'unattributed' });

  it.each<[string, Parameters<typeof unresolvedJobs>[0], readonly string[]]>([
    ['are those of the run', { jobIds: ['j1'], newSwapTasks: [maybe] }, ['j1']],
    ['else the only row that may be its own', { jobIds: [], newSwapTasks: [maybe] }, [JOB]],
    [
      'by the id of its job',
      { jobIds: [], newSwapTasks: [{ ...maybe, jobId: `x${JOB}` }] },
      [`x${JOB}`],
    ],
    ['not one of two', { jobIds: [], newSwapTasks: [maybe, maybe] }, []],
    ['not that of another', { jobIds: [], newSwapTasks: [{ ...maybe, owner: 'foreign' }] }, []],
    [
      'not one whose id is none of a job',
      { jobIds: [], newSwapTasks: [{ ...maybe, id: 'x' }] },
      [],
    ],
    ['and none where there is none', { jobIds: [] }, []],
  ])('%s', (_, facts, jobs) => {
    expect(unresolvedJobs(facts)).toStrictEqual(jobs);
  });
});

describe('a swap of ours can have begun', () => {
  const SKEW_MS = 15 * 60_000;

  it.each<[string, Parameters<typeof swapTimeOf>, number | null, number | null]>([
    ['at any time, where nothing is known', [null, {}], null, null],
    ['from the last answer before its PUT', [NOW_MS, {}], NOW_MS, null],
    ['from then, where its job began later', [NOW_MS, { beganAtMs: NOW_MS + 1 }], NOW_MS, null],
    [
      'as early as its job, by a clock behind',
      [NOW_MS, { beganAtMs: NOW_MS - 1 }],
      NOW_MS - 1,
      null,
    ],
    [
      'as early as its job, by the most that clocks differ',
      [NOW_MS, { beganAtMs: NOW_MS - SKEW_MS }],
      NOW_MS - SKEW_MS,
      null,
    ],
    ['no earlier by more', [NOW_MS, { beganAtMs: NOW_MS - SKEW_MS - 1 }], NOW_MS, null],
    [
      'as early as its PUT, as far as servers differ',
      [NOW_MS, { observedEndedAtMs: NOW_MS - API_MS }],
      NOW_MS,
      NOW_MS - API_MS + TRACE_MS,
    ],
    [
      'at no known time, once the clock was set back',
      [NOW_MS, { observedEndedAtMs: NOW_MS - API_MS - 1 }],
      null,
      NOW_MS - API_MS - 1 + TRACE_MS,
    ],
    ['until its job had ended', [null, { endedAtMs: 7, observedEndedAtMs: 9 }], null, 7],
    ['until that was seen, and a little longer', [null, { observedEndedAtMs: 9 }], null, 60_009],
  ])('%s', (_, given, notBeforeMs, notAfterMs) => {
    expect(swapTimeOf(...given)).toStrictEqual({ notBeforeMs, notAfterMs });
  });
});
