/** `certify`: what it asks first, and where it stops. The runs are made up, the readings are the simulator's. */
import { mkdtemp, readFile, readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { runCli } from '../../src/cli/program.js';
import type { RunStatus } from '../../src/client.js';
import type { Outcome, SwitchoverResult } from '../../src/contract/index.js';
import type { Simulator } from '../../src/simulator/index.js';
import { environmentOf, startAccount } from '../certify/support.js';
import { result } from '../client/support/facts.js';
import { expectNoSecret } from '../support/rig.js';

import { createFakeClient } from './support/fake-client.js';
import { createFakeIo } from './support/fake-io.js';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startAccount({});
});
afterAll(() => simulator.close());

const NAME = 'throw-away';

interface Asked {
  readonly args?: readonly string[];
  /** What the plan says, and the runs after it. */
  readonly outcomes?: readonly SwitchoverResult['outcome'][];
  readonly answer?: string;
  readonly env?: NodeJS.ProcessEnv;
}

async function certify({
  args = [],
  outcomes = ['PLANNED', 'SUCCEEDED', 'SUCCEEDED'],
  answer,
  env = {},
}: Asked) {
  const out = path.join(await mkdtemp(path.join(tmpdir(), 'certify-')), 'new');
  const left = [...outcomes];
  const client = createFakeClient({
    // A job that the API does not know would be looked for to the end.
    status: { jobIds: [] },
    result: () => {
      const outcome = left.shift() ?? 'UNKNOWN';
      return Promise.resolve(result({ outcome, cause: null, instanceName: NAME, jobIds: [] }));
    },
  });
  const isInteractive = answer !== undefined;
  const io = createFakeIo({
    env: { ...environmentOf(simulator), ...env },
    isInteractive,
    ...(answer === undefined ? {} : { answer }),
  });
  const exitCode = await runCli(['certify', NAME, '--out', out, ...args], io, client);
  expectNoSecret({ simulator }, [io.stdout(), io.stderr()]);
  expect(simulator.ledger.puts()).toHaveLength(0);
  const modes = client.started.map(({ mode }) => mode);
  return { exitCode, io, client, modes, out };
}

const YES = ['--yes-this-instance', NAME];

describe('before anything is sent', () => {
  test('it is refused where no one can be asked', async () => {
    const { exitCode, modes, io } = await certify({});
    expect({ exitCode, modes }).toEqual({ exitCode: 2, modes: [] });
    expect(io.stderr()).toContain('--yes-this-instance');
  });

  test('the wrong name in the option is a mistake, a wrong one that is typed a no', async () => {
    const inOption = await certify({ args: ['--yes-this-instance', 'orders'] });
    expect([inOption.exitCode, inOption.modes]).toEqual([2, ['plan']]);
    const typed = await certify({ answer: 'orders' });
    expect([typed.exitCode, typed.modes]).toEqual([7, ['plan']]);
    expect(typed.io.questions.join()).toContain('disconnected twice');
  });

  test('a plan that a check refuses ends it', async () => {
    const { exitCode, modes, io } = await certify({ args: YES, outcomes: ['REFUSED'] });
    expect({ exitCode, modes }).toEqual({ exitCode: 3, modes: ['plan'] });
    expect(io.stdout()).toContain('REFUSED');
  });

  test('an instance that cannot be read ends it, and leads to the doctor', async () => {
    simulator.permissions.deny(['dcs:instance:get']);
    const id = simulator.instances[0]?.instanceId ?? '';
    const client = createFakeClient();
    const io = createFakeIo({ env: environmentOf(simulator) });
    const out = path.join(await mkdtemp(path.join(tmpdir(), 'certify-')), 'new');
    const exitCode = await runCli(['certify', id, ...YES, '--out', out], io, client);
    simulator.permissions.allowAll();
    expect(exitCode).toBe(1);
    expect(client.started).toEqual([]);
    expect(io.stderr()).toContain(`dcs-switchover doctor --instance ${id}`);
  });

  test('a folder that holds something is not written into', async () => {
    const { exitCode, modes } = await certify({ args: [...YES, '--out', tmpdir()] });
    expect({ exitCode, modes }).toEqual({ exitCode: 2, modes: [] });
  });
});

