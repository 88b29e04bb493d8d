/** The built `dev`, a place to play: everything it started is reported, with faults, and a second try is not refused. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, expect, jest, test } from '@jest/globals';

jest.setTimeout(300_000);

const CLI = path.join(__dirname, '../../dist/cli.js');

const folder = mkdtempSync(path.join(tmpdir(), 'dcs-switchover-dev-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What it reports before it waits; then it is interrupted. */
async function reported(args: readonly string[]): Promise<{ text: string; code: unknown }> {
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
  child.kill('SIGINT');
  const [code] = (await ended) as [unknown];
  return { text, code };
}

test('lists every instance, and its first commands allow a second try at once', async () => {
  const { text } = await reported(['--instances', '14']);
  const listed = text.match(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12} /gm) ?? [];
  expect(new Set(listed).size).toBe(14);
  const [first = ''] = listed;
  expect(text).toMatch(new RegExp(`^ *dcs-switchover switch ${first}.*coolDownSeconds=0`, 'm'));
});

test('refuses faults that are none before anything starts', async () => {
  const file = path.join(folder, 'faults.json');
  writeFileSync(file, JSON.stringify([{ route: 'nowhere' }]));
  const { text, code } = await reported(['--faults', file]);
  expect(text).toContain('faults[0].route must be one of');
  expect(text).not.toContain('Everything stays up');
  expect(code).toBe(2);
});
