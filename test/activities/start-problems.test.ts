/** How a workflow was started: one set of rules for a switchover and for a maintenance. */
import { describe, expect, test } from '@jest/globals';

import { findStartProblems } from '../../src/activities/start-problems.js';

type Rules = Parameters<typeof findStartProblems>[1];

const RULES: Rules = {
  ...{ what: 'a toggle', region: ['eu-west-101', 'eu-west-101'], wrongId: false },
  leastTimeoutMs: 60_000,
  timeout: { problem: 'is too short', remedy: 'Leave it out.' },
};
const SOUND = { hasCronSchedule: false, hasRetryPolicy: false, timeoutMs: null };

const fieldsOf = (timeoutMs: number | null, rules: Partial<Rules> = {}) =>
  findStartProblems({ ...SOUND, timeoutMs }, { ...RULES, ...rules }).map(({ field }) => field);

describe('how a workflow was started', () => {
  test('has no problem without a cron schedule, a retry policy and a timeout', () => {
    expect(fieldsOf(null)).toEqual([]);
  });

  test('lets a timeout pass that is as long as the run may need, and none that is shorter', () => {
    expect(fieldsOf(60_000)).toEqual([]);
    expect(fieldsOf(59_999)).toEqual(['timeout']);
  });

  test('lets no timeout pass where nothing bounds the run, however long it is', () => {
    const unbounded = { leastTimeoutMs: Infinity };
    expect(fieldsOf(Number.MAX_SAFE_INTEGER, unbounded)).toEqual(['timeout']);
    expect(fieldsOf(null, unbounded)).toEqual([]);
  });

  test('names everything that is wrong, in one answer', () => {
    const call = { hasCronSchedule: true, hasRetryPolicy: true, timeoutMs: 1 };
    const wrongId = { problem: 'is not the lock', remedy: 'Use the lock.' };
    const problems = findStartProblems(call, { ...RULES, region: ['eu', 'cn'], wrongId });
    expect(problems.map(({ field }) => field)).toEqual([
      ...['region', 'workflowId', 'cronSchedule', 'retryPolicy', 'timeout'],
    ]);
    expect(problems.map(({ problem }) => problem)).toContain('would repeat a toggle');
  });
});
