/** `list`: runs of every kind as the command shows them, as text and as JSON, and what is unresolved of them. */
import { beforeAll, expect, test } from '@jest/globals';

import { runCli } from '../../src/cli/program.js';
import type { RunList } from '../../src/client.js';
import { makeSwitchoverWorkflowId } from '../../src/contract/index.js';
import { waitUntil } from '../../src/simulator/basics.js';
import type { SimulatedInstance } from '../../src/simulator/index.js';
import { createFakeIo } from '../cli/support/fake-io.js';
import { startMaintenance } from '../support/maintenance-rig.js';
import { useRig } from '../support/rig.js';
import { hold, reached } from '../support/steps.js';

const rig = useRig();

/** Visibility lags behind on a loaded machine. */
const LISTED_TIMEOUT_MS = 100_000;

async function list(...words: readonly string[]): Promise<string> {
  const io = createFakeIo({ env: rig().stack.clientEnv });
  const exitCode = await runCli(['list', ...words], io);
  expect([exitCode, io.stderr()]).toEqual([0, '']);
  return io.stdout();
}

const runsOf = async (...words: readonly string[]) =>
  (JSON.parse(await list(...words, '-o', 'json')) as RunList).runs;

const untilListed = (isSo: () => Promise<boolean>) =>
  waitUntil('what is to be listed', LISTED_TIMEOUT_MS, isSo);

/** The cells of a line of a table. */
const cellsOf = (line: string | undefined) => line?.split(/ {2,}/) ?? [];

const titleOf = ({ instanceId, name }: SimulatedInstance) => `${name} (${instanceId.slice(0, 8)}…)`;

/** A run, and what is to be seen of it. */
interface Listed {
  readonly instance: SimulatedInstance;
  readonly runId: string;
  readonly entry: Readonly<Record<string, unknown>>;
  /** OUTCOME, MASTER, BY, TOOK, MAINTENANCE. */
  readonly cells: readonly unknown[];
}

const INSTANT: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/);
const AGE: unknown = expect.stringMatching(/^(?:\d+ (?:s|min) ago|now)$/);
const SPAN: unknown = expect.stringMatching(/^\d+ (?:s|min)|^< 1 s$/);

/** Its master stays in 1a. */
const STAYS = 'xx-simulated-1a';

/** The masters of an entry, by the nodes of the instance: where it was first, and where it went. */
const masters = ({ instanceId }: SimulatedInstance, from: string, to: string | null) => {
  const nodes = rig()
    .simulator.instances.find((each) => each.instanceId === instanceId)
    ?.roles();
  const masterOf = (id: string | null) => {
    const node = nodes?.find(({ nodeId }) => nodeId === id);
    return node === undefined
      ? null
      : { nodeId: node.nodeId, availabilityZone: node.availabilityZone };
  };
  return { from: masterOf(from), to: masterOf(to) };
};

/** The only leg of a maintenance. */
async function succeeded(): Promise<Listed> {
  const instance = await rig().instance();
  const from = instance.masterNodeId();
  const asked = { maintenanceId: 'drain-az1', requestedBy: 'ada' };
  const { result } = await (await startMaintenance(rig(), [instance], asked)).end();
  const seen = { ...asked, ...masters(instance, from, instance.masterNodeId()) };
  expect(seen.to).not.toEqual(seen.from);
  return {
    ...{ instance, runId: result.items[0]?.forward.runId ?? '' },
    entry: { ...seen, outcome: 'SUCCEEDED', phase: null, closedAt: INSTANT, swapsAccepted: 1 },
    cells: ['SUCCEEDED', `${STAYS} > 1b`, 'ada', SPAN, 'drain-az1'],
  };
}

/** Refused by its pre-check. */
async function refused(): Promise<Listed> {
  const instance = await rig().instance({ status: 'FROZEN' });
  const { runId } = await rig().run(instance, { requestedBy: 'grace' });
  const seen = { requestedBy: 'grace', ...masters(instance, instance.masterNodeId(), null) };
  return {
    ...{ instance, runId },
    entry: { ...seen, outcome: 'REFUSED', phase: null, closedAt: INSTANT, swapsSent: 0 },
    cells: ['REFUSED', STAYS, 'grace', SPAN, '-'],
  };
}

/** Its PUT was lost on the way: no one can know. */
async function unknown(): Promise<Listed> {
  const instance = await rig().instance();
  const { instanceId } = instance;
  const master = instance.masterNodeId();
  rig().simulator.faults.add({ route: 'asyncSwap', instanceId, calls: 1, reset: 'before' });
  const { runId } = await rig().run(instance, { requestedBy: 'edsger' });
  const seen = { requestedBy: 'edsger', ...masters(instance, master, master) };
  return {
    ...{ instance, runId },
    entry: { ...seen, outcome: 'UNKNOWN', phase: null, closedAt: INSTANT, swapsAccepted: 0 },
    cells: ['UNKNOWN', STAYS, 'edsger', SPAN, '-'],
  };
}

