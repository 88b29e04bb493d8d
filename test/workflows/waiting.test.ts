/**
 * The waits of a run with default timing, on the time-skipping server: minutes pass in milliseconds.
 * The activities are scripted; what they do for real is the end-to-end tests' business.
 */
import { describe, expect, test } from '@jest/globals';
import type { WorkflowFailedError } from '@temporalio/client';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';

import type { Activities } from '../../src/activities/index.js';
import { DEFAULT_TIMING } from '../../src/contract/index.js';
import type { RolesSnapshot, SwitchoverResult, Timing } from '../../src/contract/index.js';
import type { NotSentReason, Observation, SwapReport } from '../../src/domain/reports.js';
import { toRequest } from '../../src/schema/index.js';
import type { WellFormedInput } from '../../src/schema/index.js';
import { createNotifications, workflowBundlePath } from '../../src/worker.js';
import { observationOf } from '../domain/support.js';
import { useTimeSkippingServer } from '../support/temporal-server.js';

Runtime.install({ logger: new DefaultLogger('ERROR') });

const server = useTimeSkippingServer();

const INPUT = {
  projectId: 'a'.repeat(32),
  instanceId: '11111111-2222-3333-4444-555555555555',
  mode: 'switch',
  toggle: true,
  compensation: 'swap-back',
  reissue: 'never',
  probe: 'off',
} satisfies WellFormedInput;

const ROLES: RolesSnapshot = {
  observedAt: '2026-01-01T00:00:00.000Z',
  groups: [
    {
      groupId: 'g',
      nodes: (['master', 'replica'] as const).map((role, index) => ({
        nodeId: String(index).repeat(32),
        replicationId: null,
        ip: null,
        role,
        availabilityZone: `az${index}`,
        status: 'Active',
        priority: 100,
      })),
    },
  ],
};

const UNCHANGED = observationOf({
  ...{ roles: ROLES, change: 'unchanged', heldThroughout: true, newSwapTasks: [] },
});

const notExpected = (): Promise<never> => Promise.reject(new Error('not expected here'));

let runs = 0;

/**
 * Runs a switchover whose PUTs get these reports, the last one for ever, and whose roles never change
 * by default.
 *
 * @param watched what a watch sees; `null`: none is expected
 * @param timing what is not the default
 */
async function runWith(
  reports: readonly [SwapReport | Error, ...SwapReport[]],
  watched: Observation | null = UNCHANGED,
  timing: Partial<Timing> = {},
) {
  let swapCalls = 0;
  const watchedSeconds: number[] = [];
  const activities: Activities = {
    preflight: ({ startedAtMs }) =>
      Promise.resolve({
        verdict: 'proceed',
        request: toRequest({ ...INPUT, timing }, startedAtMs, 'eu-west-101'),
        checks: [],
        before: ROLES,
        knownSwapTaskIds: [],
        warnings: [],
        searchAttributes: [],
      }),
    requestSwap: () => {
      swapCalls += 1;
      const report = reports[swapCalls - 1] ?? reports.at(-1) ?? reports[0];
      return report instanceof Error ? Promise.reject(report) : Promise.resolve(report);
    },
    measure: notExpected,
    awaitJob: notExpected,
    verifyRoles: notExpected,
    watchRoles: ({ watchSeconds }) => {
      watchedSeconds.push(watchSeconds);
      return watched === null ? notExpected() : Promise.resolve(watched);
    },
    planMaintenance: notExpected,
    followRun: notExpected,
    readFreeze: notExpected,
    thawSchedules: notExpected,
    startDelivery: () => Promise.resolve(),
    postNotification: notExpected,
  };
  const { client, nativeConnection } = server();
  runs += 1;
  const taskQueue = `waiting-${runs}`;
  const worker = await Worker.create({
    connection: nativeConnection,
    taskQueue,
    activities,
    workflowBundle: { codePath: workflowBundlePath() },
    sinks: createNotifications({ webhook: null }, {}).sinks,
  });
  const workflowId = `dcs-switchover:${INPUT.projectId}:${INPUT.instanceId}`;
  const failure = await worker.runUntil(
    client.workflow.execute('dcsSwitchover', { workflowId, taskQueue, args: [INPUT] }).then(
      () => null,
      (error: unknown) => (error as WorkflowFailedError).cause,
    ),
  );
  const { details } = failure as unknown as { details: [SwitchoverResult] };
  return { result: details[0], swapCalls, watchedSeconds };
}

