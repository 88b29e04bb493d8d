import { readFile } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';

import { Connection } from '@temporalio/client';

import { startTemporalServer } from '../../src/dev/index.js';

/** What the figures were taken on: nothing that identifies the machine. */
export async function describeMachine(): Promise<readonly string[]> {
  const memoryGiB = Math.round(totalmem() / 2 ** 30);
  return [
    `${availableParallelism()} cores, ${memoryGiB} GiB, ${process.platform} ${process.arch};`,
    `Node ${process.versions.node}, Temporal TypeScript SDK ${await sdkVersion()},`,
    `Temporal dev server ${await serverVersion()}; simulator without Redis.`,
  ];
}

async function sdkVersion(): Promise<string> {
  const file = require.resolve('@temporalio/worker/package.json');
  return (JSON.parse(await readFile(file, 'utf8')) as { version: string }).version;
}

async function serverVersion(): Promise<string> {
  const server = await startTemporalServer();
  try {
    const connection = await Connection.connect({
      address: server.address,
      connectTimeout: '1 minute',
    });
    const { serverVersion: version } = await connection.workflowService.getSystemInfo({});
    await connection.close();
    return version;
  } finally {
    await server.stop();
  }
}