describe('the runs', () => {
  test('demote the master that was seen, there and back, without a cool-down between them', async () => {
    const { exitCode, client, modes } = await certify({ answer: `${NAME}\n` });
    expect({ exitCode, modes }).toEqual({ exitCode: 0, modes: ['plan', 'switch', 'switch'] });
    expect(client.started.map((input) => input.expectedMasterNodeId)).toEqual([
      undefined,
      'n1',
      'n2',
    ]);
    expect(client.started.map(({ timing }) => timing)).toEqual(
      Array(3).fill({ coolDownSeconds: 0 }),
    );
  });

  test.each<[Outcome, number]>([
    ['FAILED_UNCHANGED', 4],
    ['COMPENSATED', 5],
    ['UNKNOWN', 6],
    ['NOOP', 0],
  ])(
    'end with the first that is %s, and the answers are written all the same',
    async (outcome, code) => {
      const outcomes = ['PLANNED', outcome as SwitchoverResult['outcome']] as const;
      const { exitCode, modes, io, out } = await certify({ args: YES, outcomes });
      expect({ exitCode, modes }).toEqual({ exitCode: code, modes: ['plan', 'switch'] });
      expect(io.stderr()).toContain(outcome);
      expect(io.stdout()).toContain(`there: ${outcome}`);
      expect((await readdir(out)).sort()).toEqual(['bug-report.json', 'profile.yaml']);
    },
  );

  /** The first run after the plan is awaited until someone stops that. */
  const stopped = async (status: Partial<RunStatus>) => {
    const out = path.join(await mkdtemp(path.join(tmpdir(), 'certify-')), 'new');
    const io = createFakeIo({ env: environmentOf(simulator) });
    const client = createFakeClient({
      status: { jobIds: [], ...status },
      result: ({ mode }, options) => {
        if (mode === 'plan')
          return Promise.resolve(result({ outcome: 'PLANNED', instanceName: NAME, jobIds: [] }));
        setTimeout(() => {
          io.interrupt();
        }, 100);
        return new Promise((_, reject) => {
          options?.signal?.addEventListener('abort', () => {
            reject(options.signal?.reason as Error);
          });
        });
      },
    });
    const exitCode = await runCli(['certify', NAME, '--out', out, ...YES], io, client);
    return { exitCode, io, files: (await readdir(out)).sort() };
  };

  test.each<[Partial<RunStatus>, string]>([
    [{ phase: 'HOLDING', outcome: 'UNKNOWN' }, 'UNKNOWN'],
    [{ phase: 'AWAITING_JOB' }, 'NOT_AWAITED'],
  ])(
    'that are stopped at %j leave what was answered so far, and say so',
    async (status, outcome) => {
      const { exitCode, io, files } = await stopped(status);
      expect({ exitCode, files }).toEqual({
        ...{ exitCode: 9, files: ['bug-report.json', 'profile.yaml'] },
      });
      expect(io.stdout()).toContain(`there: ${outcome}`);
      expect(io.stdout()).toContain('Answered: ');
      expect(io.stderr()).toMatch(/Stopped; writing what was answered so far[^]*Detached; run /);
      expect(io.stderr()).toContain('  dcs-switchover wait ');
    },
  );

  test('leave two files that only their owner may read, and no id in the one to share', async () => {
    const { out, io } = await certify({ args: [...YES, '-o', 'json'] });
    const { answers, written } = JSON.parse(io.stdout()) as { answers: unknown[]; written: object };
    expect(answers.length).toBeGreaterThan(25);
    expect(written).toEqual({
      profile: path.join(out, 'profile.yaml'),
      bugReport: path.join(out, 'bug-report.json'),
    });
    const report = await readFile(path.join(out, 'bug-report.json'), 'utf8');
    const { account, projectId, instances } = simulator;
    const ids = instances.flatMap(({ instanceId, name }) => [instanceId, name]);
    const nodes = instances.flatMap((instance) => instance.roles().map(({ nodeId }) => nodeId));
    for (const secret of [...ids, ...nodes, projectId, account.userName, account.domainName])
      expect([secret, report.includes(secret)]).toEqual([secret, false]);
    expect(report).not.toMatch(/\b(?:10|172|192\.168)\.\d/);
    expectNoSecret({ simulator }, [report]);
    expect((await stat(path.join(out, 'bug-report.json'))).mode & 0o077).toBe(0);
  });
});
