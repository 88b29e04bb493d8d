/**
 * What Redis itself changes of a run: it may lower an outcome and hold a swap back, never more. With default timing, on
 * the time-skipping server.
 */
import { describe, expect, test } from '@jest/globals';
import { DefaultLogger, Runtime } from '@temporalio/worker';

import type { Look } from '../../src/contract/index.js';
import type { DataPlaneFindings } from '../../src/domain/preflight-report.js';
import type { JobReport, Observation, SwapReport } from '../../src/domain/reports.js';
import { BEFORE, newTaskOf, observationOf, SWAPPED } from '../domain/support.js';
import { LOOK, MOVED } from '../support/redis-looks.js';
import { useTimeSkippingServer } from '../support/temporal-server.js';

import { runSwitchover } from './support/switchovers.js';
import type { SwitchoverScript } from './support/switchovers.js';

Runtime.install({ logger: new DefaultLogger('ERROR') });

const server = useTimeSkippingServer();

const DATA_PLANE: DataPlaneFindings = {
  ...{ offered: true, judges: true, binding: 'password', address: '192.0.2.1:6379', look: LOOK },
  ...{ lookedAfterMs: 10, why: null, measures: false, periodMs: 50, write: true },
};

const ACCEPTED: SwapReport = {
  ...{ kind: 'accepted', jobId: 'job-1', requestId: null, sentAtMs: 0 },
  redis: { look: LOOK, afterMs: 10 },
};
const BACK: SwapReport = { ...ACCEPTED, jobId: 'job-2', redis: { look: MOVED, afterMs: 10 } };

const jobOf = (state: JobReport['state']): JobReport => ({
  ...{ state, lastStatus: state, failReason: null, polls: 1, jobMs: null, detail: '' },
});

const seen = (look: Look | null, observed: Observation = observationOf()): Observation => ({
  ...observed,
  witness: { look, judges: true, isSteady: true, looks: 2, why: look === null ? 'silent' : null },
});

const UNCHANGED = observationOf({
  ...{ roles: BEFORE, change: 'unchanged', heldThroughout: true, newSwapTasks: [] },
});
const INACTIVE = observationOf({
  masterActive: false,
  roles: {
    ...SWAPPED,
    groups: SWAPPED.groups.map(({ groupId, nodes }) => ({
      groupId,
      nodes: nodes.map((node) => ({
        ...node,
        status: node.role === 'master' ? 'Inactive' : 'Active',
      })),
    })),
  },
});
const RESTORED = observationOf({ roles: BEFORE });
const MOVED_BACK: Look = {
  ...LOOK,
  ...{ replid: 'history-3', replid2: 'history-2', secondOffset: 6_001 },
};

const run = (script: Partial<SwitchoverScript>) =>
  runSwitchover(server(), {
    ...{ swaps: [ACCEPTED], jobs: [jobOf('SUCCESS')], seen: [], dataPlane: DATA_PLANE },
    ...script,
  });

