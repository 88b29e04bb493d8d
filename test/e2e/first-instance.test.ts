/**
 * docs/first-instance.md, done as it says: its commands, in its order, with no other variables than it
 * names, against the simulator as if it were the cloud.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, expect, test } from '@jest/globals';

import { REQUIRED_ACTIONS, policyOf } from '../../src/diagnostics/dcs/actions.js';
import { startWorkerProcess } from '../../src/local/worker-process.js';
import type { WorkerProcess } from '../../src/local/worker-process.js';
import { expectNoSecret, useRig } from '../support/rig.js';

const workers: WorkerProcess[] = [];
afterAll(() => Promise.all(workers.map((worker) => worker.stop())));

const rig = useRig({ temporal: { searchAttributes: false }, hasWorker: false });

const ROOT = path.join(__dirname, '../..');
const DOCUMENT = readFileSync(path.join(ROOT, 'docs/first-instance.md'), 'utf8');

const blocks = (language: string): string[] =>
  [...DOCUMENT.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, code = '']) => code,
  );

const LINES = blocks('sh').join('').trim().split('\n');

/** Names that the document has exported. */
const EXPORTED = LINES.filter((line) => line.startsWith('export ')).flatMap((line) =>
  [...line.matchAll(/([A-Z_]+)=/g)].map(([, name = '']) => name),
);

const COMMANDS = LINES.filter((line) => !line.startsWith('export '));

interface Done {
  readonly exitCode: number;
  readonly output: string;
}

function run(line: string, env: NodeJS.ProcessEnv, cwd: string): Promise<Done> {
  const words = line.replace(/\$(\w+)/g, (_, name: string) => env[name] ?? '').split(' ');
  const [npx, bin, ...args] = words;
  expect([npx, bin]).toEqual(['npx', 'dcs-switchover']);
  const main = path.join(ROOT, 'dist/cli/main.js');
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [main, ...args],
      { env, cwd, timeout: 55_000 },
      (error, out, err) => {
        resolve({ exitCode: Number(error?.code ?? 0), output: `${out}${err}` });
      },
    );
  });
}

test('the policy is the least that a worker needs', () => {
  const [policy = ''] = blocks('json');
  expect(JSON.parse(policy)).toEqual(policyOf(REQUIRED_ACTIONS));
});

test('every command does what the document says', async () => {
  const { stack, simulator } = rig();
  // What the policy does not allow is not needed.
  simulator.permissions.deny(['dcs:instance:list', 'dcs:task:list', 'iam:*']);
  const instance = await rig().instance();
  const replica = instance.roles().find(({ role }) => role !== 'master');
  const real: NodeJS.ProcessEnv = {
    ...stack.workerEnv(),
    TEMPORAL_TLS: 'false',
    INSTANCE: instance.instanceId,
  };
  // DCS_ENDPOINT makes the simulator the cloud; the token belongs to its keys; the rest finds node.
  const needed = ['DCS_ENDPOINT', 'HUAWEICLOUD_SDK_SECURITY_TOKEN', 'PATH', 'HOME'];
  const env = Object.fromEntries([...EXPORTED, ...needed].map((name) => [name, real[name]]));
  expect(EXPORTED.filter((name) => real[name] === undefined)).toEqual([]);
  env['AZ'] = replica?.availabilityZone;

  const cwd = await mkdtemp(path.join(tmpdir(), 'first-'));
  const outputs: string[] = [];
  for (const line of COMMANDS) {
    if (line === 'npx dcs-switchover worker') {
      // The only one that runs until it is stopped.
      workers.push(await startWorkerProcess(env));
      continue;
    }
    const { exitCode, output } = await run(line, env, cwd);
    outputs.push(output);
    expect({ line, exitCode, output }).toMatchObject({ line, exitCode: 0 });
  }

  expectNoSecret(rig(), outputs);
  const said = (word: string): number => outputs.filter((text) => text.includes(word)).length;
  expect(said('Nothing to fix.')).toBe(2);
  expect(said('PLANNED')).toBe(1);
  expect(said('SUCCEEDED')).toBeGreaterThanOrEqual(1);
  expect(instance.masterNodeId()).toBe(replica?.nodeId);
  expect(simulator.ledger.puts(instance.instanceId)).toHaveLength(1);
  expect(await readdir(path.join(cwd, 'dcs-answers'))).not.toEqual([]);
});
