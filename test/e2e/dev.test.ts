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
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  const isUp = new Promise<void>((resolve) => {
    child.stderr.on('data', (chunk: Buffer) => {
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

/** A shell in which the command has its name, as after an installation. */
async function paste(lines: readonly string[], onOutput?: (output: string) => void) {
  const bin = path.join(folder, 'dcs-switchover');
  writeFileSync(bin, `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`, { mode: 0o755 });
  const env = { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` };
  const child = spawn('sh', ['-e'], { env, stdio: 'pipe' });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      onOutput?.(output);
    });
  child.stdin.end(lines.join('\n'));
  const [code] = (await once(child, 'close')) as [unknown];
  return showed({ code, output });
}

const instanceIdsOf = (text: string): string[] =>
  [...text.matchAll(/^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}) /gm)].map(([, id = '']) => id);

test('lists every instance, and its first commands allow a second try at once', async () => {
  const { text } = await reported(['--instances', '14']);
  const listed = instanceIdsOf(text);
  expect(new Set(listed).size).toBe(14);
  const [first = ''] = listed;
  expect(text).toMatch(new RegExp(`^ *dcs-switchover switch ${first} .*coolDownSeconds=0`, 'm'));
});

test('refuses faults that are none before anything starts', async () => {
  const file = path.join(folder, 'faults.json');
  writeFileSync(file, JSON.stringify([{ route: 'nowhere' }]));
  const { text, code } = await reported(['--faults', file]);
  expect(text).toContain('faults[0].route must be one of');
  expect(text).not.toContain('Everything stays up');
  expect(code).toBe(2);
});

test('each of its commands works in the other terminal that it is meant for', async () => {
  const dev = await start(['--instances', '2']);
  try {
    const text = showed(dev.text());
    const lines = text.split('\n').filter((line) => /^ {2}(?:export|dcs-switchover) /.test(line));
    const verbOf = (line: string) => /^ {2}dcs-switchover ((?:maintenance )?\w+)/.exec(line)?.[1];
    const [exports, commands] = [true, false].map((isExport) =>
      lines.filter((line) => line.startsWith('  export ') === isExport),
    ) as [string[], string[]];
    const [plan, swap, begin, approve, doctor, ...more] = commands as [
      ...[string, string, string, string, string],
      ...string[],
    ];
    expect(commands.map(verbOf)).toEqual([
      ...['plan', 'switch', 'maintenance start', 'maintenance approve', 'doctor'],
    ]);
    expect(more).toEqual([]);
    for (const line of [plan, swap, doctor])
      expect(await paste([...exports, line])).toMatchObject({ code: 0 });
    let isAsking: () => void;
    const asking = new Promise<void>((resolve) => {
      isAsking = resolve;
    });
    const maintenance = paste([...exports, begin], (output) => {
      if (output.includes('AWAITING_APPROVAL')) isAsking();
    });
    await Promise.race([asking, maintenance]);
    expect(await paste([...exports, approve])).toMatchObject({ code: 0 });
    expect(await maintenance).toMatchObject({ code: 0 });
    await judge(text, exports);
  } finally {
    await dev.stop();
  }
});

/** What the pasted commands have shown in their turn. */
async function judge(text: string, exports: readonly string[]): Promise<void> {
  const valueOf = (name: string) =>
    exports.find((line) => line.includes(` ${name}=`))?.split('=')[1] ?? '';
  const connection = await connectTo(valueOf('TEMPORAL_ADDRESS'));
  const instances = instanceIdsOf(text).map((instanceId) => ({ instanceId }));
  const projectId = valueOf('HUAWEICLOUD_SDK_PROJECT_ID');
  const temporal = new Client({ connection });
  try {
    await expectCommandsToWork({ temporal, simulator: { projectId, instances } });
  } finally {
    await connection.close();
  }
}
