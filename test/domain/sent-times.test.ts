/** Which swap tasks are those of other runs, and which instants count, when an earlier run is judged again. */
import { describe, expect, it, test } from '@jest/globals';

import type { Look } from '../../src/contract/index.js';
import { concludeExamination, disownOthers, findTrace } from '../../src/domain/examination.js';
import type { ExaminedRun } from '../../src/domain/preflight-report.js';
import type { NewSwapTask } from '../../src/domain/reports.js';

import { MOVED } from '../support/redis-looks.js';

import { BEFORE, newTaskOf, NOW_MS, observationOf } from './support.js';

const examinedOf = (overrides: Partial<ExaminedRun> = {}): ExaminedRun => ({
  ...{ runId: 'run-1', ended: 'TERMINATED', purpose: 'forward', from: BEFORE, target: null },
  ...{ knownSwapTaskIds: [], sending: 'ambiguous', putSummary: '', jobId: null, taskId: null },
  ...{ job: null, sentBetweenMs: [NOW_MS, NOW_MS + 40_000] },
  ...overrides,
});
const OTHERS = { otherSwaps: [{ runId: 'run-2', ids: ['t2', 'j2'] }] };
const traceOf = (overrides: Partial<NewSwapTask> = {}): NewSwapTask =>
  newTaskOf({ owner: 'unattributed', user: 'ours', createdAtMs: NOW_MS, ...overrides });

describe('the swaps of other runs', () => {
  test('are foreign, by the id of task or job, and no others', () => {
    const tasks = [
      traceOf({ id: 't1' }),
      traceOf({ id: 't2' }),
      traceOf({ id: 't3', jobId: 'j2' }),
    ];
    const seen = observationOf({ newSwapTasks: tasks });
    const owners = disownOthers(examinedOf(OTHERS), seen).newSwapTasks?.map(({ owner }) => owner);
    expect(owners).toStrictEqual(['unattributed', 'foreign', 'foreign']);
    expect(disownOthers(examinedOf(), seen)).toBe(seen);
    const blind = observationOf({ newSwapTasks: null });
    expect(disownOthers(examinedOf(OTHERS), blind)).toBe(blind);
  });

  test('are no trace of this one, and leave its own alone', () => {
    const trace = traceOf({ id: 't1' });
    const find = (...newSwapTasks: NewSwapTask[]) =>
      findTrace(examinedOf(OTHERS), observationOf({ newSwapTasks }));
    expect(find(traceOf({ id: 't2' }))).toBeNull();
    expect(find(trace, traceOf({ id: 't2' }))).toBe(trace);
    expect(findTrace(examinedOf(OTHERS), observationOf({ newSwapTasks: null }))).toBeNull();
  });
});

describe('the end of an examination of a swap back', () => {
  const conclude = (outcome: 'SUCCEEDED' | 'UNKNOWN', cause: 'ROLES_CHANGED' | 'NO_TRACE') =>
    concludeExamination(
      { purpose: 'compensate', sentBetweenMs: null, unchangedAtEnd: null },
      { outcome, cause },
      observationOf(),
    );

  it.each([
    ['COMPENSATED', 'SUCCEEDED', 'ROLES_CHANGED'],
    ['UNKNOWN', 'UNKNOWN', 'NO_TRACE'],
  ] as const)('is %s where it is judged %s (%s)', (outcome, judgedAs, cause) => {
    expect(conclude(judgedAs, cause).outcome).toBe(outcome);
  });

  test('that stays unresolved says that it is the swap back', () => {
    expect(conclude('UNKNOWN', 'NO_TRACE').cause).toBe('COMPENSATION_NO_TRACE');
  });
});

describe('the end of an examination of a run that Redis had contradicted', () => {
  const concludeBy = (look: Look | null, purpose: ExaminedRun['purpose'] = 'forward') => {
    const witness = { look, judges: true, isSteady: true, looks: 1, why: null };
    return concludeExamination(
      { purpose, sentBetweenMs: null, redisCause: 'NOT_SERVING' },
      { outcome: 'SUCCEEDED', cause: 'ROLES_CHANGED' },
      { ...observationOf(), witness },
    );
  };

  test('is that of the API where Redis was seen again: then it was compared', () => {
    expect(concludeBy(MOVED).outcome).toBe('SUCCEEDED');
  });

  test.each([
    ['forward', 'NOT_SERVING'],
    ['compensate', 'COMPENSATION_NOT_SERVING'],
  ] as const)('stays UNKNOWN where it was not (%s)', (purpose, cause) => {
    expect(concludeBy(null, purpose)).toEqual({ outcome: 'UNKNOWN', cause });
  });
});
