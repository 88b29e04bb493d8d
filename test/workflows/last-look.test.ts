/**
 * What an unresolved run does once it has kept its lock long enough: it looks once more, as `verify` would, and sends
 * nothing. With default timing, on the time-skipping server.
 */
import { describe, expect, test } from '@jest/globals';
import { DefaultLogger, Runtime } from '@temporalio/worker';

import type { JobReport, Observation, SwapReport } from '../../src/domain/reports.js';
import { BEFORE, SWAPPED, newTaskOf, observationOf } from '../domain/support.js';
import { useTimeSkippingServer } from '../support/temporal-server.js';

import { runSwitchover } from './support/switchovers.js';
import type { Sight, SwitchoverScript } from './support/switchovers.js';

Runtime.install({ logger: new DefaultLogger('ERROR') });

const server = useTimeSkippingServer();

const run = (script: SwitchoverScript) => runSwitchover(server(), script);

const LOST: SwapReport = { kind: 'ambiguous', detail: 'reset', sentAtMs: 0 };
const ACCEPTED: SwapReport = {
  ...{ kind: 'accepted', jobId: 'job-1', requestId: null, sentAtMs: 0 },
};
const NOT_APPLIED: SwapReport = {
  ...{ kind: 'rejected', detail: '400 DCS.4855', requestId: 'request-1' },
};

const jobOf = (state: JobReport['state']): JobReport => ({
  ...{ state, lastStatus: state, failReason: null, polls: 1, jobMs: null, detail: '' },
});

const UNCHANGED = observationOf({
  ...{ roles: BEFORE, change: 'unchanged', heldThroughout: true, newSwapTasks: [] },
});
const CHANGED = observationOf();
const INACTIVE = observationOf({
  masterActive: false,
  roles: {
    ...SWAPPED,
    groups: SWAPPED.groups.map((group) => ({
      ...group,
      nodes: group.nodes.map((node) => ({
        ...node,
        status: node.role === 'master' ? 'Inactive' : 'Active',
      })),
    })),
  },
});
const UNREAD: Observation = observationOf({
  ...{ roles: null, change: null, stable: false, newSwapTasks: null, lastError: '503' },
});

/** A new row of a user known to be ours, of the time of the PUT. */
const TRACED: Sight = (sentAtMs) =>
  observationOf({ newSwapTasks: [newTaskOf({ user: 'ours', createdAtMs: sentAtMs })] });

/** No id leads from our job to its row. */
const ODD_ROW = observationOf({
  newSwapTasks: [newTaskOf({ owner: 'unattributed', user: 'unknown', status: 'ARCHIVED' })],
});

type Case = readonly [string, SwitchoverScript, string, string];

const CLEARED: readonly Case[] = [
  [
    'a lost answer whose row is listed by then',
    { swaps: [LOST], seen: [UNCHANGED, TRACED], jobs: [jobOf('SUCCESS')] },
    ...(['SUCCEEDED', 'ROLES_CHANGED'] as const),
  ],
  [
    'a job that has ended by then',
    { swaps: [ACCEPTED], seen: [CHANGED], jobs: [jobOf('unfinished'), jobOf('SUCCESS')] },
    ...(['SUCCEEDED', 'ROLES_CHANGED'] as const),
  ],
  [
    'a job that has failed by then, and roles that held',
    { swaps: [ACCEPTED], seen: [UNCHANGED], jobs: [jobOf('unfinished'), jobOf('FAIL')] },
    ...(['FAILED_UNCHANGED', 'JOB_FAILED'] as const),
  ],
  [
    'roles that are readable by then',
    { swaps: [ACCEPTED], seen: [UNREAD, CHANGED], jobs: [jobOf('SUCCESS')] },
    ...(['SUCCEEDED', 'ROLES_CHANGED'] as const),
  ],
  [
    'a row of our own job by count that ended in a word that no one knows',
    { swaps: [ACCEPTED], seen: [UNREAD, ODD_ROW], jobs: [jobOf('SUCCESS')] },
    ...(['SUCCEEDED', 'ROLES_CHANGED'] as const),
  ],
  [
    'a new master that is Active by then',
    {
      ...{ swaps: [ACCEPTED], seen: [INACTIVE, CHANGED], jobs: [jobOf('SUCCESS')] },
      input: { compensation: 'none' },
    },
    ...(['SUCCEEDED', 'ROLES_CHANGED'] as const),
  ],
  [
    'a swap back whose roles are readable by then',
    {
      ...{ swaps: [ACCEPTED, { ...ACCEPTED, jobId: 'job-2' }], jobs: [jobOf('SUCCESS')] },
      seen: [INACTIVE, UNREAD, observationOf({ roles: BEFORE })],
    },
    ...(['COMPENSATED', 'NEW_MASTER_INACTIVE'] as const),
  ],
];

