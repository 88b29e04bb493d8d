/**
 * "Your first real instance", of the README and of docs/first-instance.md, done as they say: their
 * commands, in their order, with no other variables than they name, against the simulator as if it were
 * the cloud.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, afterEach, describe, expect, jest, test } from '@jest/globals';

import { startWorkerProcess } from '../../src/dev/stack.js';
import type { WorkerProcess } from '../../src/dev/stack.js';
import { REQUIRED_ACTIONS } from '../../src/doctor/readings.js';
import type { SimulatedInstance } from '../../src/simulator/index.js';
import { RIGHT } from '../support/clocks.js';
import { expectNoSecret, useRig } from '../support/rig.js';
import { showed } from '../support/shown.js';

/** A dozen commands one after the other, two of them switchovers with the default times. */
jest.setTimeout(600_000);

/** A command that waits for a switchover takes a minute; a loaded machine gets the rest. */
const COMMAND_TIMEOUT_MS = 240_000;

let workers: WorkerProcess[] = [];
const stopWorkers = async (): Promise<void> => {
  await Promise.all(workers.map((worker) => worker.stop()));
  workers = [];
};
afterEach(stopWorkers);
afterAll(stopWorkers);

// The doctor in the guides wants the clocks set.
const rig = useRig({ temporal: { searchAttributes: false }, hasWorker: false, clocks: RIGHT });

const ROOT = path.join(__dirname, '../..');
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

/** What of a document is to be done, step by step. */
const GUIDES = {
  'docs/first-instance.md': read('docs/first-instance.md'),
  'README.md': /^## Your first real instance\n[\s\S]*?(?=^## )/m.exec(read('README.md'))?.[0] ?? '',
} as const;

/** Code blocks, those in lists without their indent. */
const blocks = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)^\\1\`\`\``, 'gm'))].map(
    ([, indent = '', code = '']) => code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );

/** The commands of a guide, and the names that it exports before them. */
function stepsOf(guide: string): { readonly exported: string[]; readonly commands: string[] } {
  const lines = blocks(guide, 'sh').join('').trim().split('\n');
  const exported = lines
    .filter((line) => line.startsWith('export '))
    .flatMap((line) => [...line.matchAll(/([A-Z_]+)=/g)].map(([, name = '']) => name));
  return { exported, commands: lines.filter((line) => !line.startsWith('export ')) };
}

interface Done {
  readonly exitCode: number;
  readonly output: string;
}

function run(line: string, env: NodeJS.ProcessEnv, cwd: string): Promise<Done> {
  const words = line.replace(/\$(\w+)/g, (_, name: string) => env[name] ?? '').split(' ');
  const [bin, ...args] = words;
  expect(bin).toBe('dcs-switchover');
  const main = path.join(ROOT, 'dist/cli.js');
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [main, ...args],
      { env, cwd, timeout: COMMAND_TIMEOUT_MS },
      (error, out, err) => {
        resolve(showed({ exitCode: Number(error?.code ?? 0), output: `${out}${err}` }));
      },
    );
  });
}

describe.each(Object.entries(GUIDES))('%s', (_, guide) => {
  test('asks for the least that a worker needs', () => {
    const [policy = ''] = blocks(guide, 'json');
    // In the vendor's format ("Creating a DCS custom policy": version 1.1).
    const Statement = [{ Effect: 'Allow', Action: REQUIRED_ACTIONS }];
    expect(JSON.parse(policy)).toEqual({ Version: '1.1', Statement });
  });

  test('leads from nothing to a verified switchover', async () => {
    const { exported, commands } = stepsOf(guide);
    const { simulator } = rig();
    // What the policy does not allow is not needed.
    simulator.permissions.deny(['dcs:instance:list', 'dcs:task:list', 'iam:*']);
    const instance = await rig().instance();
    const replica = instance.roles().find(({ role }) => role !== 'master');
    const env = environmentOf(exported, instance, replica?.availabilityZone);

    const cwd = await mkdtemp(path.join(tmpdir(), 'first-'));
    const outputs: string[] = [];
    for (const line of commands) {
      if (line === 'dcs-switchover worker') {
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
    expect(said('Nothing to fix.')).toBeGreaterThanOrEqual(1);
    expect(said('PLANNED')).toBe(1);
    expect(said('SUCCEEDED')).toBeGreaterThanOrEqual(1);
    expect(instance.masterNodeId()).toBe(replica?.nodeId);
    // There and back are two more.
    const isCertified = commands.some((line) => line.includes(' certify '));
    expect(simulator.ledger.puts(instance.instanceId)).toHaveLength(isCertified ? 3 : 1);
    const answers = await readdir(path.join(cwd, 'dcs-answers')).catch(() => null);
    expect(answers?.sort() ?? []).toEqual(isCertified ? ['bug-report.json', 'profile.yaml'] : []);
  });
});

/** Nothing but what a guide exports; DCS_ENDPOINT makes the simulator the cloud, its token goes with its keys. */
function environmentOf(
  exported: readonly string[],
  { instanceId, name }: SimulatedInstance,
  availabilityZone: string | undefined,
): NodeJS.ProcessEnv {
  const real = {
    ...rig().stack.workerEnv(),
    TEMPORAL_TLS: 'false',
    INSTANCE: instanceId,
    NAME: name,
  };
  expect(exported.filter((name) => !(name in real))).toEqual([]);
  const needed = ['DCS_ENDPOINT', 'HUAWEICLOUD_SDK_SECURITY_TOKEN', 'PATH', 'HOME'];
  const entries = Object.entries<string | undefined>(real);
  const names = [...exported, ...needed];
  return {
    ...Object.fromEntries(entries.filter(([name]) => names.includes(name))),
    AZ: availabilityZone,
  };
}
