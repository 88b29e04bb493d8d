import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll } from '@jest/globals';

import { createDcsSwitchover } from '../../../src/client.js';
import type { DcsSwitchover, DcsSwitchoverOptions, SwitchoverClient } from '../../../src/client.js';
import { startTemporalServer } from '../../../src/dev/index.js';
import type { TemporalServer, TemporalServerOptions } from '../../../src/dev/index.js';
import { connectTemporal } from '../../../src/temporal/connection.js';
import type { TemporalConnection } from '../../../src/temporal/connection.js';

import { createFakeWorker } from './fake-worker.js';
import type { FakeWorker } from './fake-worker.js';

/** One test's own corner of a real Temporal server. */
export interface Corner {
  readonly client: SwitchoverClient;
  readonly dcs: DcsSwitchover;
  readonly worker: FakeWorker;
  readonly taskQueue: string;
  readonly projectId: string;
  readonly instanceId: string;
}

/** A real server for one test file, and corners of it. */
export interface RealServer {
  readonly temporal: () => TemporalConnection;
  readonly env: () => NodeJS.ProcessEnv;
  corner(options?: Partial<DcsSwitchoverOptions>): Corner;
}

/** Starts a server before the tests of a file and stops it after them. */
export function useRealServer(options: TemporalServerOptions = {}): RealServer {
  let server: TemporalServer | undefined;
  let connection: TemporalConnection | undefined;
  const env = (): NodeJS.ProcessEnv => ({
    TEMPORAL_ADDRESS: server?.address,
    TEMPORAL_NAMESPACE: server?.namespace,
  });
  const temporal = (): TemporalConnection => {
    if (connection === undefined) throw new Error('the server is not up');
    return connection;
  };
  beforeAll(async () => {
    server = await startTemporalServer({ ui: false, ...options });
    connection = await connectTemporal(env());
  }, 120_000);
  afterAll(async () => {
    await connection?.close();
    await server?.stop();
  });
  return {
    temporal,
    env,
    corner: (options) => {
      const taskQueue = `queue-${randomUUID()}`;
      const { client } = temporal();
      const dcs = createDcsSwitchover({ client, taskQueue, ...options });
      return {
        client: dcs.switchover,
        dcs,
        worker: createFakeWorker(client, taskQueue),
        taskQueue,
        projectId: randomUUID().replaceAll('-', ''),
        instanceId: randomUUID(),
      };
    },
  };
}
