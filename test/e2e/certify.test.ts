/** `certify` as a person runs it: a real worker, two real runs, a profile that the next worker takes. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';

import type { Answer } from '../../src/certify/index.js';
import type { Habits, SimulatedInstance } from '../../src/simulator/index.js';
import { expectNoSecret, useRig } from '../support/rig.js';
import { showed } from '../support/shown.js';

const rig = useRig({ simulator: { timing: { jobInitMs: 1_000, jobRunMs: 5_000 } } });

const MAIN = path.join(__dirname, '../../dist/cli.js');

interface Certified {
  readonly exitCode: number;
  readonly text: string;
  readonly out: string;
  readonly answers: Readonly<Record<string, string | null>>;
  readonly swaps: readonly { readonly leg: string; readonly outcome: string }[];
}

interface Done {
  readonly exitCode: number;
  readonly data: string;
  readonly text: string;
  readonly out: string;
}

async function run(instance: SimulatedInstance): Promise<Done> {
  const out = path.join(await mkdtemp(path.join(tmpdir(), 'certify-')), 'new');
  const { instanceId, name } = instance;
  const args = ['certify', instanceId, '--yes-this-instance', name, '--out', out, '-o', 'json'];
  const done = await new Promise<Omit<Done, 'out'>>((resolve) => {
    const env = rig().stack.workerEnv();
    execFile(process.execPath, [MAIN, ...args], { env, timeout: 240_000 }, (error, data, err) => {
      resolve({ exitCode: Number(error?.code ?? 0), data, text: showed(`${data}${err}`) });
    });
  });
  expectNoSecret(rig(), [done.text]);
  return { ...done, out };
}

async function certify(instance: SimulatedInstance): Promise<Certified> {
  const { exitCode, data, text, out } = await run(instance);
  const { answers, swaps } = JSON.parse(data) as { answers: Answer[] } & Pick<Certified, 'swaps'>;
  return {
    ...{ exitCode, text, out, swaps },
    answers: Object.fromEntries(answers.map(({ id, value }) => [id, value])),
  };
}

const HABITS: Partial<Habits> = {
  ...{ addresses: 'fixed', replicationIds: 'renewed', taskRows: 'withJobId', taskIds: 'job' },
  ...{ swapShownAs: 'status', openEndTime: 'empty', taskRowDelayMs: 3_000 },
};

describe('certify', () => {
  test.concurrent('goes there and back, finds the habits, and writes a profile', async () => {
    const instance = await rig().instance({ habits: HABITS });
    const before = instance.masterNodeId();
    const { exitCode, swaps, answers, out, text } = await certify(instance);
    expect({ exitCode, text }).toMatchObject({ exitCode: 0 });
    expect(swaps.map(({ leg, outcome }) => [leg, outcome])).toEqual([
      ['there', 'SUCCEEDED'],
      ['back', 'SUCCEEDED'],
    ]);
    expect(rig().putsOf(instance)).toHaveLength(2);
    expect(instance.masterNodeId()).toBe(before);
    expect(answers).toMatchObject({
      'async-swap': 'served',
      ...{ 'node-ids': 'stays', 'replication-ids': 'is renewed', addresses: 'stays' },
      ...{ 'task-jobs': 'the job', 'task-ids': 'job', 'task-delay': 'later' },
      ...{ 'swap-shown-as': 'status', 'open-end': 'empty' },
    });
    const profile = parse(await readFile(path.join(out, 'profile.yaml'), 'utf8')) as {
      projects: { jobSeconds: { shortest: number; longest: number } }[];
    };
    expect(profile.projects).toEqual([
      {
        projectId: rig().simulator.projectId,
        nodeIdentity: 'node-id',
        taskUserName: rig().simulator.account.userName,
        jobSeconds: profile.projects[0]?.jobSeconds,
      },
    ]);
    expect(profile.projects[0]?.jobSeconds.shortest).toBeGreaterThan(5.5);
  });

  test.concurrent(
    'stops after a run that cannot prove the change, and says what to set',
    async () => {
      const habits = { nodeIds: 'follow-role', addresses: 'follow-role' } as const;
      const instance = await rig().instance({ habits });
      const { exitCode, swaps, answers, out, text } = await certify(instance);
      expect({ exitCode, text }).toMatchObject({ exitCode: 6 });
      expect(swaps.map(({ leg, outcome }) => [leg, outcome])).toEqual([['there', 'UNKNOWN']]);
      expect(rig().putsOf(instance)).toHaveLength(1);
      expect(answers).toMatchObject({ 'node-ids': 'follows the role', 'replication-ids': 'stays' });
      expect(await readFile(path.join(out, 'profile.yaml'), 'utf8')).toContain('replication-id');
      expect(text).toContain('DCS_NODE_IDENTITY=replication-id');
    },
  );

  test('sends nothing where it cannot read what would come of it', async () => {
    const instance = await rig().instance();
    rig().simulator.permissions.deny(['dcs:instance:get']);
    const { exitCode, text } = await run(instance);
    rig().simulator.permissions.allowAll();
    expect({ exitCode, text }).toMatchObject({ exitCode: 1 });
    expect(text).toContain('dcs-switchover doctor --instance');
    expect(rig().putsOf(instance)).toHaveLength(0);
  });
});