describe('with default timing', () => {
  test('an UNKNOWN run keeps the lock for the cool-down of 300 s', async () => {
    const { result, swapCalls } = await runWith([
      { kind: 'ambiguous', detail: 'reset', sentAtMs: Date.now() },
    ]);
    expect(result.outcome).toBe('UNKNOWN');
    expect(result.timings.phasesMs.HOLDING).toBeGreaterThan(290_000);
    expect(swapCalls).toBe(1);
  });

  test('a cool-down of a day keeps the lock of an UNKNOWN run for no more than 300 s', async () => {
    const { result } = await runWith(
      [{ kind: 'ambiguous', detail: 'reset', sentAtMs: Date.now() }],
      UNCHANGED,
      { coolDownSeconds: 86_400 },
    );
    expect(result.outcome).toBe('UNKNOWN');
    expect(result.timings.phasesMs.HOLDING).toBeGreaterThan(290_000);
    expect(result.timings.phasesMs.HOLDING).toBeLessThan(310_000);
  });

  test('a PUT whose activity was lost is looked for until it can be over, whatever settleSeconds says', async () => {
    const { result, watchedSeconds } = await runWith([new Error('lost')], UNCHANGED, {
      settleSeconds: 0,
      coolDownSeconds: 0,
    });
    expect(result).toMatchObject({ outcome: 'UNKNOWN', swapsSent: 1, swapsPossiblySent: 1 });
    expect(result.message).toContain('PUTs: 1 possibly sent, 0 accepted');
    // The send window and the longest PUT: 3 + 15 s.
    expect(watchedSeconds).toEqual([18]);
  });

  test('a PUT whose activity has reported is looked for during settleSeconds, 0 included', async () => {
    const { watchedSeconds } = await runWith(
      [{ kind: 'ambiguous', detail: 'reset', sentAtMs: Date.now() }],
      UNCHANGED,
      { settleSeconds: 0, coolDownSeconds: 0 },
    );
    expect(watchedSeconds).toEqual([0]);
  });

  test('… also where the clock of the worker that sent is ten minutes slow', async () => {
    const { result } = await runWith([
      { kind: 'ambiguous', detail: 'reset', sentAtMs: Date.now() - 600_000 },
    ]);
    expect(result.timings.phasesMs.HOLDING).toBeGreaterThan(290_000);
  });

  describe('after an attempt whose fence is not on record', () => {
    const drift = { kind: 'not-sent', reason: 'drift', retryAfterMs: null } as const;
    const lost: SwapReport = { ...drift, reason: 'unfenced', detail: 'lost' };
    const turnedAway: SwapReport = { ...drift, reason: 'fence', detail: 'no answer' };
    const moved = { ...drift, detail: 'the roles have moved' };

    test('roles that have moved may be its work: UNKNOWN, possibly sent', async () => {
      const { result, swapCalls } = await runWith([lost, { ...moved, mayBeOwnWork: true }]);
      expect(result).toMatchObject({ outcome: 'UNKNOWN', swapsSent: 1, swapsPossiblySent: 1 });
      expect(swapCalls).toBe(2);
    });

    test('what cannot be its work is drift: REFUSED, nothing was sent', async () => {
      const reports = [lost, { ...moved, mayBeOwnWork: false }] as const;
      const { result } = await runWith(reports, null);
      expect(result).toMatchObject({ outcome: 'REFUSED', swapsSent: 0 });
    });

    test('roles that have moved after one that says itself that it did not pass are drift: REFUSED', async () => {
      const reports = [turnedAway, { ...moved, mayBeOwnWork: true }] as const;
      const { result, swapCalls } = await runWith(reports, null);
      expect(result).toMatchObject({ outcome: 'REFUSED', swapsSent: 0 });
      expect(swapCalls).toBe(2);
    });

    test('roles that have moved without such an attempt are drift: REFUSED', async () => {
      const { result } = await runWith([{ ...moved, mayBeOwnWork: true }], null);
      expect(result).toMatchObject({ outcome: 'REFUSED', swapsSent: 0 });
    });
  });

  describe('after a PUT that the gateway turned away', () => {
    const throttled = { kind: 'not-sent', reason: 'throttled', retryAfterMs: 0 } as const;
    const ofPut: SwapReport = { ...throttled, detail: '429', isOfPut: true };
    const ofReading: SwapReport = { ...throttled, detail: '429' };
    const moved = {
      kind: 'not-sent',
      reason: 'drift',
      retryAfterMs: null,
      detail: 'moved',
    } as const;

    test('roles that have moved may be its work, if something in between repeats requests: UNKNOWN', async () => {
      const { result, swapCalls } = await runWith([ofPut, { ...moved, mayBeOwnWork: true }]);
      expect(result).toMatchObject({ outcome: 'UNKNOWN', swapsSent: 1, swapsPossiblySent: 1 });
      expect(swapCalls).toBe(2);
    });

    test.each([
      ['what cannot be its work', ofPut, false],
      ['what has moved after a reading without a turn', ofReading, true],
    ])('%s is drift: REFUSED, nothing was sent', async (_, first, mayBeOwnWork) => {
      const { result } = await runWith([first, { ...moved, mayBeOwnWork }], null);
      expect(result).toMatchObject({ outcome: 'REFUSED', swapsSent: 0 });
    });
  });

  test('a busy instance is waited for 120 s, with at most 14 attempts', async () => {
    const { result, swapCalls } = await runWith([
      { kind: 'not-applied', retryAfterMs: null, wasUnauthorized: false, detail: 'busy' },
    ]);
    expect(result.outcome).toBe('FAILED_UNCHANGED');
    // The server's clock goes on while this machine works.
    expect(result.timings.totalMs).toBeLessThan((DEFAULT_TIMING.busyWaitSeconds + 15) * 1000);
    expect(result.timings.totalMs).toBeGreaterThan(100_000);
    // 2 + 4 + 8 s, then every 15 s, a quarter less each at the least.
    expect(swapCalls).toBeLessThanOrEqual(14);
  });
});