describe('a run that looks at Redis itself', () => {
  test.each([
    ['that has moved, succeeds', seen(MOVED), 'SUCCEEDED', 'ROLES_CHANGED', 'MOVED'],
    [
      'that has not moved, does not trust the API',
      seen(LOOK),
      'UNKNOWN',
      'WITNESS_CONTRADICTS',
      'SAME',
    ],
    [
      'where a replica answers, says that it does not serve',
      seen({ ...LOOK, role: 'replica', runId: 'process-b' }),
      ...(['UNKNOWN', 'NOT_SERVING', 'NOT_A_MASTER'] as const),
    ],
    [
      'that does not answer any more, succeeds all the same',
      seen(null),
      ...(['SUCCEEDED', 'ROLES_CHANGED', 'CANNOT_TELL'] as const),
    ],
    [
      'that was restarted meanwhile, succeeds all the same',
      seen({ ...MOVED, uptimeSeconds: 1 }),
      ...(['SUCCEEDED', 'ROLES_CHANGED', 'RESTARTED_OR_REPLACED'] as const),
    ],
    [
      'that has moved while the API shows the prior roles, stays as it is',
      seen(MOVED, UNCHANGED),
      ...(['UNKNOWN', 'SUCCESS_WITHOUT_CHANGE', 'MOVED'] as const),
    ],
  ])('%s', async (_, sight, outcome, cause, word) => {
    const { result } = await run({ seen: [sight] });
    expect({ outcome: result.outcome, cause: result.cause }).toEqual({ outcome, cause });
    expect(result.dataPlane).toMatchObject({ state: 'witness-only', witness: { word } });
  });

  test('says in the message what Redis shows', async () => {
    const { result } = await run({ seen: [seen(LOOK)] });
    expect(result.message).toContain('contradicts the API.');
    expect(result.message).toContain('Redis itself: not moved (SAME)');
  });

  test('does not take a failed job for no change where Redis has moved', async () => {
    const { result } = await run({ jobs: [jobOf('FAIL')], seen: [seen(MOVED, UNCHANGED)] });
    expect(result).toMatchObject({ outcome: 'UNKNOWN', cause: 'WITNESS_CONTRADICTS' });
  });

  test.each([
    ['moved and come back', MOVED_BACK, 'MOVED_AND_BACK'],
    ['led to other data', { ...MOVED, replid2: null }, 'OTHER_DATA'],
  ])('is not cleared by silence where Redis has %s after a failed job', async (_, look, word) => {
    const { result } = await run({
      jobs: [jobOf('FAIL')],
      seen: [seen(look), seen(null)],
    });
    expect(result).toMatchObject({ outcome: 'UNKNOWN', dataPlane: { witness: { word } } });
    expect(JSON.stringify(result.evidence)).toContain(`Redis itself: ${word} stands (silent)`);
  });

  test('clears by itself where the address follows during the hold', async () => {
    const { result } = await run({ seen: [seen(LOOK), seen(MOVED)] });
    expect(result).toMatchObject({ outcome: 'SUCCEEDED', cause: 'ROLES_CHANGED' });
    expect(result.message).toContain('It was reported as UNKNOWN (WITNESS_CONTRADICTS)');
  });

  test.each([
    ['has not moved', LOOK],
    ['has moved and come back', MOVED_BACK],
  ])('is not cleared by silence during the hold where Redis %s', async (_, look) => {
    const { result } = await run({ seen: [seen(look), seen(null)] });
    expect(result).toMatchObject({ outcome: 'UNKNOWN', cause: 'WITNESS_CONTRADICTS' });
  });

  test('compares with the look before the PUT that left, not before the one that Redis held back', async () => {
    const unanswered: SwapReport = {
      ...{ kind: 'ambiguous', detail: 'reset', sentAtMs: 0, redis: { look: LOOK, afterMs: 10 } },
    };
    const drift: SwapReport = {
      ...{ kind: 'not-sent', reason: 'drift', retryAfterMs: null, detail: 'another server' },
      ...{ mayBeOwnWork: true, redis: { look: MOVED, afterMs: 10 } },
    };
    const late = (createdAtMs: number) => {
      const row = newTaskOf({ owner: 'unattributed', user: 'ours', jobId: 'job-1', createdAtMs });
      return seen(MOVED, observationOf({ newSwapTasks: [row] }));
    };
    const { result, puts } = await run({
      ...{ input: { reissue: 'once' }, swaps: [unanswered, drift] },
      seen: [seen(LOOK, UNCHANGED), late, seen(MOVED)],
    });
    expect({ puts, outcome: result.outcome }).toEqual({ puts: 2, outcome: 'SUCCEEDED' });
    expect(result.dataPlane?.witness).toMatchObject({ word: 'MOVED', before: LOOK });
  });

  test.each([
    ['moved', MOVED],
    ['moved and come back', MOVED_BACK],
    ['been demoted', { ...LOOK, role: 'replica' as const }],
  ])('sends no second PUT where Redis has %s, although the API shows no trace', async (_, look) => {
    const unanswered: SwapReport = { ...ACCEPTED, kind: 'ambiguous', detail: 'reset' };
    const { result, puts } = await run({
      ...{ input: { reissue: 'once' }, swaps: [unanswered, ACCEPTED] },
      seen: [seen(look, UNCHANGED), seen(look, UNCHANGED)],
    });
    expect({ puts, outcome: result.outcome }).toEqual({ puts: 1, outcome: 'UNKNOWN' });
    expect(JSON.stringify(result.evidence)).toContain('not sent again: Redis itself says');
  });

  test('takes no look from before a second PUT for a word of it', async () => {
    const blind: SwapReport = {
      ...{ kind: 'accepted', jobId: 'job-1', requestId: null, sentAtMs: 0 },
    };
    const unanswered: SwapReport = { ...ACCEPTED, kind: 'ambiguous', detail: 'reset' };
    const { result, puts } = await run({
      ...{ input: { reissue: 'once' }, swaps: [unanswered, blind, BACK] },
      seen: [seen(LOOK, UNCHANGED), seen(null, INACTIVE)],
    });
    expect({ puts, outcome: result.outcome }).toEqual({ puts: 2, outcome: 'UNKNOWN' });
    expect(JSON.stringify(result.evidence)).toContain('not swapped back: Redis itself says CANNOT');
  });

  test('is not cleared during the hold where two servers answer in turn', async () => {
    const inTurn = seen(LOOK);
    const { result } = await run({
      seen: [
        seen(LOOK),
        {
          ...inTurn,
          witness: {
            ...inTurn.witness,
            look: LOOK,
            judges: true,
            isSteady: false,
            looks: 2,
            why: null,
          },
        },
      ],
    });
    expect(result).toMatchObject({ outcome: 'UNKNOWN', cause: 'WITNESS_CONTRADICTS' });
  });

  test('warns only, where what answers is not proved to be this instance', async () => {
    const dataPlane = { ...DATA_PLANE, judges: false, binding: 'none' as const };
    const { result } = await run({ dataPlane, seen: [seen(LOOK)] });
    expect(result.outcome).toBe('SUCCEEDED');
    expect(result.warnings.join()).toContain('Redis itself contradicts it: SAME');
  });
});

describe('a swap back', () => {
  test('is sent where Redis has moved, and is judged by it', async () => {
    const { result, puts } = await run({
      swaps: [ACCEPTED, BACK],
      seen: [seen(MOVED, INACTIVE), seen({ ...MOVED_BACK, replid2: 'history-2' }, RESTORED)],
    });
    expect({ puts, outcome: result.outcome }).toEqual({ puts: 2, outcome: 'COMPENSATED' });
    expect(result.dataPlane?.witness).toMatchObject({
      ...{ word: 'MOVED', before: MOVED },
      why: expect.stringMatching(/^since the swap back, another server is the master/),
    });
  });

  test.each([
    ['has not moved: it would be the first move', LOOK],
    ['cannot tell any more', null],
  ])('is not sent where Redis %s', async (_, look) => {
    const { result, puts } = await run({
      swaps: [ACCEPTED, BACK],
      seen: [seen(look, INACTIVE)],
    });
    expect({ puts, outcome: result.outcome }).toEqual({ puts: 1, outcome: 'UNKNOWN' });
    expect(JSON.stringify(result.evidence)).toContain('not swapped back: Redis itself says');
  });
});
