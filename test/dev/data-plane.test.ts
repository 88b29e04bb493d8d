/** The file by which a worker of a stack reaches Redis is one that a worker takes, and leads to what it names. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { expect, test } from '@jest/globals';

import { loadWorkerConfig } from '../../src/config/index.js';
import { takeLook } from '../../src/data-plane/index.js';
import { writeProjectsFile } from '../../src/dev/data-plane.js';
import { resolveRedisServer } from '../../src/dev/index.js';
import { startSimulator } from '../../src/simulator/index.js';
import { accessTo } from '../data-plane/support.js';

test('each instance whose Redis asks for a password has an entry that opens it', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'projects-'));
  const redisServerPath = (await resolveRedisServer())?.path ?? null;
  const simulator = await startSimulator({
    redisServerPath,
    instances: [{ name: 'sessions', redis: { password: 'Sim-1', tls: true } }, { name: 'open' }],
  });
  try {
    const file = await writeProjectsFile(folder, simulator);
    const { projects } = loadWorkerConfig({
      ...{ DCS_SWITCHOVER_CONFIG: file ?? '', TEMPORAL_ADDRESS: '127.0.0.1:7233' },
      ...{ HUAWEICLOUD_SDK_AK: simulator.accessKey, HUAWEICLOUD_SDK_SK: simulator.secretKey },
    });
    expect(projects).toMatchObject([{ endpoint: simulator.endpoint, dataPlane: [{}] }]);
    const [entry] = projects[0]?.dataPlane ?? [];
    const password = await readFile(entry?.passwordFile ?? '', 'utf8');
    const ca = await readFile(entry?.tls?.caFile ?? '', 'utf8');
    const port = Number(simulator.instances[0]?.address?.split(':')[1]);
    const tls = { ca, serverName: null };
    const result = await takeLook(accessTo(port, { password, tls }));
    expect(result).toMatchObject({ look: { role: 'master' } });
  } finally {
    await simulator.close();
    await rm(folder, { recursive: true });
  }
});

test('where no Redis asks for one there is no file', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'projects-'));
  const simulator = await startSimulator({ instances: [{ redis: { password: 'Sim-1' } }] });
  expect(await writeProjectsFile(folder, simulator)).toBeNull();
  await simulator.close();
  await rm(folder, { recursive: true });
});