describe('a PUT that the gateway turns away', () => {
  const throttled: SwapReport = {
    ...{ kind: 'not-sent', reason: 'throttled', retryAfterMs: null, windowMs: 60_000 },
    detail: 'PUT x: 429 APIGW.0308 policy user over ratelimit,limit:10,time:1 minute',
  };

  test('is waited for until notAfter, sends nothing, and ends REFUSED without a watch', async () => {
    const { result, swapCalls } = await runWith([throttled], null);
    expect(result).toMatchObject({ outcome: 'REFUSED', cause: 'THROTTLED', swapsSent: 0 });
    expect(result.checks.at(-1)).toMatchObject({ id: 'api-quota', passed: false });
    expect(result.message).toContain('limit:10');
    expect(result.message).toContain('IAM user of its own');
    // Much longer than for a busy instance, and right until the end.
    expect(result.timings.totalMs).toBeGreaterThan(890_000);
    expect(swapCalls).toBeLessThan(70);
  });

  test.each<[NotSentReason, detail: string]>([
    ['too-late', 'the time for this request is over'],
    ['unreadable', 'the re-read took too long'],
  ])('is what the run ends by where its last try comes %s', async (reason, detail) => {
    const last = { kind: 'not-sent', reason, retryAfterMs: 3_600_000, detail } as const;
    const { result } = await runWith([throttled, throttled, last], null);
    expect(result).toMatchObject({ outcome: 'REFUSED', cause: 'THROTTLED', swapsSent: 0 });
    expect(result.checks.at(-1)).toMatchObject({ id: 'api-quota', observed: throttled.detail });
    expect(JSON.stringify(result.evidence)).toContain(detail);
  });

  test('is not what the run ends by where the instance was busy at last', async () => {
    const busy = { kind: 'not-sent', reason: 'busy', retryAfterMs: null, detail: 'busy' } as const;
    const { result } = await runWith([throttled, throttled, busy], null);
    expect(result.checks.at(-1)).toMatchObject({ id: 'instance-idle', observed: 'busy' });
  });

  test('leaves an instance that was busy before all of its time', async () => {
    const busy: SwapReport = {
      ...{ kind: 'not-applied', retryAfterMs: null, wasUnauthorized: false, detail: 'busy' },
    };
    const waits = Array.from({ length: 12 }, () => throttled);
    const { result, swapCalls } = await runWith([busy, ...waits, busy]);
    expect(result.outcome).toBe('FAILED_UNCHANGED');
    expect(swapCalls).toBeGreaterThan(13 + 5);
  });
});

describe('a run whose connection never stood', () => {
  const notSent = (reason: NotSentReason): SwapReport => ({
    kind: 'not-sent',
    reason,
    retryAfterMs: null,
    detail: `because of ${reason}`,
  });
  const unreadable: Observation = { ...UNCHANGED, roles: null, change: null };

  test.each<[NotSentReason, string]>([
    ['drift', 'no-drift'],
    ['too-late', 'not-after'],
    ['not-connected', 'api-readable'],
    ['fence', 'api-readable'],
  ])('and that ended by %s is REFUSED by the check %s, which says why', async (reason, id) => {
    const { result } = await runWith([notSent('not-connected'), notSent(reason)], unreadable);
    expect(result).toMatchObject({ outcome: 'REFUSED', swapsSent: 0 });
    expect(result.checks.at(-1)).toMatchObject({ id, observed: `because of ${reason}` });
    expect(result.message.includes('Restore that access')).toBe(id === 'api-readable');
  });

  test.each<SwapReport>([notSent('guard'), { kind: 'ambiguous', detail: 'reset', sentAtMs: 0 }])(
    'until a later attempt that cannot vouch for it is UNKNOWN: %j',
    async (report) => {
      const { result } = await runWith([notSent('not-connected'), report], unreadable);
      expect(result.outcome).toBe('UNKNOWN');
    },
  );
});
