/** A worker whose log no disk takes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import path from 'node:path';

import { expect, test } from '@jest/globals';

const COMMAND = path.join(__dirname, '../../dist/cli.js');

/** Device of Linux that fails every write as a full disk does. */
const FULL = '/dev/full';

/** Enough to come to the connection, on which no one listens. */
const SETTINGS = {
  TEMPORAL_ADDRESS: '127.0.0.1:1',
  HUAWEICLOUD_SDK_PROJECT_ID: '0123456789abcdef0123456789abcdef',
  HUAWEICLOUD_SDK_AK: 'access-key',
  HUAWEICLOUD_SDK_SK: 'secret-key',
  DCS_REGION: 'xx-nowhere-1',
  DCS_ENDPOINT: 'http://127.0.0.1:1',
  DCS_SWITCHOVER_HTTP_PORT: '0',
};

const startOn = async (log: string) => {
  const file = await open(log, 'w');
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], ...SETTINGS };
  const child = spawn(process.execPath, [COMMAND, 'worker'], {
    env,
    stdio: ['ignore', 'ignore', file.fd],
  });
  await file.close();
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  return { child, ended };
};

test('a worker whose log no disk takes ends by itself where another would', async () => {
  const [code, signal] = await (await startOn(FULL)).ended;
  const [other] = await (await startOn('/dev/null')).ended;
  expect({ code, signal }).toEqual({ code: other, signal: null });
});

test('a line that no disk takes is lost, and the next one is tried again', async () => {
  const script = `
    const { openLogStream } = require(${JSON.stringify(path.join(__dirname, '../../dist/worker/log-stream.js'))});
    const stream = openLogStream(2);
    for (let line = 0; line < 20; line += 1) setTimeout(() => stream.write('a line\\n'), line * 10);
    process.on('exit', () => stream.write('the last line\\n'));
  `;
  const full = await open(FULL, 'w');
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', full.fd] });
  await full.close();
  expect(await once(child, 'close')).toEqual([0, null]);
});

test('every line comes to whoever reads, in order', async () => {
  const script = `
    const { openLogStream } = require(${JSON.stringify(path.join(__dirname, '../../dist/worker/log-stream.js'))});
    const stream = openLogStream(2);
    for (let line = 0; line < 500; line += 1) stream.write('x'.repeat(1000) + ' ' + line + '\\n');
  `;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'ignore', 'pipe'] });
  let heard = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (heard += text));
  expect(await once(child, 'close')).toEqual([0, null]);
  expect(heard.split('\n').map((line) => line.split(' ')[1])).toEqual([
    ...Array.from({ length: 500 }, (_, line) => String(line)),
    undefined,
  ]);
});
