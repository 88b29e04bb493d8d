/**
 * Every command that docs/operations.md gives is run, as it stands there, in the situation that its
 * section is about. A section or a command that no situation covers fails the test.
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { runCli } from '../../src/cli/program.js';
import type { SwitchoverInput, SwitchoverResult } from '../../src/contract/index.js';
import { waitUntil } from '../../src/simulator/basics.js';
import type { FaultActions, SimulatedInstance } from '../../src/simulator/index.js';
import { createFakeIo } from '../cli/support/fake-io.js';
import type { FakeIo } from '../cli/support/fake-io.js';
import { parsePage } from '../support/html-page.js';
import { writeRedisSettings } from '../support/redis-settings.js';
import { FAST, useRig } from '../support/rig.js';
import type { RunEnd } from '../support/rig.js';
import { hold, reached } from '../support/steps.js';

const PASSWORD = 'Canary-of-Redis-2';

const rig = useRig({ redis: true, hasWorker: false });

/** The commands of each section, as words. */
function readCommands(): ReadonlyMap<string, readonly string[][]> {
  const text = readFileSync(path.join(__dirname, '../../docs/operations.md'), 'utf8');
  const sections = text.split(/^##+ /m).slice(1);
  const found = sections.map((section): [string, string[][]] => {
    const title = section.slice(0, section.indexOf('\n'));
    const blocks = [...section.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)].map(
      ([, body = '']) => body,
    );
    const lines = blocks.flatMap((body) => body.replace(/\\\n/g, ' ').split('\n'));
    return [title, lines.filter((line) => line.trim() !== '').map(toWords)];
  });
  return new Map(found.filter(([, commands]) => commands.length > 0));
}

