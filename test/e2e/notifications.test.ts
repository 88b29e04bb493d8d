/** What a webhook is notified of real runs: signed, phases once, the end until it is taken, whichever worker dies. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { makeNotifyWorkflowId } from '../../src/contract/index.js';
import type { WorkerProcess } from '../../src/dev/stack.js';
import { waitUntil } from '../../src/simulator/basics.js';
import type { SimulatedInstance } from '../../src/simulator/index.js';
import { instancesOf, startMaintenance } from '../support/maintenance-rig.js';
import { startReceiver } from '../support/receiver.js';
import type { Receiver, Received, ReceivedEvent } from '../support/receiver.js';
import { useRig } from '../support/rig.js';
import type { RunEnd } from '../support/rig.js';

const rig = useRig({ hasWorker: false });

const PHASE = 'dcs-switchover.switchover.phase.v1';
const ENDED = 'dcs-switchover.switchover.ended.v1';
const APPROVAL = 'dcs-switchover.maintenance.approval-wanted.v1';

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

async function startWorker(extra: NodeJS.ProcessEnv = {}): Promise<WorkerProcess> {
  const env = {
    DCS_SWITCHOVER_WEBHOOK_URL: receiver.url,
    DCS_SWITCHOVER_WEBHOOK_SECRET: receiver.secret,
    ...extra,
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

/** The run that delivers the end of a run that came to its fifth notification. */
const deliveryOf = ({ runId }: RunEnd) =>
  rig().temporal.workflow.getHandle(makeNotifyWorkflowId(`${runId}:4`));

const endsOf = ({ runId }: RunEnd): readonly Received[] =>
  receiver.received.filter(({ headers }) => headers['webhook-id'] === `${runId}:4`);

const texts = (): unknown[] =>
  receiver.received.map(({ body }) => (JSON.parse(body) as Record<string, unknown>)['text']);

const wordsOf = (events: readonly ReceivedEvent[]) =>
  events.map(({ type, data }) => (type === PHASE ? data['phase'] : data['outcome']));

test('a switchover is reported phase by phase to its end, at the cost of one event of history', async () => {
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
  expect(await rig().history(instance, end.runId)).toHaveLength(32);
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
  // Because the worker has ended, or, where that took so long, because there was no answer in time.
  const missed = logs.filter((line) => line.includes('notification missed'));
  expect(missed).toHaveLength(4);
});

test('the end of a run whose worker is killed before it is posted is posted by the next worker', async () => {
  receiver.replyAlways('hang');
  const first = await startWorker();
  const instance = await rig().instance();
  const end = await rig().run(instance);
  await waitUntil('the end is under way', 120_000, () => Promise.resolve(endsOf(end).length > 0));
  first.kill('SIGKILL');
  receiver.replyAlways(204);
  await startWorker();
  await deliveryOf(end).result();
  expect(endsOf(end).length).toBeGreaterThan(1);
  expect(new Set(endsOf(end).map(({ body }) => body)).size).toBe(1);
});

test('an end that a webhook did not take comes again, under its id, until it is taken', async () => {
  receiver.replyAlways(503);
  await startWorker();
  const instance = await rig().instance();
  const end = await rig().run(instance);
  await waitUntil('two attempts', 120_000, () => Promise.resolve(endsOf(end).length > 1));
  receiver.replyAlways(204);
  await deliveryOf(end).result();
  expect(new Set(endsOf(end).map(({ headers }) => headers['webhook-id']))).toEqual(
    new Set([`${end.runId}:4`]),
  );
  // The first attempt alone is logged.
  const lines = logs.filter((line) => line.includes('did not take a notification'));
  expect(lines).toHaveLength(1);
});

test('an end that the webhook refuses is a failed delivery, and changes nothing of the run', async () => {
  receiver.replyAlways(410);
  await startWorker();
  const instance = await rig().instance();
  const end = await rig().run(instance);
  expect(end.outcome).toBe('SUCCEEDED');
  const failure: unknown = await deliveryOf(end)
    .result()
    .catch((error: unknown) => error);
  expect(failure).toMatchObject({
    cause: { type: 'NOTIFICATION_LOST', message: expect.stringMatching(/answered 410/) as unknown },
  });
  await waitUntil('the loss is logged', 120_000, () =>
    Promise.resolve(
      /notification lost.*dcs-switchover doctor|dcs-switchover doctor.*notification lost/.test(
        logs.join('\n'),
      ),
    ),
  );
  const { instanceId } = instance;
  const { runs } = await rig().client.list();
  expect(new Set(runs.map((run) => run.workflowId.split(':')[0]))).toEqual(
    new Set(['dcs-switchover']),
  );
  const unresolved = await rig().client.unresolved();
  expect(JSON.stringify(unresolved)).not.toContain(instanceId);
});

test('a run that is cancelled before its pre-check has reported is notified of', async () => {
  const instance = await rig().instance();
  const runId = await rig().start(instance);
  const workflowId = `dcs-switchover:${rig().simulator.projectId}:${instance.instanceId}`;
  await rig().temporal.workflow.getHandle(workflowId, runId).cancel();
  await startWorker();
  const events = await eventsOf({ runId });
  expect(events.at(-1)?.data).toMatchObject({ outcome: 'CANCELLED' });
});

test('a chat gets what it wants alone, as a text, and needs no key', async () => {
  await startWorker({
    DCS_SWITCHOVER_WEBHOOK_FORMAT: 'slack',
    DCS_SWITCHOVER_WEBHOOK_SECRET: '',
    DCS_SWITCHOVER_WEBHOOK_EVENTS: `${ENDED},${APPROVAL}`,
  });
  const [instance] = (await instancesOf(rig(), 1)) as [SimulatedInstance];
  const maintenance = await startMaintenance(rig(), [instance], { requireApproval: true });
  await waitUntil('approval is asked for', 120_000, () =>
    Promise.resolve(receiver.received.length > 0),
  );
  const [asked] = texts();
  expect(asked).toMatch(
    /^\*APPROVAL WANTED\* maintenance many-.*\n1 instance to switch\. Without /,
  );
  expect(asked).toMatch(/\n`dcs-switchover maintenance approve many-[^`]+`$/);
  await maintenance.send('approve', { by: 'ada' });
  expect((await maintenance.end()).type).toBe('COMPLETED');
  await waitUntil('the end is posted', 120_000, () =>
    Promise.resolve(receiver.received.length > 1),
  );
  // The end of the switchover, not that of the maintenance: that one is not wanted.
  expect(texts().slice(1)).toEqual([expect.stringMatching(/^\*SUCCEEDED \(ROLES_CHANGED\)\* /)]);
});

test('a deploy that brings the webhook leaves no delivery behind', async () => {
  const first = await startWorker();
  receiver.replyAlways('hang');
  const instance = await rig().instance();
  const end = await rig().run(instance);
  await first.stop();
  // One of the old deploy takes the delivery first, and leaves it to the others.
  const older = await rig().stack.startWorker();
  workers.push(older);
  receiver.replyAlways(204);
  await waitUntil('the older worker has looked', 120_000, async () => {
    const { raw } = await deliveryOf(end).describe();
    const why = JSON.stringify(raw.pendingActivities?.[0]?.lastFailure?.message ?? '');
    return why.includes('this worker has no webhook');
  });
  await older.stop();
  await startWorker();
  await deliveryOf(end).result();
  expect(endsOf(end).length).toBeGreaterThan(1);
});
