/** The real parts, found or fetched as everywhere else. The first run on a machine fetches them. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from '@temporalio/client';

import { SEARCH_ATTRIBUTES } from '../../src/contract/index.js';
import {
  resolveRedisServer,
  resolveTemporalCli,
  resolveTimeSkippingServer,
  startTemporalServer,
} from '../../src/dev/index.js';
import type { TemporalServer, TemporalServerOptions } from '../../src/dev/index.js';
import { connectTo } from '../support/connect.js';
import { useTemporalServer, useTimeSkippingServer } from '../support/temporal-server.js';
import { findByArgument, isGoneSoon } from './processes.js';

const FETCH_TIMEOUT_MS = 600_000;

// These tests are about servers of our own, whatever the developer's shell points to.
const env = { ...process.env, TEMPORAL_ADDRESS: undefined };

const ownServer = useTemporalServer({ env });
const timeSkipping = useTimeSkippingServer();

/** Starts a workflow that no worker serves: the server accepts it, or throws. */
async function startWorkflow({ address, namespace }: TemporalServer): Promise<string> {
  const connection = await connectTo(address);
  try {
    const names = Object.values(SEARCH_ATTRIBUTES);
    const { workflowId } = await new Client({ connection, namespace }).workflow.start('nothing', {
      workflowId: 'w',
      taskQueue: 'q',
      // eslint-disable-next-line @typescript-eslint/no-deprecated
      searchAttributes: Object.fromEntries(names.map((name) => [name, ['x']])),
    });
    return workflowId;
  } finally {
    await connection.close();
  }
}

const portOf = ({ address }: TemporalServer): number => Number(address.split(':')[1]);

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });

describe('the real parts', () => {
  it('include a Temporal CLI', async () => {
    const { path: file } = await resolveTemporalCli(env);
    const { stdout } = await promisify(execFile)(file, ['--version']);
    expect(stdout).toMatch(/temporal/i);
  });

  it('include a time-skipping server whose clock can be moved', async () => {
    const environment = timeSkipping();
    const before = await environment.currentTimeMs();
    await environment.sleep('1 day');
    expect((await environment.currentTimeMs()) - before).toBeGreaterThanOrEqual(86_400_000);
  });

  it('are the same for callers at the same time', async () => {
    const found = await Promise.all([1, 2, 3].map(() => resolveTimeSkippingServer(env)));
    expect(new Set(found.map((part) => part.path)).size).toBe(1);
  });

  it(
    'include Redis wherever CI runs',
    async () => {
      const part = await resolveRedisServer({ ...env, CI: 'true' });
      const { stdout } = await promisify(execFile)(part?.path ?? '', ['--version']);
      expect(stdout).toMatch(/v=\d+\.\d+/);
    },
    FETCH_TIMEOUT_MS,
  );
});

describe('a dev server of our own', () => {
  let started: TemporalServer[] = [];

  const start = async (options: TemporalServerOptions = {}): Promise<TemporalServer> => {
    const server = await startTemporalServer({ env, ...options });
    started.push(server);
    return server;
  };

  beforeAll(() => resolveTemporalCli(env), FETCH_TIMEOUT_MS);

  afterEach(async () => {
    await Promise.all(started.map((server) => server.stop()));
    started = [];
  });

  it('serves, with our search attributes', async () => {
    expect(await startWorkflow(ownServer())).toBe('w');
    expect(ownServer()).toMatchObject({ namespace: 'default', uiUrl: null });
  });

  it('has them left out on request', async () => {
    const server = await start({ searchAttributes: false });
    await expect(startWorkflow(server)).rejects.toMatchObject({
      cause: { details: expect.stringMatching(/no mapping defined for search attribute Dcs/) },
    });
  });

  it('serves the Web UI on request', async () => {
    const { uiUrl } = await start({ ui: true });
    const response = await fetch(uiUrl ?? '');
    expect(response.status).toBe(200);
    expect(await response.text()).toMatch(/<html/);
  });

  it('leaves no process when stopped, and may be stopped twice', async () => {
    const server = await start();
    const pids = await findByArgument(String(portOf(server)));
    await server.stop();
    await server.stop();

    expect(await accepts(portOf(server))).toBe(false);
    for (const pid of pids) {
      expect(await isGoneSoon(pid)).toBe(true);
      // The guard bears the id of the server as its last argument.
      for (const guard of await findByArgument(String(pid))) {
        expect(await isGoneSoon(guard)).toBe(true);
      }
    }
  });

  it('runs beside others started at the same time', async () => {
    const servers = await Promise.all([start(), start({ ui: true }), start()]);
    expect(new Set(servers.map(({ address }) => address)).size).toBe(3);
  });

  it('refuses a port that is taken, and says which', async () => {
    const port = portOf(ownServer());
    await expect(start({ port })).rejects.toThrow(new RegExp(`${port}.*address already in use`));
  });

  it('remembers across restarts what it is given a file for', async () => {
    const dir = await mkdtemp(path.join(tmpdir(), 'dev-server-'));
    const dbFilename = path.join(dir, 'temporal.db');
    const first = await start({ dbFilename });
    await startWorkflow(first);
    await first.stop();
    const second = await start({ dbFilename });

    await expect(startWorkflow(second)).rejects.toThrow(/already started/);
    await second.stop();
    await rm(dir, { recursive: true });
  });

  it('is used, and left alone, when TEMPORAL_ADDRESS names it', async () => {
    const { address } = await start();
    const named = await startTemporalServer({
      env: { ...env, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: 'mine' },
    });
    await named.stop();

    expect(named).toMatchObject({ address, namespace: 'mine', source: 'TEMPORAL_ADDRESS' });
    expect(await accepts(Number(address.split(':')[1]))).toBe(true);
  });
});
