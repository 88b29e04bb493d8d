/**
 * The swap activity against the simulator: when the route to the PUT takes too long, nothing leaves; and whatever takes
 * its time comes before the fence.
 */
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';

import { OPEN_POLICY } from '../../src/activities/index.js';
import type { Activities, InstancePolicy } from '../../src/activities/index.js';
import type { Mode } from '../../src/contract/index.js';
import type { LookResult } from '../../src/data-plane/index.js';
import { DcsCredentialsError } from '../../src/dcs/index.js';
import type { SwapCall, SwapReport } from '../../src/domain/reports.js';
import { SEND_WINDOW_MS } from '../../src/domain/timing.js';
import { waitUntil } from '../../src/simulator/basics.js';
import { startSimulator } from '../../src/simulator/index.js';
import type { Simulator } from '../../src/simulator/index.js';

import {
  JOB_ID,
  LIMIT_MS,
  json,
  startImpatientServer,
  startMuteServer,
  startServer,
  stopServers,
} from '../dcs/support.js';

import { LOOK, redisShowing } from '../support/redis-looks.js';
import { FREEZE, hostActivities, prepareSwap, temporalAnswering } from './support.js';
import type { TemporalAnswers } from './support.js';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());
afterEach(stopServers);

interface Circumstances {
  /** How long Temporal's answer to the fence takes to be heard. */
  readonly fenceMs?: number;
  readonly notAfterMs?: number;
  readonly isDraining?: () => boolean;
  /** How many calls find a credential; the next ones do not. */
  readonly credentialsFor?: number;
  readonly policy?: InstancePolicy;
  readonly mode?: Mode;
  /** What Redis itself shows now, against what it showed at the pre-check. */
  readonly redis?: { readonly now: LookResult; readonly judges: boolean };
  readonly purpose?: SwapCall['purpose'];
  readonly freeze?: TemporalAnswers['freeze'];
  readonly onFence?: TemporalAnswers['onFence'];
  /** Where the PUT goes instead of the simulator, and with what patience. */
  readonly put?: { readonly endpoint: string; readonly connectTimeoutMs?: number };
  /** Cancels the activity as soon as this is so. */
  readonly cancelWhen?: () => boolean;
  /** How far Temporal's clock is behind this machine's. */
  readonly temporalBehindMs?: number;
}

async function requestSwap(
  circumstances: Circumstances,
): Promise<{ report: SwapReport; puts: number }> {
  const { fenceMs = 0, notAfterMs = Date.now() + 60_000, isDraining = () => false } = circumstances;
  const { credentialsFor = Infinity, policy = OPEN_POLICY } = circumstances;
  const {
    mode = 'switch',
    purpose = 'forward',
    freeze = null,
    temporalBehindMs = 0,
    onFence = () => undefined,
    put,
    redis,
  } = circumstances;
  const { instanceId } = await simulator.addInstance({});
  let calls = 0;
  const beforeKeys = () => {
    calls += 1;
    if (calls > credentialsFor) throw new DcsCredentialsError('IAM at https://iam did not answer.');
  };
  const temporal = temporalAnswering({ fenceMs, freeze, onFence });
  const looked = redis === undefined ? {} : { redis: redisShowing(redis.now) };
  const witness = redis === undefined ? {} : { witness: { before: LOOK, judges: redis.judges } };
  const host = { temporal, isDraining, policy, put, beforeKeys, ...looked };
  const { dcs, activities } = hostActivities(simulator, host);
  const { call, environment } = await prepareSwap(simulator, dcs, instanceId, temporalBehindMs);
  if (circumstances.cancelWhen !== undefined) {
    const { cancelWhen } = circumstances;
    void waitUntil('the time to cancel', 60_000, () => Promise.resolve(cancelWhen())).then(() => {
      environment.cancel('CANCELLED');
    });
  }
  const report = await environment.run<[SwapCall], SwapReport, Activities['requestSwap']>(
    activities.requestSwap,
    { ...call, ...witness, purpose, notAfterMs, request: { ...call.request, mode } },
  );
  return { report, puts: simulator.ledger.puts(instanceId).length };
}

