/** Calls to a server that is up and does not answer: reported alike, whoever asks and by whichever connection. */
import { once } from 'node:events';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';

import { explain } from '../../src/activities/errors.js';
import { createDcsSwitchover } from '../../src/client.js';
import { listSearchAttributes } from '../../src/temporal/connection.js';
import { findFreezeRecord } from '../../src/temporal/freeze-record.js';
import { createTemporalProbe } from '../../src/worker/health.js';

let server: http2.Http2Server;
let address: string;

/** In gRPC's frame: no flags, length 0. */
const EMPTY_MESSAGE = Buffer.alloc(5);

beforeAll(async () => {
  server = http2.createServer();
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    // What a connection asks when it opens; of all else nothing is heard again.
    if (headers[':path']?.endsWith('/GetSystemInfo') !== true) return;
    const type = { ':status': 200, 'content-type': 'application/grpc' };
    stream.respond(type, { waitForTrailers: true });
    stream.on('wantTrailers', () => {
      stream.sendTrailers({ 'grpc-status': '0' });
    });
    stream.end(EMPTY_MESSAGE);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.close();
});

const CONNECTIONS = {
  'a client': () => Connection.lazy({ address }),
  'a worker': () => NativeConnection.connect({ address }),
} as const;

const NO_ANSWER = { name: 'TemporalUnreachableError', kind: 'no-answer' };

test.each(Object.keys(CONNECTIONS) as (keyof typeof CONNECTIONS)[])(
  'a call on the connection of %s that gets no answer is reported as such to whoever made it',
  async (who) => {
    const connection = await CONNECTIONS[who]();
    const client = new Client({ connection, namespace: 'silent' });
    const caller = { client, rpcTimeoutMs: 1_000 };
    const { freezes, switchover } = createDcsSwitchover(caller);
    const calls = [
      freezes.current(),
      switchover.unresolved(),
      findFreezeRecord(caller),
      listSearchAttributes(caller),
    ];
    for (const outcome of await Promise.allSettled(calls))
      expect(outcome).toMatchObject({ status: 'rejected', reason: NO_ANSWER });
    const [inActivity] = await Promise.allSettled([findFreezeRecord(caller)]);
    expect(explain(inActivity.status === 'rejected' ? inActivity.reason : null)).toBe(
      'Temporal does not answer in time (report a freeze)',
    );
    const probe = createTemporalProbe(client, { timeoutMs: 1_000 });
    expect(await probe()).toBe('Temporal does not answer in time');
    await connection.close();
  },
);
