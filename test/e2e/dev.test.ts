/** The built `dev`, a place to play: everything it started is reported, with faults, and a second try is not refused. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, expect, jest, test } from '@jest/globals';
import { Client } from '@temporalio/client';

import { connectTo } from '../support/connect.js';
import { showed } from '../support/shown.js';
import { expectCommandsToWork } from '../support/suite-commands.js';

jest.setTimeout(300_000);

const CLI = path.join(__dirname, '../../dist/cli.js');

const folder = mkdtempSync(path.join(tmpdir(), 'dcs-switchover-dev-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The built `dev`, once it is up, or has ended instead. */
async function start(args: readonly string[]) {
  const child = spawn(process.execPath, [CLI, 'dev', '--no-redis', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const isUp = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (text.includes('Everything stays up')) resolve();
      });
  });
  const ended = once(child, 'exit');
  await Promise.race([isUp, ended]);
  const stop = async (): Promise<unknown> => {
    child.kill('SIGINT');
    const [code] = (await ended) as [unknown];
    return code;
  };
  return { stop, text: () => text };
}

/** What it reports before it waits; then it is interrupted. */
async function reported(args: readonly string[]): Promise<{ text: string; code: unknown }> {
  const { stop, text } = await start(args);
  const code = await stop();
  return { code, text: text() };
}

/** A shell that has sourced the file which `dev` names, as one line. */
async function paste(dev: string, line: string, onOutput?: (output: string) => void) {
  const [, source = ''] = /^ {2}(\. \S+)$/m.exec(dev) ?? [];
  // Settings of an account of the user's own, which must not get in the way.
  const env = { ...process.env, TEMPORAL_API_KEY: 'of the user', DCS_REGION: 'eu-west-101' };
  const child = spawn('sh', ['-e'], { env, stdio: 'pipe' });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      onOutput?.(output);
    });
  child.stdin.end([source, line].join('\n'));
  const [code] = (await once(child, 'close')) as [unknown];
  return showed({ code, output });
}

const namesOf = (text: string): string[] =>
  [...text.matchAll(/^([\w-]+) +(?:ha|ha_rw_split|cluster) +xx-simulated-1/gm)].map(
    ([, name = '']) => name,
  );

test('lists every instance by a name of its own, with mode and zones', async () => {
  const { text } = await reported(['--instances', '14']);
  expect(new Set(namesOf(text)).size).toBe(14);
  expect(text).toMatch(/^orders-cache +ha +xx-simulated-1a +xx-simulated-1b /m);
  expect(text).toMatch(/^search-index +cluster /m);
});

test('refuses faults that are none before anything starts', async () => {
  const file = path.join(folder, 'faults.json');
  writeFileSync(file, JSON.stringify([{ route: 'nowhere' }]));
  const { text, code } = await reported(['--faults-file', file, '--faults', 'lost-answer']);
  expect(text).toContain('faults[0].route must be one of');
  expect(text).toContain('Give some of lost-answers, lost-requests');
  expect(text).not.toContain('Everything stays up');
  expect(code).toBe(2);
});

test('a demo that is kept names the run in the Web UI, which still serves it', async () => {
  const { stop, text } = await start(['--demo', '--keep', '--faults', 'failing-jobs,late-tasks']);
  try {
    expect(text()).toContain('failing-jobs: the job fails, the roles stay');
    const [, url = ''] = /in the Web UI +(http:\S+)/.exec(text()) ?? [];
    expect((await fetch(url)).status).toBe(200);
    expect(text()).toContain('FAILED_UNCHANGED');
  } finally {
    // The demo did not switch, which is its failure.
    expect(await stop()).toBe(4);
  }
});

test('each of its commands works in the other terminal that it is meant for', async () => {
  const dev = await start([]);
  try {
    const text = showed(dev.text());
    const commands = text.split('\n').filter((line) => /^ {2}dcs-switchover /.test(line));
    const verbOf = (line: string) => /^ {2}dcs-switchover ((?:maintenance )?\w+)/.exec(line)?.[1];
    expect(commands.map(verbOf)).toEqual([
      ...['instances', 'switch', 'plan', 'list', 'doctor'],
      ...['maintenance start', 'maintenance approve'],
    ]);
    const [instances, swap, refused, list, doctor, begin, approve] = commands as [
      ...[string, string, string, string, string, string, string],
    ];
    // Twice: there is no cool-down between them.
    for (const line of [instances, swap, swap, list, doctor])
      expect(await paste(text, line)).toMatchObject({ code: 0 });
    expect(await paste(text, refused)).toMatchObject({ code: 3 });
    let isAsking: () => void;
    const asking = new Promise<void>((resolve) => {
      isAsking = resolve;
    });
    const maintenance = paste(text, begin, (output) => {
      if (output.includes('AWAITING_APPROVAL')) isAsking();
    });
    await Promise.race([asking, maintenance]);
    expect(await paste(text, approve)).toMatchObject({ code: 0 });
    expect(await maintenance).toMatchObject({ code: 0 });
    await judge(text);
  } finally {
    await dev.stop();
  }
});

/** What the pasted commands have shown in their turn. */
async function judge(text: string): Promise<void> {
  const { output } = await paste(text, 'env');
  const env = Object.fromEntries(
    output.split('\n').map((line) => line.split(/=(.*)/, 2)),
  ) as Readonly<Record<string, string>>;
  const { TEMPORAL_ADDRESS: address = '', HUAWEICLOUD_SDK_PROJECT_ID: projectId = '' } = env;
  const connection = await connectTo(address);
  const instances = [...text.matchAll(/ ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/gm)].map(
    ([, instanceId = '']) => ({ instanceId }),
  );
  // A command may name an instance either way.
  const named = namesOf(text).map((instanceId) => ({ instanceId }));
  const temporal = new Client({ connection });
  try {
    await expectCommandsToWork({
      temporal,
      env,
      simulator: { projectId, instances: [...instances, ...named] },
    });
  } finally {
    await connection.close();
  }
}