describe('requestSwap', () => {
  test('sends one PUT when nothing stands in the way', async () => {
    const { report, puts } = await requestSwap({});
    expect({ kind: report.kind, puts }).toEqual({ kind: 'accepted', puts: 1 });
  });

  test.each(['plan', 'resolve', 'verify', 'adopt'] as const)(
    'sends nothing for a run of mode %s',
    async (mode) => {
      const { report, puts } = await requestSwap({ mode });
      expect(report).toMatchObject({ kind: 'not-sent', reason: 'guard' });
      expect(puts).toBe(0);
    },
  );

  describe('where Redis itself is looked at,', () => {
    const RESTARTED = { look: { ...LOOK, runId: 'process-b' } };
    const DEMOTED = { look: { ...LOOK, role: 'replica' as const } };
    const SILENT: LookResult = { why: 'nothing answers', error: 'connect-timeout' };

    test.each([
      ['the same server answers', { look: LOOK }, true, 'accepted', 1],
      ['another process answers', RESTARTED, true, 'drift', 0],
      ['the master has been demoted', DEMOTED, true, 'drift', 0],
      ['another process answers without a binding password', RESTARTED, false, 'accepted', 1],
      ['nothing answers: that is no veto', SILENT, true, 'accepted', 1],
    ])('and %s', async (_, now, judges, wanted, puts) => {
      const sent = await requestSwap({ redis: { now, judges } });
      const { report } = sent;
      expect(report.kind === 'not-sent' ? report.reason : report.kind).toBe(wanted);
      expect(report.redis?.look).toEqual('look' in now ? now.look : undefined);
      expect(sent.puts).toBe(puts);
    });
  });

  test('sends nothing when the answer to the fence was heard too late', async () => {
    const { report, puts } = await requestSwap({ fenceMs: SEND_WINDOW_MS + 200 });
    expect(report).toMatchObject({ kind: 'not-sent', reason: 'unreadable' });
    expect(puts).toBe(0);
  });

  test('sends nothing when notAfter passes between the fence and the PUT', async () => {
    const { report, puts } = await requestSwap({ fenceMs: 1_500, notAfterMs: Date.now() + 1_000 });
    expect(report).toMatchObject({ kind: 'not-sent', reason: 'too-late' });
    expect(puts).toBe(0);
  });

  test('sends nothing when the worker begins to shut down after the fence', async () => {
    let isDraining = false;
    const onFence = () => (isDraining = true);
    const { report, puts } = await requestSwap({ onFence, isDraining: () => isDraining });
    expect(report).toMatchObject({ kind: 'not-sent', reason: 'draining' });
    expect(puts).toBe(0);
  });

  test('asks for no fence while the connection of the PUT does not stand', async () => {
    const mute = await startMuteServer();
    const onFence = jest.fn();
    const endpoint = `https://127.0.0.1:${mute.port}`;
    const put = { endpoint, connectTimeoutMs: LIMIT_MS };
    const { report, puts } = await requestSwap({ put, onFence });
    expect(report).toMatchObject({ kind: 'not-sent', reason: 'not-connected' });
    expect(mute.connections()).toBe(1);
    expect(onFence).not.toHaveBeenCalled();
    expect(puts).toBe(0);
  });

  test('connects, asks whether a freeze is in force, passes the fence, and then sends', async () => {
    const steps: string[] = [];
    const server = await startServer((request, response) => {
      steps.push(request.method ?? '');
      json({ job_id: JOB_ID })(request, response);
    });
    const connected = () => (server.bytes.length === 1 ? 'connected' : 'not connected');
    const note = (step: string) => steps.push(`${step}, ${connected()}`);
    const { report } = await requestSwap({
      put: { endpoint: server.origin },
      freeze: () => {
        note('freeze');
        return null;
      },
      onFence: () => note('fence'),
    });
    expect(report).toMatchObject({ kind: 'accepted', jobId: JOB_ID });
    expect(steps).toEqual(['freeze, connected', 'fence, connected', 'PUT']);
  });

  test.each([
    ['before the fence: it is not asked for', 'freeze', 0],
    ['while the fence is passed', 'fence', 1],
  ])('sends nothing over a connection that was closed %s', async (_, when, fences) => {
    const { port, sockets } = await startImpatientServer();
    const leave = async () => {
      await waitUntil('a connection', 60_000, () => Promise.resolve(sockets.length === 1));
      for (const socket of sockets) socket.end();
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    };
    const onFence = jest.fn(() => (when === 'fence' ? leave() : undefined));
    const { report } = await requestSwap({
      put: { endpoint: `http://127.0.0.1:${port}` },
      freeze: async () => {
        if (when === 'freeze') await leave();
        return null;
      },
      onFence,
    });
    expect(report).toMatchObject({ kind: 'not-sent', reason: 'not-connected', retryAfterMs: 0 });
    expect(onFence).toHaveBeenCalledTimes(fences);
    expect(sockets[0]?.bytesRead).toBe(0);
  });

  test('sends nothing when it is cancelled while it connects, and does not wait for the connection', async () => {
    const mute = await startMuteServer();
    const onFence = jest.fn();
    const { report } = await requestSwap({
      put: { endpoint: `https://127.0.0.1:${mute.port}`, connectTimeoutMs: 60_000 },
      onFence,
      cancelWhen: () => mute.connections() === 1,
    });
    expect(report).toMatchObject({ kind: 'not-sent', reason: 'cancelled' });
    expect(onFence).not.toHaveBeenCalled();
    await mute.deserted();
  });

  // The set-up reads once, the activity three times before its PUT.
  test.each([
    ['at its first reading', 1, 'unreadable'],
    ['at the PUT itself', 4, 'not-connected'],
  ])('sends nothing and says so when the credential is lost %s', async (_, calls, reason) => {
    const { report, puts } = await requestSwap({ credentialsFor: calls });
    expect(report).toMatchObject({ kind: 'not-sent', reason });
    expect(report).toHaveProperty(
      'detail',
      expect.stringContaining('IAM at https://iam did not answer'),
    );
    expect(puts).toBe(0);
  });

  test.each<[string, Partial<InstancePolicy>]>([
    ['a name', { deny: [{ name: '*' }] }],
    ['what is not allowed', { allow: [] }],
  ])(
    'sends nothing when the settings of this worker deny the instance by %s',
    async (_, policy) => {
      const { report, puts } = await requestSwap({ policy: { ...OPEN_POLICY, ...policy } });
      expect(report).toMatchObject({
        kind: 'not-sent',
        reason: 'drift',
        detail: expect.stringContaining('the settings of the worker do not allow it') as unknown,
      });
      expect(puts).toBe(0);
    },
  );

  test('sends nothing while a freeze is in force, and says whose it is', async () => {
    const { report, puts } = await requestSwap({ freeze: FREEZE });
    expect(report).toMatchObject({
      kind: 'not-sent',
      reason: 'frozen',
      detail: `frozen until ${FREEZE.until} by ann: quarter end`,
    });
    expect(puts).toBe(0);
  });

  test('lets a swap back through a freeze, because it restores what was there', async () => {
    const { report, puts } = await requestSwap({ freeze: FREEZE, purpose: 'compensate' });
    expect({ kind: report.kind, puts }).toEqual({ kind: 'accepted', puts: 1 });
  });

  test('sends when a freeze is over that no worker has ended', async () => {
    const freeze = { ...FREEZE, until: new Date(Date.now() - 1_000).toISOString() };
    const { report } = await requestSwap({ freeze });
    expect(report.kind).toBe('accepted');
  });

  test('does not send while the freeze is not over by the clock of Temporal', async () => {
    const freeze = { ...FREEZE, until: new Date(Date.now() - 1_000).toISOString() };
    const { report, puts } = await requestSwap({ freeze, temporalBehindMs: 660_000 });
    expect({ report, puts }).toMatchObject({ report: { reason: 'frozen' }, puts: 0 });
  });

  test.each([
    ['whose memo is missing', () => undefined],
    ['whose end is no instant', () => ({ ...FREEZE, until: 'tomorrow' })],
  ])('takes an open freeze %s for a freeze', async (_, freeze) => {
    const { report, puts } = await requestSwap({ freeze });
    expect(report).toMatchObject({ kind: 'not-sent', reason: 'frozen' });
    expect(puts).toBe(0);
  });

  test('sends nothing while no one shows whether a freeze is in force, and may be tried again', async () => {
    const freeze = () => Promise.reject(new Error('UNAVAILABLE'));
    const { report, puts } = await requestSwap({ freeze });
    expect(report).toMatchObject({ kind: 'not-sent', reason: 'unreadable', retryAfterMs: 0 });
    expect(puts).toBe(0);
  });

  test('sends nothing when the answer about a freeze was heard too late', async () => {
    const freeze = async () => {
      await new Promise((resolve) => setTimeout(resolve, SEND_WINDOW_MS + 200));
      return null;
    };
    const { report, puts } = await requestSwap({ freeze });
    expect(report).toMatchObject({ kind: 'not-sent', reason: 'unreadable' });
    expect(puts).toBe(0);
  });
});