function toWords(line: string): string[] {
  return [...line.replace(/ +# .*$/, '').matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, plain]) => quoted ?? plain ?? '',
  );
}

/** What the placeholders of a section stand for. */
interface Situation {
  readonly instance: SimulatedInstance;
  readonly runId: string;
  readonly jobId?: string;
  /** Of a command that asks the instance itself. */
  readonly env?: NodeJS.ProcessEnv;
}

const ended = async (
  fault: FaultActions | null,
  input: Partial<SwitchoverInput> = {},
): Promise<Situation> => {
  const instance = await rig().instance();
  const { instanceId } = instance;
  if (fault !== null)
    rig().simulator.faults.add({ route: 'asyncSwap', instanceId, calls: 1, ...fault });
  const { runId, result } = await rig().run(instance, input);
  const jobId = (result as { jobIds?: readonly string[] } | undefined)?.jobIds?.at(-1);
  return { instance, runId, ...(jobId === undefined ? {} : { jobId }) };
};

const stillRunning = () => ended({ job: { runMs: 5_000 } }, { timing: { jobTimeoutSeconds: 2 } });

const terminated = async (): Promise<Situation> => {
  const instance = await rig().instance();
  const poll = hold(rig(), instance, 'showJob');
  const runId = await rig().start(instance);
  await reached(poll);
  const { projectId } = rig().simulator;
  const workflowId = `dcs-switchover:${projectId}:${instance.instanceId}`;
  await rig().temporal.workflow.getHandle(workflowId, runId).terminate('by hand');
  poll.release();
  return { instance, runId };
};

/** A server that is not older than the first look by 2 s may have been restarted since. */
const OLD_ENOUGH_MS = 4_000;

interface Witnessed extends Situation {
  readonly result: SwitchoverResult;
}

/** A run of an instance whose Redis its worker asks, and so may a command. */
const witnessed = async (
  run: (instance: SimulatedInstance) => Promise<RunEnd>,
  name = 'witnessed',
): Promise<Witnessed> => {
  const instance = await rig().instance({ name, redis: { password: PASSWORD } });
  await sleep(OLD_ENOUGH_MS);
  const { runId, result } = await run(instance);
  return { instance, runId, result, env: workerEnv() };
};

/** A run whose PUT meets this fault. */
const disturbed = (fault: FaultActions, input: Partial<SwitchoverInput> = {}): Promise<Witnessed> =>
  witnessed((instance) => {
    const { instanceId } = instance;
    rig().simulator.faults.add({ route: 'asyncSwap', instanceId, calls: 1, ...fault });
    return rig().run(instance, input);
  });

const contradicted = async (): Promise<Situation> => {
  const situation = await disturbed({ redis: { promotion: 'none', addressStays: true } });
  expect(situation.result.cause).toBe('WITNESS_CONTRADICTS');
  return situation;
};

/** Its replica is promoted late. */
const notServing = async (): Promise<Situation> => {
  const situation = await disturbed({ redis: { promotion: 'none' } });
  expect(situation.result.cause).toBe('NOT_SERVING');
  await situation.instance.redis.disturb({});
  return situation;
};

/** Redis fails over by itself between the pre-check and the PUT. */
const failedOver = async (): Promise<Situation> => {
  const situation = await witnessed(async (instance) => {
    const lastLook = hold(rig(), instance, 'listNodes', 2);
    const runId = await rig().start(instance);
    await reached(lastLook);
    await instance.redis.disturb({});
    lastLook.release();
    return rig().end(instance, runId);
  });
  const { outcome, message } = situation.result;
  expect({ outcome, message }).toEqual({
    ...{ outcome: 'REFUSED', message: expect.stringContaining('another server than before') },
  });
  return situation;
};

/** The worker has the password of yesterday. */
const notMeasured = async (): Promise<Situation> => {
  const situation = await witnessed(async (instance) => {
    const { outcome, result } = await rig().run(instance, { probe: 'require' });
    const check = result.checks.find(({ id }) => id === 'data-plane-ready');
    expect({ outcome, passed: check?.passed }).toEqual({ outcome: 'REFUSED', passed: false });
    return rig().run(instance, { probe: 'if-possible' });
  }, 'locked-out');
  const why = expect.stringMatching(/refused (?:user or password|the login)/);
  expect(situation.result).toMatchObject({
    ...{ outcome: 'SUCCEEDED', dataPlane: { state: 'not-measured', why } },
  });
  return situation;
};

const writesLost = async (): Promise<Situation> => {
  const redis = { promotion: 'abrupt', loseMs: 800 } as const;
  // So that the probe is ready before the roles change.
  const situation = await disturbed({ redis, delayMs: 3_000 }, { probe: 'require' });
  expect(situation.result.dataPlane?.lostWrites?.count).toBeGreaterThan(0);
  return situation;
};

/** By section: the situation, and the exit codes that its commands may have, in order. */
const SITUATIONS: Readonly<
  Record<string, readonly [situation: () => Promise<Situation>, exitCodes: readonly number[]]>
> = {
  SUCCEEDED: [() => ended(null), [0]],
  NOOP: [() => ended(null), [0]],
  PLANNED: [() => ended(null), [0]],
  RESOLVED: [() => ended(null), [0]],
  REFUSED: [() => ended({ reset: 'before' }), [3]],
  INVALID_INPUT: [() => ended(null), [0]],
  FAILED_UNCHANGED: [() => ended({ respond: { status: 400 } }), [0]],
  COMPENSATED: [() => ended({ job: { newMasterStatus: 'Inactive' } }), [3]],
  // Verify looks while the job runs, adopt waits for its end; resolve is allowed at any time.
  UNKNOWN: [stillRunning, [0, 0, 0]],
  CANCELLED: [() => ended(null), [0]],
  Completion: [() => ended(null), [0, 0, 0]],
  'On the screen': [() => ended(null), [0, 0, 0]],
  Report: [() => ended({ job: { newMasterStatus: 'Inactive' } }), [0, 0, 0]],
  'Never Terminate, never Reset': [terminated, [0, 0]],
  WITNESS_CONTRADICTS: [contradicted, [6, 6]],
  NOT_SERVING: [notServing, [0, 6]],
  'Refused by what Redis shows': [failedOver, [0, 0]],
  'Not measured': [notMeasured, [0]],
  'Lost writes and long interruptions': [writesLost, [0]],
};

const workerEnv = (): NodeJS.ProcessEnv => ({ ...rig().stack.workerEnv(), ...settings });

const COMMANDS = readCommands();

let folder: string;
let settings: NodeJS.ProcessEnv = {};
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'operations-'));
  settings = writeRedisSettings(
    folder,
    rig().simulator,
    { match: { name: 'witnessed' }, password: PASSWORD },
    { match: { name: 'locked-out' }, password: 'of-yesterday' },
  );
  await rig().stack.startWorker(workerEnv());
});
afterAll(() => rm(folder, { recursive: true }));

