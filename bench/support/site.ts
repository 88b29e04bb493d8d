import path from 'node:path';

import { Client, Connection } from '@temporalio/client';

import { createDcsSwitchover } from '../../src/client.js';
import type { SwitchoverClient } from '../../src/client.js';
import { startLocalStack } from '../../src/dev/stack.js';
import type { LocalStack } from '../../src/dev/stack.js';
import type { SimulatorOptions } from '../../src/simulator/index.js';

import { startMeasured } from './measured-process.js';
import type { MeasuredProcess } from './measured-process.js';

const HOST = path.join(__dirname, '../hosts/host.ts');
const COMMAND = path.join(__dirname, '../../dist/cli.js');

/** Everything a measurement works with: Temporal's dev server, the simulator, a client. */
export interface Site {
  readonly stack: LocalStack;
  readonly temporal: Client;
  readonly client: SwitchoverClient;
  /** The worker command as users run it. */
  readonly startWorker: () => Promise<MeasuredProcess>;
  /** A host of `hosts/host.ts`. */
  readonly startHost: (order: unknown) => Promise<MeasuredProcess>;
}

/**
 * Opens a site, lets it be used, and ends everything that was started.
 *
 * @param parts `redis`: real Redis is behind the simulator; absent: none is
 */
export async function withSite<T>(
  simulator: SimulatorOptions,
  use: (site: Site) => Promise<T>,
  parts: { readonly redis: boolean } = { redis: false },
): Promise<T> {
  const stack = await startLocalStack({ ...parts, simulator });
  const started: MeasuredProcess[] = [];
  const start = async (script: string, args: readonly string[]): Promise<MeasuredProcess> => {
    const env = { ...stack.workerEnv(), NODE_ENV: 'production' };
    const measured = await startMeasured(script, args, env);
    started.push(measured);
    return measured;
  };
  try {
    const connection = await Connection.connect({
      address: stack.temporal.address,
      connectTimeout: '1 minute',
    });
    const { namespace } = stack.temporal;
    const temporal = new Client({ connection, namespace });
    try {
      return await use({
        stack,
        temporal,
        client: createDcsSwitchover({ client: temporal, taskQueue: stack.taskQueue }).switchover,
        startWorker: () => start(COMMAND, ['worker']),
        startHost: (order) => start(HOST, [JSON.stringify(order)]),
      });
    } finally {
      await connection.close();
    }
  } finally {
    await Promise.all(started.map((measured) => measured.stop()));
    await stack.close();
  }
}
