/** examples/encryption at work: one key file for worker, client and command, and a codec server for the Web UI. */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from '@temporalio/client';

import { makeSwitchoverWorkflowId } from '../../src/contract/index.js';
import type { SimulatedInstance } from '../../src/simulator/index.js';
import { readableTexts } from '../support/readable.js';
import { useRig } from '../support/rig.js';
import { showed } from '../support/shown.js';

const FOLDER = path.join(__dirname, '../../examples/encryption');
const UI = 'https://temporal.example.com';
const AUTHORIZATION = 'Bearer of-the-test';

const folder = mkdtempSync(path.join(tmpdir(), 'codec-keys-'));
const keyLine = (id: string): string => `${id} ${randomBytes(32).toString('base64')}\n`;
const FIRST = keyLine('2026-11');

/** Writes a key file; what it holds is new in each run of the suite. */
function keysFile(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

const CODEC = {
  DCS_SWITCHOVER_DATA_CONVERTER: path.join(FOLDER, 'codec.cjs'),
  CODEC_KEYS_FILE: keysFile('first', FIRST),
};
// The rig's own client loads the module in this process.
process.env['CODEC_KEYS_FILE'] = CODEC.CODEC_KEYS_FILE;

const rig = useRig({ codecEnv: CODEC });
let server: ChildProcess;
let endpoint: string;

beforeAll(async () => {
  const file = path.join(FOLDER, 'codec-server.cjs');
  const settings = {
    CODEC_SERVER_PORT: '0',
    CODEC_UI_ORIGIN: UI,
    CODEC_AUTHORIZATION: AUTHORIZATION,
  };
  server = spawn(process.execPath, [file], { env: { ...CODEC, ...settings }, stdio: 'pipe' });
  if (server.stdout === null) throw new Error('no stdout');
  const [line] = (await once(createInterface({ input: server.stdout }), 'line')) as [string];
  endpoint = /http:\S+/.exec(line)?.[0] ?? '';
});

afterAll(async () => {
  server.kill('SIGTERM');
  await once(server, 'exit');
});

const runOf = async (instance: SimulatedInstance): Promise<string> => {
  const runId = await rig().start(instance, { reason: 'canary-reason' });
  expect(await rig().end(instance, runId)).toMatchObject({ outcome: 'SUCCEEDED' });
  return runId;
};

const lockOf = ({ instanceId }: SimulatedInstance): string =>
  makeSwitchoverWorkflowId({ projectId: rig().simulator.projectId, instanceId });

const cli = (args: readonly string[], env: NodeJS.ProcessEnv) =>
  new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    const main = path.join(__dirname, '../../dist/cli.js');
    const whole = { ...rig().stack.clientEnv, ...env };
    execFile(process.execPath, [main, ...args], { env: whole }, (error, stdout, stderr) => {
      resolve(showed({ code: error?.code ?? 0, stdout, stderr }));
    });
  });

/** The input of a run as Temporal keeps it, in the form that codec servers exchange. */
async function storedInput(instance: SimulatedInstance, runId: string): Promise<object> {
  const { connection, options } = rig().temporal;
  const plain = new Client({ connection, namespace: options.namespace });
  const { events } = await plain.workflow.getHandle(lockOf(instance), runId).fetchHistory();
  const payload = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
  const base64 = (bytes: Uint8Array | null | undefined): string =>
    Buffer.from(bytes ?? []).toString('base64');
  const metadata = Object.entries(payload?.metadata ?? {});
  return {
    metadata: Object.fromEntries(metadata.map(([name, value]) => [name, base64(value)])),
    data: base64(payload?.data),
  };
}

const FROM_UI = { Origin: UI, Authorization: AUTHORIZATION, 'X-Namespace': 'default' };

const call = (
  operation: string,
  payloads: readonly object[],
  headers: Record<string, string> = FROM_UI,
) =>
  fetch(`${endpoint}/${operation}`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ payloads }),
  });