const KEPT: readonly Case[] = [
  [
    'a lost answer without a trace',
    { swaps: [LOST], seen: [UNCHANGED] },
    ...(['UNKNOWN', 'NO_TRACE'] as const),
  ],
  [
    'a lost answer and a row whose user no one knows',
    {
      swaps: [LOST],
      seen: [
        UNCHANGED,
        observationOf({ newSwapTasks: [newTaskOf({ user: 'unknown', owner: 'unattributed' })] }),
      ],
    },
    ...(['UNKNOWN', 'UNATTRIBUTED_SWAP'] as const),
  ],
  [
    'a first PUT without a trace, after which the job of the second has failed,',
    {
      ...{ swaps: [LOST, ACCEPTED], seen: [UNCHANGED], jobs: [jobOf('FAIL')] },
      input: { reissue: 'once' },
    },
    ...(['UNKNOWN', 'NO_TRACE'] as const),
  ],
  [
    'a first PUT without a trace, where the job of the second has failed by then,',
    {
      ...{ swaps: [LOST, ACCEPTED], seen: [UNCHANGED] },
      ...{ jobs: [jobOf('unfinished'), jobOf('FAIL')], input: { reissue: 'once' } },
    },
    ...(['UNKNOWN', 'NO_TRACE'] as const),
  ],
  [
    'a job that has not ended yet',
    { swaps: [ACCEPTED], seen: [CHANGED], jobs: [jobOf('unfinished')] },
    ...(['UNKNOWN', 'JOB_STILL_RUNNING'] as const),
  ],
  [
    'a swap of another client, where nothing can be read any more',
    {
      ...{ swaps: [ACCEPTED], jobs: [jobOf('SUCCESS')] },
      seen: [
        observationOf({ newSwapTasks: [newTaskOf(), newTaskOf({ owner: 'foreign' })] }),
        UNREAD,
      ],
    },
    ...(['UNKNOWN', 'FOREIGN_SWAP'] as const),
  ],
  [
    'a new master that is still not Active, which nothing swaps back',
    {
      ...{ swaps: [ACCEPTED], seen: [UNREAD, INACTIVE], jobs: [jobOf('SUCCESS')] },
    },
    ...(['UNKNOWN', 'NEW_MASTER_INACTIVE'] as const),
  ],
  [
    'roles that moved only after the end of the job',
    { swaps: [ACCEPTED], seen: [UNCHANGED, CHANGED], jobs: [jobOf('SUCCESS')] },
    ...(['UNKNOWN', 'CHANGED_LATER'] as const),
  ],
];

describe('an unresolved run looks once more at the end of its hold:', () => {
  test.each(CLEARED)(
    '%s ends the unresolved outcome, and nothing is sent',
    async (_, script, outcome, cause) => {
      const { result, puts, notifications } = await run(script);
      expect(result).toMatchObject({ outcome, cause });
      expect(puts).toBe(script.swaps.length);
      expect(result.timings.phasesMs.HOLDING).toBeGreaterThan(200_000);
      expect(result.message).toMatch(
        /It was reported as UNKNOWN \([A-Z_]+\) at .*Z; one more look .* has cleared that\./,
      );
      const reported = notifications.map(({ type, data }) => [type, data['outcome'] ?? null]);
      expect(reported).toContainEqual(['dcs-switchover.switchover.phase.v1', 'UNKNOWN']);
      expect(reported.at(-1)).toEqual(['dcs-switchover.switchover.ended.v1', outcome]);
    },
  );

  test.each(KEPT)('%s stays UNKNOWN, and nothing is sent', async (_, script, outcome, cause) => {
    const { result, puts, looks } = await run(script);
    expect(result).toMatchObject({ outcome, cause });
    expect(puts).toBe(script.swaps.length);
    expect(looks).toBeGreaterThan(0);
    expect(result.message).not.toContain('reported as UNKNOWN');
  });

  test('not where a timeout of the run leaves no time for it', async () => {
    const { result, looks } = await run({ swaps: [LOST], seen: [UNCHANGED], timeoutSeconds: 480 });
    expect({ outcome: result.outcome, looks }).toEqual({ outcome: 'UNKNOWN', looks: 0 });
  });
});