/** It waits for an answer about its job, longer than the suite takes. */
async function open(): Promise<Listed> {
  const instance = await rig().instance();
  const from = instance.masterNodeId();
  const poll = hold(rig(), instance, 'showJob', { from: 1 });
  const timing = { jobTimeoutSeconds: 600 };
  const runId = await rig().start(instance, { requestedBy: 'barbara', timing });
  await reached(poll);
  const seen = { requestedBy: 'barbara', ...masters(instance, from, null) };
  return {
    ...{ instance, runId },
    entry: { ...seen, outcome: null, phase: 'AWAITING_JOB', closedAt: null, swapsAccepted: 1 },
    cells: ['AWAITING_JOB', STAYS, 'barbara', '-', '-'],
  };
}

let runs: readonly Listed[];
let doubted: Listed;

beforeAll(async () => {
  const ended = await Promise.all([succeeded(), refused(), unknown()]);
  [, , doubted] = ended;
  runs = [...ended, await open()];
  await untilListed(async () => (await runsOf()).length === runs.length);
});

test('each run is an entry: whole ids, instants, outcome or phase, masters, who, maintenance', async () => {
  const { projectId } = rig().simulator;
  const entries = await runsOf();
  const starts = entries.map(({ startedAt }) => startedAt);
  expect(starts).toEqual([...starts].sort().reverse());
  expect(entries).toHaveLength(runs.length);
  for (const { instance, runId, entry } of runs) {
    const { instanceId, name } = instance;
    expect(entries.find((each) => each.runId === runId)).toMatchObject({
      ...{ projectId, instanceId, instanceName: name, mode: 'switch', problem: null },
      ...{ workflowId: makeSwitchoverWorkflowId({ projectId, instanceId }), startedAt: INSTANT },
      ...{ maintenanceId: null, ...entry },
    });
  }
  const unknowns = await runsOf('--outcome', 'unknown', '--project', projectId);
  expect(unknowns.map(({ runId }) => runId)).toEqual([doubted.runId]);
});

test('each run is a line: when, instance, outcome or phase, masters, who, how long, maintenance', async () => {
  const text = await list();
  for (const { instance, cells } of runs) {
    const line = text.split('\n').find((each) => each.includes(titleOf(instance)));
    expect(cellsOf(line)).toEqual([INSTANT, AGE, titleOf(instance), ...cells]);
  }
  expect(text).toContain(
    'Which of them still are unresolved:\n  dcs-switchover list --unresolved\n',
  );
});

test('the UNKNOWN run alone is unresolved, until an operator has said what it did', async () => {
  const { instance, runId } = doubted;
  const { instanceId, name } = instance;
  const { projectId } = rig().simulator;
  const [, line, ...rest] = (await list('--unresolved')).split('\n');
  expect(cellsOf(line)).toEqual([INSTANT, AGE, 'UNKNOWN', 'NO_TRACE', titleOf(instance)]);
  expect(rest.filter((each) => each.includes('dcs-switchover'))).toEqual([
    `  dcs-switchover verify ${instanceId} --project ${projectId} --examined-run ${runId}`,
  ]);
  expect(JSON.parse(await list('--unresolved', '-o', 'json'))).toEqual([
    expect.objectContaining({ instanceId, instanceName: name, runId, cause: 'NO_TRACE' }),
  ]);
  const io = createFakeIo({ env: rig().stack.clientEnv });
  const said = ['--outcome', 'FAILED_UNCHANGED', '--statement', 'seen', '--by', 'ada'];
  expect(await runCli(['resolve', instanceId, ...said], io)).toBe(0);
  await untilListed(async () => (await list('--unresolved')) === 'No run is unresolved.\n');
  expect(JSON.parse(await list('--unresolved', '-o', 'json'))).toEqual([]);
  const later = (await runsOf()).filter((each) => each.instanceId === instanceId);
  expect(later.map(({ outcome }) => outcome)).toEqual(['RESOLVED', 'UNKNOWN']);
  expect(later[0]).toMatchObject({ instanceName: name });
  const text = await list();
  expect(text).toMatch(/ UNKNOWN, resolved /);
  expect(text).not.toContain('--unresolved');
  for (const verb of ['status', 'wait', 'report']) {
    const shown = createFakeIo({ env: rig().stack.clientEnv });
    await runCli([verb, instanceId, '--run', runId], shown);
    expect(shown.stdout()).toContain('as stated by ada');
    expect(shown.stdout()).not.toContain('dcs-switchover verify');
  }
});