test.concurrent(
  'Temporal keeps ciphertext and the id of the key, and the command reads it',
  async () => {
    const instance = await rig().instance();
    const runId = await runOf(instance);
    const texts = await readableTexts(rig().temporal, lockOf(instance), runId);
    // Search attributes stay readable, for the server searches by them.
    const encodings = texts.filter(
      ({ path: where }) =>
        where.endsWith('metadata.encoding') && !where.includes('.searchAttributes.'),
    );
    expect(new Set(encodings.map(({ text }) => text))).toEqual(new Set(['binary/encrypted']));
    const id = Buffer.from('2026-11').toString('base64');
    const ids = texts.filter(({ path: where }) => where.endsWith('.encryption-key-id'));
    expect(ids.map(({ text }) => text)).toEqual(encodings.map(() => id));
    const [, key = ''] = FIRST.trim().split(' ');
    const leaks = texts.filter(
      ({ text }) => /canary|xx-simulated-1a/.test(text) || text.includes(key),
    );
    expect(leaks).toEqual([]);
    const status = await cli(['status', instance.instanceId], CODEC);
    expect(status).toMatchObject({ code: 0, stdout: expect.stringContaining('canary-reason') });
  },
);

test.concurrent(
  'a new key on top encrypts, and what the old one has encrypted stays readable',
  async () => {
    const instance = await rig().instance();
    await runOf(instance);
    const both = keysFile('both', keyLine('2026-12') + FIRST);
    const rotated = await cli(['status', instance.instanceId], { ...CODEC, CODEC_KEYS_FILE: both });
    expect(rotated).toMatchObject({ code: 0, stdout: expect.stringContaining('canary-reason') });
    const none = keysFile('other', keyLine('2026-12'));
    const lost = await cli(['status', instance.instanceId], { ...CODEC, CODEC_KEYS_FILE: none });
    expect(lost).toMatchObject({ code: 8, stderr: expect.stringContaining('codec') });
  },
);

test.concurrent('the codec server decodes a stored input for the Web UI', async () => {
  const instance = await rig().instance();
  const stored = await storedInput(instance, await runOf(instance));
  const preflight = await fetch(`${endpoint}/decode`, {
    method: 'OPTIONS',
    headers: {
      ...{ Origin: UI, 'Access-Control-Request-Method': 'POST' },
      'Access-Control-Request-Headers': 'authorization,content-type,x-namespace',
    },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('access-control-allow-origin')).toBe(UI);
  expect(preflight.headers.get('access-control-allow-headers')).toBe(
    'Authorization, Content-Type, X-Namespace',
  );
  const decoded = await call('decode', [stored]);
  expect(decoded.headers.get('access-control-allow-origin')).toBe(UI);
  const { payloads } = (await decoded.json()) as { readonly payloads: readonly { data: string }[] };
  const input: unknown = JSON.parse(Buffer.from(payloads[0]?.data ?? '', 'base64').toString());
  expect(input).toMatchObject({ instanceId: instance.instanceId, reason: 'canary-reason' });
  // What is written there is read by everyone else with the keys.
  const again = await (await call('encode', payloads)).json();
  const { payloads: sealed } = again as { readonly payloads: readonly object[] };
  expect(JSON.stringify(sealed)).not.toContain(payloads[0]?.data);
  expect(await (await call('decode', sealed)).json()).toEqual({ payloads });
});

test.concurrent(
  'the codec server refuses whom it does not know, and what is too large',
  async () => {
    const from = (headers: Record<string, string>) => call('decode', [], headers);
    const stranger = await from({ ...FROM_UI, Origin: 'https://evil.example.com' });
    expect(stranger.status).toBe(403);
    expect(stranger.headers.get('access-control-allow-origin')).toBeNull();
    expect((await from({ Origin: UI })).status).toBe(401);
    expect((await from({ ...FROM_UI, Authorization: 'Bearer another' })).status).toBe(401);
    expect((await call('keys', [])).status).toBe(404);
    expect((await fetch(`${endpoint}/decode`, { headers: FROM_UI })).status).toBe(405);
    const unknown = { metadata: { encoding: Buffer.from('binary/encrypted').toString('base64') } };
    expect((await call('decode', [unknown])).status).toBe(400);
    const headers = { ...FROM_UI, 'Content-Length': String(5 * 2 ** 20) };
    const large = request(`${endpoint}/decode`, { method: 'POST', headers });
    large.flushHeaders();
    const [{ statusCode }] = (await once(large, 'response')) as [IncomingMessage];
    large.destroy();
    expect(statusCode).toBe(413);
  },
);

test('a worker without a usable key file does not start, and never shows a key', async () => {
  const key = randomBytes(31).toString('base64');
  const CODEC_KEYS_FILE = keysFile('short', `2026-11 ${key}\n`);
  const started = rig().stack.startWorker({ ...CODEC, CODEC_KEYS_FILE });
  await expect(started).rejects.toThrow(/codec\.cjs: CODEC_KEYS_FILE/);
  await expect(started).rejects.not.toThrow(key);
});
