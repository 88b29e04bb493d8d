import { setTimeout as pause } from 'node:timers/promises';

import { describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';

import {
  PayloadsEncodedError,
  TemporalUnreachableError,
  connectDcsSwitchover,
  createDcsSwitchover,
} from '../../src/client.js';

import { startTemporalServer } from '../../src/dev/index.js';
import { connectTemporal } from '../../src/temporal/connection.js';
import { callTemporal } from '../../src/temporal/rpc.js';

import { findings, result } from './support/facts.js';
import { completeRun, createFakeWorker } from './support/fake-worker.js';
import { useRealServer } from './support/server.js';

const server = useRealServer();

/** No one listens there. */
const NOWHERE = '127.0.0.1:1';

describe('a server that cannot be reached', () => {
  test('is notified when connecting, within seconds', async () => {
    const startedMs = Date.now();
    const error = await connectTemporal({ TEMPORAL_ADDRESS: NOWHERE }).catch(
      (thrown: unknown) => thrown,
    );
    expect(Date.now() - startedMs).toBeLessThan(30_000);
    expect(error).toBeInstanceOf(TemporalUnreachableError);
    expect(error).toMatchObject({ address: NOWHERE, namespace: 'default', kind: 'no-answer' });
    expect((error as Error).message).toContain('TEMPORAL_ADDRESS');
  });

  test('is reported within the deadline on a connection that died', async () => {
    const connection = Connection.lazy({ address: NOWHERE });
    const { switchover: client } = createDcsSwitchover({
      client: new Client({ connection }),
      rpcTimeoutMs: 1_000,
    });
    const { projectId, instanceId } = server.corner();
    const startedMs = Date.now();
    const error = await client
      .start({ projectId, instanceId, toggle: true })
      .catch((thrown: unknown) => thrown);
    expect(Date.now() - startedMs).toBeLessThan(9_500);
    expect(error).toMatchObject({
      name: 'TemporalUnreachableError',
      address: NOWHERE,
      operation: 'start',
    });
    // The request may have arrived although its answer did not.
    expect((error as Error).message).toContain('may have been started');
    await connection.close();
  });

  test('that gives a call up at its deadline before we do has not answered', async () => {
    const connection = Connection.lazy({ address: NOWHERE });
    const context = { client: new Client({ connection }), taskQueue: 'any', rpcTimeoutMs: 50 };
    const cancelled = Object.assign(new Error('1 CANCELLED: context canceled'), {
      ...{ code: 1, details: 'context canceled', metadata: {} },
    });
    const failAfter = (ms: number) => () => pause(ms).then(() => Promise.reject(cancelled));
    const late = callTemporal(context, 'progress', failAfter(100));
    await expect(late).rejects.toMatchObject({
      name: 'TemporalUnreachableError',
      kind: 'no-answer',
    });
    // Before that it is the caller's own doing, who knows it.
    await expect(callTemporal(context, 'progress', failAfter(0), 60_000)).rejects.toBe(cancelled);
    await connection.close();
  });

  test('may go away under a call: the call ends in time, and so does closing', async () => {
    const temporal = await startTemporalServer({ ui: false });
    const env = { TEMPORAL_ADDRESS: temporal.address };
    const { switchover: client, close } = await connectDcsSwitchover({ env, rpcTimeoutMs: 1_500 });
    const { projectId, instanceId } = server.corner();
    const run = await client.start({ projectId, instanceId, toggle: true });
    await temporal.stop();
    const startedMs = Date.now();
    await expect(client.status(run)).rejects.toMatchObject({ kind: 'no-answer' });
    const abandoned = client.status(run).catch(() => 'failed');
    await close();
    expect(Date.now() - startedMs).toBeLessThan(9_500);
    expect(await abandoned).toBe('failed');
    // Long enough for a retry that no one stopped to throw out of its timer.
    await pause(1_500);
  });

  test('is reported for a namespace that does not exist', async () => {
    const env = { ...server.env(), TEMPORAL_NAMESPACE: 'absent' };
    const { switchover: client, close } = await connectDcsSwitchover({ env });
    const { projectId, instanceId } = server.corner();
    for (const call of [
      () => client.status({ projectId, instanceId }),
      () => client.start({ projectId, instanceId, toggle: true }),
      () => client.history({ projectId, instanceId }),
    ])
      await expect(call()).rejects.toMatchObject({
        kind: 'namespace-not-found',
        namespace: 'absent',
        message: expect.stringContaining('temporal operator namespace create --namespace absent'),
      });
    await close();
  });
});

describe('a payload codec', () => {
  /** Not encryption, but unreadable to whoever lacks it. */
  const flip = (bytes: Uint8Array): Uint8Array => bytes.map((byte) => byte ^ 0xff);
  const codec: PayloadCodec = {
    encode: (payloads) =>
      Promise.resolve(
        payloads.map(({ metadata, data }) => ({
          metadata: {
            encoding: Buffer.from('binary/flipped'),
            inner: metadata?.['encoding'] ?? new Uint8Array(),
          },
          data: flip(data ?? new Uint8Array()),
        })),
      ),
    decode: (payloads) =>
      Promise.resolve(
        payloads.map(({ metadata, data }) => {
          const inner = metadata?.['inner'];
          if (inner === undefined) return { metadata: metadata ?? null, data: data ?? null };
          return { metadata: { encoding: inner }, data: flip(data ?? new Uint8Array()) };
        }),
      ),
  };

  test('is used for everything that is written and read', async () => {
    const { connection } = server.temporal().client;
    const coded = new Client({ connection, dataConverter: { payloadCodecs: [codec] } });
    const { client, projectId, instanceId, taskQueue } = server.corner({ client: coded });
    const worker = createFakeWorker(coded, taskQueue);
    const input = { projectId, instanceId, toggle: true, requestId: 'r-1', reason: 'top-secret' };
    const run = await client.start(input);
    expect(await client.start(input)).toMatchObject({ runId: run.runId, reused: 'open' });
    await worker.perform('preflight', {}, findings());
    expect(await client.status(run)).toMatchObject({ asked: { reason: 'top-secret' } });
    const history = await coded.workflow.getHandle(run.workflowId).fetchHistory();
    expect(JSON.stringify(history)).not.toContain(Buffer.from('top-secret').toString('base64'));
    await worker.decide(completeRun(result()));
    expect(await client.result(run)).toEqual(result());
  });

  test('that is missing is reported, not a riddle', async () => {
    const { connection } = server.temporal().client;
    const coded = new Client({ connection, dataConverter: { payloadCodecs: [codec] } });
    const { client, projectId, instanceId } = server.corner({ client: coded });
    const { switchover: plain } = createDcsSwitchover({ client: server.temporal().client });
    await client.start({ projectId, instanceId, toggle: true });
    const error = await plain.status({ projectId, instanceId }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PayloadsEncodedError);
    expect((error as Error).message).toContain('DCS_SWITCHOVER_DATA_CONVERTER');
  });
});