test('every section with commands has a situation, and every situation a section', () => {
  expect([...COMMANDS.keys()].sort()).toEqual(Object.keys(SITUATIONS).sort());
});

describe('the commands of', () => {
  test.concurrent.each([...COMMANDS])('%s work as they stand there', async (title, commands) => {
    const [prepare, exitCodes] = SITUATIONS[title] ?? [() => ended(null), []];
    const situation = await prepare();
    const puts = rig().simulator.ledger.puts(situation.instance.instanceId).length;
    const codes: number[] = [];
    for (const [program, ...words] of commands) {
      expect(program).toBe('dcs-switchover');
      codes.push(await execute(words, situation));
    }
    expect(codes).toEqual(exitCodes);
    if (title === 'Report') await expectTicket(situation);
    const sends = commands.some(
      ([, verb, ...words]) => verb === 'switch' && !words.includes('--help'),
    );
    const now = rig().simulator.ledger.puts(situation.instance.instanceId).length;
    expect(now - puts).toBe(sends ? 1 : 0);
  });

  /** It shows both PUTs, which only the history knows apart, and the job of each. */
  async function expectTicket({ instance }: Situation): Promise<void> {
    const { all, errors } = parsePage(await readFile(path.join(folder, 'ticket.html'), 'utf8'));
    expect(errors).toEqual([]);
    expect(all('h1')[0]?.text).toContain(instance.name);
    const rows = all('tr').map(({ text }) => text);
    const jobs = rig()
      .simulator.ledger.swaps.filter(({ instanceId }) => instanceId === instance.instanceId)
      .map(({ jobId }) => jobId);
    expect(jobs).toHaveLength(2);
    const [forward = '', back = ''] = rows.filter((text) =>
      /^(?:forward swap|swap back)/.test(text),
    );
    expect(forward).toMatch(new RegExp(`^forward swap✓accepted.*${jobs[0] ?? ''}`));
    expect(back).toMatch(new RegExp(`^swap back✓accepted.*${jobs[1] ?? ''}`));
    expect(await readdir(path.join(folder, 'reports'))).toHaveLength(3);
  }

  /** Runs one command against the rig; short times and no cool-down, as the rig's runs have them. */
  async function execute(words: readonly string[], situation: Situation): Promise<number> {
    const { instance, runId, jobId = '' } = situation;
    const { temporal, simulator, stack } = rig();
    const names: Readonly<Record<string, string>> = {
      INSTANCE: instance.instanceId,
      NODE: instance.masterNodeId(),
      RUN_ID: runId,
      JOB_ID: jobId,
      'ticket.html': path.join(folder, 'ticket.html'),
      'reports/': path.join(folder, 'reports'),
    };
    const env: NodeJS.ProcessEnv = {
      TEMPORAL_ADDRESS: stack.temporal.address,
      TEMPORAL_NAMESPACE: temporal.options.namespace,
      HUAWEICLOUD_SDK_PROJECT_ID: simulator.projectId,
      DCS_SWITCHOVER_TASK_QUEUE: stack.taskQueue,
      ...situation.env,
    };
    const toFile = words.findIndex((word) => /^>>?$/.test(word));
    const args = words
      .slice(0, toFile < 0 ? words.length : toFile)
      .map((word) => names[word] ?? word);
    const isTimed = ['switch', 'plan', 'verify', 'adopt'].includes(words[0] ?? '');
    const timing = Object.entries(FAST).flatMap(([name, value]) => [
      '--timing',
      `${name}=${value}`,
    ]);
    const isHelp = args.includes('--help');
    const io = createFakeIo({ env });
    const running = runCli([...args, ...(isTimed && !isHelp ? timing : [])], io);
    if (args[0] === 'list' && args.includes('--watch')) await stopOnceShown(io);
    const exitCode = await running;
    if (toFile >= 0) expect(io.stdout()).toContain('dcs-switchover');
    return exitCode;
  }

  /** A list has no end of its own. */
  async function stopOnceShown(io: FakeIo): Promise<void> {
    await waitUntil('the list', 120_000, () => Promise.resolve(io.stdout() !== ''));
    io.interrupt();
  }
});
