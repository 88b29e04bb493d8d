/**
 * The trial stack of deploy/compose: each service's own command, environment and health check, in the order that the
 * file asks for, as plain processes. Only names of hosts, programs and ports are this machine's.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse } from 'yaml';

import { resolveTemporalCli } from '../../src/dev/index.js';
import { pickFreePorts } from '../../src/free-ports.js';

const ROOT = path.join(__dirname, '../..');
const HEALTHY_TIMEOUT_MS = 120_000;
const PORTS = ['7233', '8787', '8081'];

interface Service {
  readonly image: string;
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

const { services } = parse(readFileSync(path.join(ROOT, 'deploy/compose/compose.yaml'), 'utf8'), {
  merge: true,
}) as { readonly services: Readonly<Record<string, Service>> };

let temporalCli: string;
let ports: readonly number[];
const started = new Map<string, ChildProcess>();

beforeAll(async () => {
  temporalCli = (await resolveTemporalCli(process.env)).path;
  ports = await pickFreePorts(PORTS.length);
}, 600_000);

afterAll(async () => {
  const running = [...started.values()].filter(({ exitCode }) => exitCode === null);
  for (const child of running) child.kill('SIGTERM');
  await Promise.all(running.map((child) => once(child, 'exit')));
});

/** The same words with what differs between containers and this machine. */
const here = (word: string): string =>
  PORTS.reduce((said, port, at) => said.replaceAll(port, String(ports[at])), word)
    .replace(/^temporal:/, '127.0.0.1:')
    .replace('0.0.0.0', '127.0.0.1');

function serviceOf(name: string): Service {
  const service = services[name];
  if (service === undefined) throw new Error(`no service ${name}`);
  return service;
}

/** Starts a program with nothing but the environment of a service. */
function launch(name: string, [program = '', ...args]: readonly string[]): ChildProcess {
  const { environment = {} } = serviceOf(name);
  const env = Object.fromEntries(
    Object.entries(environment).map(([key, value]) => [key, here(value)]),
  );
  // What the CLI asks of its own machine in a container is the server's port there.
  const own = name === 'temporal' ? { TEMPORAL_ADDRESS: here('temporal:7233') } : {};
  const file = program === 'temporal' ? temporalCli : process.execPath;
  return spawn(file, args.map(here), {
    env: { ...env, ...own },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

/** As `docker compose exec SERVICE node dist/cli.js …` does. */
async function run(name: string, args: readonly string[]): Promise<{ code: unknown; out: string }> {
  const child = launch(name, ['node', path.join(ROOT, 'dist/cli.js'), ...args]);
  const [out, [code]] = await Promise.all([
    child.stdout === null ? '' : text(child.stdout),
    once(child, 'exit') as Promise<[unknown]>,
  ]);
  return { code, out };
}

async function untilHealthy(name: string): Promise<void> {
  const [kind, ...probe] = serviceOf(name).healthcheck?.test ?? [];
  expect(kind).toBe('CMD');
  const until = Date.now() + HEALTHY_TIMEOUT_MS;
  for (;;) {
    const [code] = (await once(
      launch(name, probe).on('error', () => undefined),
      'exit',
    )) as [unknown];
    if (code === 0) return;
    expect(started.get(name)?.exitCode).toBeNull();
    if (Date.now() > until) throw new Error(`${name} did not become healthy`);
    await sleep(500);
  }
}

/** Starts a service once what it depends on is as it must be. */
async function up(name: string): Promise<ChildProcess> {
  const known = started.get(name);
  if (known !== undefined) return known;
  const { image, command, depends_on = {} } = serviceOf(name);
  for (const [other, { condition }] of Object.entries(depends_on)) {
    const before = await up(other);
    if (condition === 'service_healthy') await untilHealthy(other);
    else expect(await once(before, 'exit')).toEqual([0, null]);
  }
  const entry = image.startsWith('temporalio/')
    ? ['temporal']
    : ['node', path.join(ROOT, 'dist/cli.js')];
  const child = launch(name, [...entry, ...command]);
  child.stdout?.resume();
  started.set(name, child);
  return child;
}

test('the services start in their order, become healthy, and switch an instance', async () => {
  await up('worker');
  await untilHealthy('worker');
  expect([...started.keys()]).toEqual(['temporal', 'setup', 'simulator', 'worker']);
  const listed = await run('worker', ['instances', '-o', 'json']);
  const { instances } = JSON.parse(listed.out) as {
    readonly instances: readonly { readonly instanceId: string }[];
  };
  expect(instances).toHaveLength(5);
  const [{ instanceId }] = instances as [{ readonly instanceId: string }];
  expect(await run('worker', ['plan', instanceId, '--toggle'])).toMatchObject({ code: 0 });
  const switched = await run('worker', [
    'switch',
    instanceId,
    '--to-az',
    'xx-simulated-1b',
    '--yes',
  ]);
  expect(switched).toMatchObject({ code: 0, out: expect.stringContaining('SUCCEEDED') });
  const doctor = await run('worker', ['doctor', '--instance', instanceId]);
  expect(doctor).toMatchObject({ code: 0 });
});
