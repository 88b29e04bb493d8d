/** What a webhook is notified of real runs: in order, signed, once, at no cost to the run. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';

import type { WorkerProcess } from '../../src/dev/stack.js';
import { waitUntil } from '../../src/simulator/basics.js';
import { startReceiver } from '../support/receiver.js';
import type { Receiver, ReceivedEvent } from '../support/receiver.js';
import { useRig } from '../support/rig.js';
import type { RunEnd } from '../support/rig.js';

const rig = useRig({ hasWorker: false });

const PHASE = 'dcs-switchover.switchover.phase.v1';
const ENDED = 'dcs-switchover.switchover.ended.v1';

let receiver: Receiver;
let logs: string[];
let workers: WorkerProcess[];

beforeEach(async () => {
  receiver = await startReceiver();
  logs = [];
  workers = [];
});

afterEach(async () => {
  for (const worker of workers) await worker.stop();
  await receiver.close();
});

async function startWorker(): Promise<WorkerProcess> {
  const env = {
    DCS_SWITCHOVER_WEBHOOK_URL: receiver.url,
    DCS_SWITCHOVER_WEBHOOK_SECRET: receiver.secret,
  };
  const worker = await rig().stack.startWorker(env, (line) => logs.push(line));
  workers.push(worker);
  return worker;
}

/** Events of a run by their number; receivers sort by it, as first attempts may overtake each other. */
async function eventsOf({ runId }: Pick<RunEnd, 'runId'>): Promise<ReceivedEvent[]> {
  const own = (): ReceivedEvent[] =>
    receiver
      .events()
      .filter(({ id }) => id.startsWith(`${runId}:`))
      .sort((a, b) => numberOf(a) - numberOf(b));
  const hasEnded = () => own().some(({ type }) => type === ENDED);
  await waitUntil('the end is reported', 120_000, () => Promise.resolve(hasEnded()));
  return own();
}

const numberOf = ({ id }: ReceivedEvent): number => Number(id.split(':').at(-1));

const wordsOf = (events: readonly ReceivedEvent[]) =>
  events.map(({ type, data }) => (type === PHASE ? data['phase'] : data['outcome']));

test('a switchover is reported phase by phase to its end, and its history stays at 31 events', async () => {
  await startWorker();
  const instance = await rig().instance();
  const end = await rig().run(instance, { changeId: 'CHG-7' });
  expect(end.outcome).toBe('SUCCEEDED');
  const events = await eventsOf(end);
  expect(wordsOf(events)).toEqual([
    'PREFLIGHT',
    'SWAPPING',
    'AWAITING_JOB',
    'VERIFYING',
    'SUCCEEDED',
  ]);
  expect(events.map(numberOf)).toEqual([0, 1, 2, 3, 4]);
  const { projectId } = rig().simulator;
  const { instanceId } = instance;
  expect(events.at(-1)).toMatchObject({
    type: ENDED,
    source: expect.stringContaining(end.runId) as unknown,
    subject: `dcs-switchover:${projectId}:${instanceId}`,
    data: {
      ...{ projectId, instanceId, changeId: 'CHG-7', swapsSent: 1 },
      message: end.result.message,
    },
  });
  expect(await rig().history(instance, end.runId)).toHaveLength(31);
});

test('a refused run is reported with the words that a person would read', async () => {
  await startWorker();
  const instance = await rig().instance();
  const end = await rig().run(instance, { expectedMasterNodeId: 'f'.repeat(32) });
  expect(end.outcome).toBe('REFUSED');
  const events = await eventsOf(end);
  expect(wordsOf(events)).toEqual(['PREFLIGHT', 'REFUSED']);
  expect(events.at(-1)?.data['message']).toBe(end.result.message);
});

test('a worker that takes a run over replays it in silence, and shows what comes next', async () => {
  const first = await startWorker();
  const instance = await rig().instance();
  rig().simulator.faults.add({
    route: 'asyncSwap',
    instanceId: instance.instanceId,
    job: { initMs: 100, runMs: 6_000 },
  });
  const runId = await rig().start(instance, { timing: { jobTimeoutSeconds: 60 } });
  const hasPhase = (phase: string) => receiver.events().some(({ data }) => data['phase'] === phase);
  await waitUntil('the job is reported', 120_000, () => Promise.resolve(hasPhase('AWAITING_JOB')));
  first.kill('SIGKILL');
  await startWorker();
  const end = await rig().end(instance, runId);
  expect(end.outcome).toBe('SUCCEEDED');
  // Each once, under one series of numbers: the second worker went on counting where the first was lost.
  expect((await eventsOf(end)).map(numberOf)).toEqual([0, 1, 2, 3, 4]);
});

test('a webhook that never answers holds up neither a run nor the end of a worker', async () => {
  receiver.replyAlways('hang');
  const worker = await startWorker();
  const instance = await rig().instance();
  const end = await rig().run(instance);
  expect(end.outcome).toBe('SUCCEEDED');
  await worker.stop();
  expect(logs.join('\n')).not.toMatch(/token-of-the-url|whsec_/);
  const lost = logs.filter((line) => line.includes('notification dropped'));
  expect(lost).toHaveLength(5);
  expect(lost.join('\n')).toContain('"loss":"shutdown"');
});

test('a webhook that comes back gets what it has missed', async () => {
  receiver.replyAlways(503);
  await startWorker();
  const instance = await rig().instance();
  const end = await rig().run(instance);
  const missed = receiver.received.length;
  expect(missed).toBeGreaterThan(0);
  receiver.replyAlways(204);
  const taken = () => new Set(receiver.events().slice(missed).map(numberOf)).size;
  await waitUntil('all is reported', 120_000, () => Promise.resolve(taken() === 5));
  expect(receiver.events().every(({ id }) => id.startsWith(`${end.runId}:`))).toBe(true);
  expect(logs.join('\n')).toContain('the webhook takes notifications again');
});