describe('a PUT that the API itself says was not applied', () => {
  const unclear = observationOf({
    ...{ roles: BEFORE, change: 'unchanged', stable: false, heldThroughout: false },
    ...{ hasShownChange: false, newSwapTasks: [] },
  });

  test.each([
    ['nothing can be read', UNREAD],
    ['the list cannot be read', { ...UNCHANGED, newSwapTasks: null }],
    ['one reading was unclear', unclear],
  ])('leaves nothing unresolved where %s: FAILED_UNCHANGED without a hold', async (_, seen) => {
    const { result, puts, looks } = await run({ swaps: [NOT_APPLIED], seen: [seen] });
    expect(result).toMatchObject({ outcome: 'FAILED_UNCHANGED', cause: 'NOT_APPLIED_UNCONFIRMED' });
    expect({ puts, looks }).toEqual({ puts: 1, looks: 0 });
    expect(result.timings.phasesMs.HOLDING).toBeUndefined();
    expect(result.message).toContain('API itself answered');
    expect(result.message).not.toContain('undefined');
  });

  test.each([
    ['the roles have changed all the same', { ...CHANGED, newSwapTasks: null }, 'TASKS_UNREADABLE'],
    ['a sample showed another master', { ...unclear, hasShownChange: true }, 'ROLES_UNSTABLE'],
    [
      'a swap task has appeared',
      { ...unclear, newSwapTasks: [newTaskOf({ owner: 'unattributed' })] },
      'FOREIGN_SWAP',
    ],
  ])('is unresolved where %s: UNKNOWN, and the lock is held', async (_, seen, cause) => {
    const { result, looks } = await run({ swaps: [NOT_APPLIED], seen: [seen] });
    expect(result).toMatchObject({ outcome: 'UNKNOWN', cause });
    expect(looks).toBe(1);
  });

  test('is unresolved where the last look before the next try had seen other roles', async () => {
    const drift: SwapReport = {
      ...{ kind: 'not-sent', reason: 'drift', retryAfterMs: null, detail: 'other roles' },
    };
    const busy: SwapReport = {
      ...{ kind: 'not-applied', retryAfterMs: null, wasUnauthorized: false, detail: 'busy' },
    };
    const { result } = await run({ swaps: [busy, drift], seen: [UNREAD] });
    expect(result).toMatchObject({ outcome: 'UNKNOWN', cause: 'ROLES_UNREADABLE' });
  });
});

describe('a poll whose attempts are all lost', () => {
  test('is made once more: what became of the job is known without a hold', async () => {
    const jobs = ['lost', jobOf('SUCCESS')] as const;
    const { result, puts } = await run({ swaps: [ACCEPTED], seen: [CHANGED], jobs });
    expect(result).toMatchObject({ outcome: 'SUCCEEDED', cause: 'ROLES_CHANGED' });
    expect(puts).toBe(1);
    expect(result.timings.phasesMs.HOLDING).toBeUndefined();
  });

  test('and lost again leaves the job unfinished: UNKNOWN, and the lock is held', async () => {
    const { result } = await run({ swaps: [ACCEPTED], seen: [CHANGED], jobs: ['lost'] });
    expect(result).toMatchObject({ outcome: 'UNKNOWN', cause: 'JOB_STILL_RUNNING' });
    expect(result.timings.phasesMs.HOLDING).toBeGreaterThan(200_000);
  });
});
