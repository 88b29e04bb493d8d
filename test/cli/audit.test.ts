/** The command `audit`, on saved histories and on a run. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { secretsOf } from '../../src/cli/commands/audit.js';
import { runCli } from '../../src/cli/program.js';

import { createFakeClient, RUN_ID } from './support/fake-client.js';
import { createFakeIo } from './support/fake-io.js';
import { createFakeOperator } from './support/fake-operator.js';

const RECORDED = path.join(__dirname, '../replay/histories/succeeded-roles-changed.json');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'audit-'));
});
afterAll(() => rm(folder, { recursive: true }));

const audit = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  command(['audit', ...args], env);

async function command(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  client = createFakeClient(),
) {
  const project = { HUAWEICLOUD_SDK_PROJECT_ID: '11111111111111111111111111111111' };
  const io = createFakeIo({ env: { ...project, ...env } });
  const code = await runCli([...args], io, client);
  return { code, out: io.stdout(), err: io.stderr() };
}

test('a history that keeps every promise ends with 0 and says of which run', async () => {
  const { code, out } = await audit([RECORDED]);
  expect(out).toMatch(/^Run [0-9a-f-]{36} \(SUCCEEDED\) kept all \d+ promises\.\n$/);
  expect(code).toBe(0);
});

test.each([
  ...['HUAWEICLOUD_SDK_SK', 'HUAWEICLOUD_SDK_SECURITY_TOKEN', 'CLOUD_SDK_SK', 'DCS_IAM_PASSWORD'],
  ...['DCS_SWITCHOVER_WEBHOOK_SECRET', 'TEMPORAL_API_KEY'],
])('a history in which the value of %s stands ends with 1 and names the promise', async (name) => {
  const { code, out } = await audit([RECORDED], { [name]: 'masterActive' });
  expect(out).toContain('no-secret: a known secret stands in it');
  expect(code).toBe(1);
});

test('what is looked for has the token of the codec server and the path of the webhook apart', async () => {
  const secrets = await secretsOf({
    TEMPORAL_CODEC_AUTH: 'Bearer token-of-the-codec',
    DCS_SWITCHOVER_WEBHOOK_URL: 'https://hook.example/services/T0/token-of-the-path',
  });
  expect(secrets).toEqual(
    expect.arrayContaining([
      ...['Bearer token-of-the-codec', 'token-of-the-codec', 'token-of-the-path'],
      'services/T0/token-of-the-path',
    ]),
  );
  expect(secrets).not.toContain('services');
});

test('a history in which a password of Redis stands ends with 1, wherever its file is', async () => {
  const project = { projectId: '1'.repeat(32), region: 'eu-west-101' };
  const entry = { match: { name: '*' }, passwordFile: './redis' };
  const file = path.join(folder, 'projects.json');
  await writeFile(file, JSON.stringify({ projects: [{ ...project, dataPlane: [entry] }] }));
  const env = { DCS_SWITCHOVER_CONFIG: file };
  expect((await audit([RECORDED], env)).out).toContain('kept all');
  await writeFile(path.join(folder, 'redis'), 'masterActive');
  expect((await audit([RECORDED], env)).out).toContain('no-secret: a known secret stands in it');
});

test('a history of several MiB is read', async () => {
  const file = path.join(folder, 'large.json');
  await writeFile(file, (await readFile(RECORDED, 'utf8')) + ' '.repeat(3 * 1024 * 1024));
  const { code, out } = await audit([file]);
  expect(out).toContain('kept all');
  expect(code).toBe(0);
});

test('a history whose success stands on unchanged roles ends with 1, as data too', async () => {
  const text = await readFile(RECORDED, 'utf8');
  const file = path.join(folder, 'changed.json');
  const changed = JSON.stringify(JSON.parse(text), (key, value: unknown) => {
    if (key !== 'data' || typeof value !== 'string') return value;
    const decoded = Buffer.from(value, 'base64').toString();
    return Buffer.from(decoded.replace('"change":"changed"', '"change":"unchanged"')).toString(
      'base64',
    );
  });
  await writeFile(file, changed);
  const { code, out } = await audit([file, '-o', 'json']);
  expect(JSON.parse(out)).toMatchObject({ violations: [{ name: 'success-is-proved' }] });
  expect(code).toBe(1);
});

test.each([
  ['no-such.json', /ENOENT/],
  [path.join(__dirname, '../../package.json'), /is no history of dcsSwitchover/],
])('%s is refused as a usage error', async (file, message) => {
  const { code, err } = await audit([file]);
  expect(err).toMatch(message);
  expect(code).toBe(2);
});

test('an instance is audited by the run that Temporal has', async () => {
  const { code, out } = await audit(['22222222-2222-4222-8222-222222222222', '-o', 'json']);
  expect(JSON.parse(out)).toMatchObject({ outcome: 'SUCCEEDED', violations: [] });
  expect(code).toBe(0);
});

describe('a maintenance is audited by the runs that Temporal has', () => {
  test('and each of them kept its promises', async () => {
    const { code, out } = await command(['maintenance', 'audit', 'm-1']);
    expect(
      out.match(/^Run [0-9a-f-]{36} \((?:continued|completed)\) kept all 1 promises\.$/gm),
    ).toHaveLength(2);
    expect(code).toBe(0);
  });

  test('and one that one of them broke ends with 1, as data too', async () => {
    const broken = { name: 'in-time', sentence: 'It is true.', found: 'late' };
    const [kept, other] = [[], [broken]].map((violations) => ({
      ...{ runId: RUN_ID, ended: 'completed' as const, outcome: 'PARTIAL' },
      ...{ violations, sentences: ['It is true.'] },
    }));
    const reports = [kept, other].filter((report) => report !== undefined);
    const operator = createFakeOperator({ maintenance: { audit: () => Promise.resolve(reports) } });
    const client = createFakeClient({}, operator);
    const { code, out } = await command(['maintenance', 'audit', 'm-1', '-o', 'json'], {}, client);
    expect(JSON.parse(out)).toMatchObject([{ violations: [] }, { violations: [broken] }]);
    expect(code).toBe(1);
  });
});
