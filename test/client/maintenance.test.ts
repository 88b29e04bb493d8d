import { describe, expect, jest, test } from '@jest/globals';

import {
  InvalidInputError,
  RunCancelledError,
  RunClosedError,
  MaintenanceEndedOutsideError,
  NotFoundError,
  AlreadyRunningError,
  WaitTimedOutError,
  MessageRefusedError,
  NoWorkerError,
  NothingLeftError,
} from '../../src/client.js';
import type { StartedMaintenance } from '../../src/client.js';
import type { MaintenanceInput, SkipMessage } from '../../src/contract/index.js';

import {
  cancelRun,
  completeRun,
  continueAsNew,
  failRun,
  startTimer,
} from './support/fake-worker.js';
import {
  INSTANCES,
  NOT_STARTED,
  maintenanceInput,
  maintenanceResult,
  item,
} from './support/maintenances.js';
import { useRealServer } from './support/server.js';
import type { Corner } from './support/server.js';
import { thrownBy } from './support/thrown-by.js';

const server = useRealServer();

const BY = { by: 'bob' };

/** A maintenance that has ended with this result. */
async function ended(
  { dcs, worker }: Corner,
  input: MaintenanceInput,
  result = maintenanceResult(),
): Promise<StartedMaintenance> {
  const started = await dcs.maintenance.start(input);
  const isDone = result.outcome !== 'PARTIAL';
  await worker.decide(isDone ? completeRun(result) : failRun('PARTIAL', result.message, result));
  await dcs.maintenance.result(started);
  return started;
}

function handleOf({ workflowId, runId }: StartedMaintenance) {
  return server.temporal().client.workflow.getHandle(workflowId, runId);
}

test('a maintenance is found by its id, and named permanently by its run', async () => {
  const { dcs } = server.corner();
  const { maintenanceId, workflowId, runId } = await dcs.maintenance.start(maintenanceInput());
  const found = await dcs.maintenance.find({ maintenanceId });
  expect(found).toMatchObject({ maintenanceId, workflowId, runId });
  await expect(dcs.maintenance.find({ maintenanceId: 'nobodys' })).rejects.toThrow(NotFoundError);
});

test('every command that an error names can be pasted', () => {
  const { message } = new WaitTimedOutError({ maintenanceId: 'drain' }, 'r', 1000);
  expect(message).toContain(
    "\n  dcs-switchover maintenance abort drain --reason 'stopped by hand'",
  );
});

describe('start of a maintenance', () => {
  test('starts it under its id, with texts for people', async () => {
    const { dcs, taskQueue } = server.corner();
    const input = maintenanceInput({
      requestedBy: 'alice',
      reason: 'drain az1',
      requireApproval: true,
    });
    const started = await dcs.maintenance.start(input);
    const description = await handleOf(started).describe();
    expect(started).toMatchObject({
      workflowId: `dcs-maintenance:${input.maintenanceId}`,
      reused: null,
    });
    expect(description).toMatchObject({
      type: 'dcsMaintenance',
      taskQueue,
      memo: { maintenanceId: input.maintenanceId, requestedBy: 'alice', reason: 'drain az1' },
    });
    expect(await description.staticSummary()).toBe(
      'switch 3 instances so that the master is in AZ az2, asked by alice',
    );
    const details = (await description.staticDetails()) ?? '';
    expect(details).toContain('**Why:** drain az1');
    expect(details).toContain('**Approval:** required');
    expect(details).toContain(
      `dcs-switchover maintenance progress ${input.maintenanceId} --task-queue ${taskQueue}`,
    );
  });

  test('joins the open one when the input is the same, no matter who asks and why', async () => {
    const { dcs } = server.corner();
    const input = maintenanceInput({ requestedBy: 'alice' });
    const first = await dcs.maintenance.start(input);
    const again = await dcs.maintenance.start({ ...input, requestedBy: 'bob', reason: 'retry' });
    expect(again).toEqual({ ...first, reused: 'open' });
  });

  test('starts one maintenance, however many ask at the same time', async () => {
    const { dcs } = server.corner();
    const input = maintenanceInput();
    const all = await Promise.all(Array.from({ length: 6 }, () => dcs.maintenance.start(input)));
    expect(new Set(all.map(({ runId }) => runId)).size).toBe(1);
    expect(all.filter(({ reused }) => reused === null)).toHaveLength(1);
  });

  test('starts nothing while one of this id is open that wants something else, and says what', async () => {
    const { dcs } = server.corner();
    const input = maintenanceInput({ requestedBy: 'alice' });
    const { runId } = await dcs.maintenance.start(input);
    const error = await thrownBy(
      dcs.maintenance.start({ ...input, maxFailures: 3, target: { availabilityZone: 'az3' } }),
    );
    expect(error).toBeInstanceOf(AlreadyRunningError);
    expect(error).toMatchObject({
      open: { runId, requestedBy: 'alice', differsIn: ['target', 'maxFailures'] },
    });
    expect(error.message).toContain('nothing was started');
    expect(error.message).toContain('dcs-switchover maintenance progress');
  });

  test('finds the ended one that has switched, so that a repeat does not swap again', async () => {
    const corner = server.corner();
    const input = maintenanceInput();
    const first = await ended(corner, input);
    expect(await corner.dcs.maintenance.start(input)).toEqual({ ...first, reused: 'closed' });
  });

  test('finds it behind runs that only made the maintenance as well', async () => {
    const corner = server.corner();
    const input = maintenanceInput({ target: null, toggle: true });
    const first = await ended(corner, input);
    const planned = maintenanceResult({ outcome: 'PLANNED', cause: 'PLAN_ONLY' });
    for (let count = 0; count < 2; count += 1)
      await ended(corner, { ...input, mode: 'plan' }, planned);
    const { maintenance } = corner.dcs;
    expect(await maintenance.start(input)).toEqual({ ...first, reused: 'closed' });
    const { maintenanceId } = input;
    await expect(maintenance.remainderInput({ maintenanceId }, 'rest')).rejects.toThrow(
      NothingLeftError,
    );
  });

  test('finds it behind runs that were invalid or cancelled, and so does the rest', async () => {
    const corner = server.corner();
    const { maintenance } = corner.dcs;
    const input = maintenanceInput({ target: null, toggle: true });
    const items = INSTANCES.map((id, index) => item(id, index === 2 ? NOT_STARTED : {}));
    const first = await ended(corner, input, maintenanceResult({ outcome: 'PARTIAL', items }));
    const invalid = await maintenance.start({ ...input, maxConcurrent: 2 });
    await corner.worker.decide(failRun('INVALID_INPUT', 'used', { problems: [] }));
    await expect(maintenance.result(invalid)).rejects.toThrow(InvalidInputError);
    const cancelled = await maintenance.start({ ...input, again: true });
    await maintenance.cancel(cancelled, BY);
    await corner.worker.decide(cancelRun());
    await expect(maintenance.result(cancelled)).rejects.toThrow(RunCancelledError);
    expect(await maintenance.start(input)).toEqual({ ...first, reused: 'closed' });
    const rest = await maintenance.remainderInput({ maintenanceId: input.maintenanceId }, 'rest');
    expect(rest.instanceIds).toEqual(INSTANCES.slice(2));
  });

  test('starts again after one that has started nothing, and after one that wanted something else', async () => {
    const corner = server.corner();
    const input = maintenanceInput();
    const items = INSTANCES.map((instanceId) => item(instanceId, NOT_STARTED));
    const nothing = maintenanceResult({ outcome: 'PARTIAL', cause: 'APPROVAL_MISSING', items });
    const first = await ended(corner, input, nothing);
    const second = await ended(corner, input);
    const third = await corner.dcs.maintenance.start({ ...input, maxFailures: 1 });
    expect([second.reused, third.reused]).toEqual([null, null]);
    expect(new Set([first.runId, second.runId, third.runId]).size).toBe(3);
  });

  test('carries out again what was refused or not done, and of which nothing was sent', async () => {
    const corner = server.corner();
    const input = maintenanceInput({ target: null, toggle: true });
    const refused = { outcome: 'REFUSED', swapsSent: 0 } as const;
    const items = INSTANCES.map((instanceId) => item(instanceId, refused));
    const first = await ended(corner, input, maintenanceResult({ outcome: 'PARTIAL', items }));
    const second = await corner.dcs.maintenance.start(input);
    expect(second.reused).toBeNull();
    expect(second.runId).not.toBe(first.runId);
  });

  test('finds one that is unresolved, or has found everything in place', async () => {
    const corner = server.corner();
    const uncertainty = item(INSTANCES[0] ?? '', { outcome: 'UNKNOWN', swapsSent: 0 });
    const input = maintenanceInput();
    await ended(corner, input, maintenanceResult({ outcome: 'PARTIAL', items: [uncertainty] }));
    expect((await corner.dcs.maintenance.start(input)).reused).toBe('closed');
    const other = maintenanceInput();
    const noop = item(INSTANCES[0] ?? '', { outcome: 'NOOP', swapsSent: 0 });
    await ended(corner, other, maintenanceResult({ items: [noop] }));
    expect((await corner.dcs.maintenance.start(other)).reused).toBe('closed');
  });

  test('never answers a look ahead with an old one', async () => {
    const corner = server.corner();
    const input = maintenanceInput({ mode: 'plan' });
    await ended(corner, input, maintenanceResult({ outcome: 'PLANNED', mode: 'plan' }));
    expect((await corner.dcs.maintenance.start(input)).reused).toBeNull();
  });

  test('refuses a bad input by field, before anything is sent', async () => {
    const { dcs } = server.corner();
    const input = maintenanceInput({ maxConcurrent: 0, instanceIds: ['nonsense'] });
    const error = await thrownBy(dcs.maintenance.start(input));
    expect(error).toBeInstanceOf(InvalidInputError);
    expect(error.message).toContain('maxConcurrent');
    await expect(dcs.maintenance.progress(input)).rejects.toThrow(NotFoundError);
  });
});

describe('result of a maintenance', () => {
  test.each(['COMPLETED', 'PARTIAL'] as const)('resolves for %s', async (outcome) => {
    const corner = server.corner();
    const started = await ended(corner, maintenanceInput(), maintenanceResult({ outcome }));
    expect(await corner.dcs.maintenance.result(started)).toMatchObject({ outcome });
  });

  test('throws the problems of an input that the maintenance found invalid', async () => {
    const { dcs, worker } = server.corner();
    const started = await dcs.maintenance.start(maintenanceInput());
    const problems = [{ field: 'window', problem: 'is over', remedy: 'Give another.' }];
    await worker.decide(failRun('INVALID_INPUT', 'no', { problems }));
    await expect(dcs.maintenance.result(started)).rejects.toMatchObject({ problems });
  });

  test('says of a cancelled one that nothing was sent', async () => {
    const { dcs, worker } = server.corner();
    const started = await dcs.maintenance.start(maintenanceInput());
    await dcs.maintenance.cancel(started, { by: 'bob', why: 'wrong day' });
    await worker.decide(cancelRun());
    const error = await thrownBy(dcs.maintenance.result(started));
    expect(error).toBeInstanceOf(RunCancelledError);
    expect(error.message).toContain('nothing was sent');
    await expect(dcs.maintenance.cancel(started, BY)).rejects.toThrow(RunClosedError);
  });

  test('says of a terminated one that its switchovers go on', async () => {
    const { dcs } = server.corner();
    const started = await dcs.maintenance.start(maintenanceInput());
    await handleOf(started).terminate('by mistake');
    const error = await thrownBy(dcs.maintenance.result(started));
    expect(error).toBeInstanceOf(MaintenanceEndedOutsideError);
    expect(error).toMatchObject({ ending: 'RUN_TERMINATED' });
    expect(error.message).toMatch(/by mistake.*go on by themselves/);
  });

  test('stops waiting in time, or when asked to; the maintenance continues', async () => {
    const { dcs } = server.corner();
    const started = await dcs.maintenance.start(maintenanceInput());
    const { maintenance } = dcs;
    await expect(maintenance.result(started, { timeoutMs: 0 })).rejects.toThrow(WaitTimedOutError);
    const stop = new Error('enough');
    const controller = new AbortController();
    setTimeout(() => {
      controller.abort(stop);
    }, 50);
    await expect(maintenance.result(started, { signal: controller.signal })).rejects.toBe(stop);
  });

  test('does not know what was never started, and refuses what is no id', async () => {
    const { dcs } = server.corner();
    const unknown = dcs.maintenance.result({ maintenanceId: 'never-started' });
    await expect(unknown).rejects.toThrow(NotFoundError);
    const bad = { maintenanceId: 'Ä', nominalTime: 'noon', runId: 'x' };
    expect(await thrownBy(dcs.maintenance.result(bad))).toMatchObject({
      problems: [{ field: 'maintenanceId' }, { field: 'nominalTime' }, { field: 'runId' }],
    });
  });
});

describe('a maintenance that continues as new', () => {
  test('is followed from its first run on: result, cancellation and repeated start', async () => {
    const { dcs, worker, taskQueue } = server.corner();
    const input = maintenanceInput();
    const started = await dcs.maintenance.start(input);
    await worker.decide(continueAsNew('dcsMaintenance', taskQueue, input, { v: 1 }));
    await worker.decide(continueAsNew('dcsMaintenance', taskQueue, input, { v: 1 }));
    expect(await dcs.maintenance.start(input)).toEqual({ ...started, reused: 'open' });
    await dcs.maintenance.cancel(started, BY);
    await worker.decide(completeRun(maintenanceResult({ cause: 'CANCELLED' })));
    expect(await dcs.maintenance.result(started)).toMatchObject({ cause: 'CANCELLED' });
    expect(await dcs.maintenance.progress(started)).toMatchObject({ phase: 'ENDED' });
  });

  test('is not mistaken for a later maintenance of the same id', async () => {
    const corner = server.corner();
    const input = maintenanceInput();
    const first = await ended(corner, input, maintenanceResult({ message: 'the first' }));
    const second = await corner.dcs.maintenance.start({ ...input, maxFailures: 1 });
    expect(await corner.dcs.maintenance.result(first)).toMatchObject({ message: 'the first' });
    await expect(corner.dcs.maintenance.cancel(first, BY)).rejects.toThrow(RunClosedError);
    const { status } = await handleOf(second).describe();
    expect(status.name).toBe('RUNNING');
  });
});

describe('progress of a maintenance', () => {
  test('is the answer of its worker', async () => {
    const { dcs, worker } = server.corner();
    const started = await dcs.maintenance.start(maintenanceInput());
    await worker.decide(startTimer());
    const [progress] = await Promise.all([
      dcs.maintenance.progress(started),
      worker.answerQuery({ phase: 'AWAITING_WINDOW' }),
    ]);
    expect(progress).toEqual({ phase: 'AWAITING_WINDOW' });
  });

  test('of one that was terminated says that it has ended, whatever its replay says', async () => {
    const { dcs, worker } = server.corner();
    const started = await dcs.maintenance.start(maintenanceInput());
    await worker.decide(startTimer());
    await handleOf(started).terminate('by mistake');
    const counts = { running: 1 };
    const [progress] = await Promise.all([
      dcs.maintenance.progress(started),
      worker.answerQuery({
        ...{ phase: 'SWITCHING', next: 'switch the instances in order', isPaused: true, counts },
      }),
    ]);
    expect(progress).toMatchObject({ phase: 'ENDED', isPaused: false, counts });
    expect(progress.next).toMatch(/by mistake.*It starts nothing any more/);
  });

  test('of an ended one is read without any worker', async () => {
    const corner = server.corner();
    const result = maintenanceResult({
      outcome: 'PARTIAL',
      cause: 'BUDGET_SPENT',
      message: 'The verified state.',
    });
    const started = await ended(corner, maintenanceInput(), result);
    expect(await corner.dcs.maintenance.progress(started)).toMatchObject({
      phase: 'ENDED',
      outcome: 'PARTIAL',
      cause: 'BUDGET_SPENT',
      next: 'The verified state.',
      items: result.items,
    });
  });

  test('without a worker ends in time, and says which queue no one serves', async () => {
    const { dcs, worker, taskQueue } = server.corner({ rpcTimeoutMs: 2_500 });
    const started = await dcs.maintenance.start(maintenanceInput());
    await worker.decide(startTimer());
    const error = await thrownBy(dcs.maintenance.progress(started));
    expect(error).toBeInstanceOf(NoWorkerError);
    expect(error.message).toContain(taskQueue);
    expect(error.message).not.toContain('may still be taken');
    // The fake has just polled.
    expect(error).toMatchObject({ silence: 'busy' });
    expect(error.message).not.toContain('Start a worker');
  });

  test('that no worker ever had asks to start one', async () => {
    const { dcs, taskQueue } = server.corner({ rpcTimeoutMs: 700 });
    const error = await thrownBy(
      dcs.maintenance.progress(await dcs.maintenance.start(maintenanceInput())),
    );
    expect(error).toMatchObject({ silence: 'no-worker' });
    expect(error.message).toContain(
      `Start a worker:\n  dcs-switchover worker --task-queue ${taskQueue}\n`,
    );
  });

  test('of a cron schedule between two runs does not blame workers or server', async () => {
    const { dcs, taskQueue } = server.corner({ rpcTimeoutMs: 1_000 });
    const input = maintenanceInput();
    const { maintenanceId } = input;
    await server.temporal().client.workflow.start('dcsMaintenance', {
      workflowId: `dcs-maintenance:${maintenanceId}`,
      taskQueue,
      args: [input],
      cronSchedule: '0 0 1 1 *',
    });
    const waiting = await thrownBy(dcs.maintenance.progress({ maintenanceId }));
    expect(waiting).toMatchObject({ silence: 'not-begun' });
    expect(waiting.message).toContain('has not begun');
    expect(waiting.message).not.toContain('Start a worker');
  });
});

describe('a maintenance that was terminated', () => {
  test.each([
    ['with toggles is not repeated: no one knows which worked', true, 'closed'],
    ['with a target is started again: what is there already is NOOP', false, null],
  ])('%s', async (_, isToggle, reused) => {
    const { maintenance } = server.corner().dcs;
    const input = maintenanceInput(isToggle ? { target: null, toggle: true } : {});
    const started = await maintenance.start(input);
    await handleOf(started).terminate('by mistake');
    const again = await maintenance.start(input);
    expect(again.reused).toBe(reused);
    expect(again.runId === started.runId).toBe(isToggle);
  });
});

describe('the progress of a maintenance', () => {
  test('that the server cuts off while no worker takes the query is the silence of a worker', async () => {
    const { dcs } = server.corner({ rpcTimeoutMs: 2_500 });
    const started = await dcs.maintenance.start(maintenanceInput());
    const cutOff = { code: 1, details: 'context canceled', metadata: { get: () => [] } };
    const query = jest
      .spyOn(server.temporal().client.workflowService, 'queryWorkflow')
      .mockRejectedValueOnce(Object.assign(new Error('1 CANCELLED: context canceled'), cutOff));
    expect(await thrownBy(dcs.maintenance.progress(started))).toBeInstanceOf(NoWorkerError);
    query.mockRestore();
  });
});

describe('a message to a maintenance', () => {
  test('that no worker takes is not said to be lost: it may be taken later', async () => {
    const { dcs } = server.corner({ rpcTimeoutMs: 2_500 });
    const started = await dcs.maintenance.start(maintenanceInput());
    const error = await thrownBy(dcs.maintenance.approve(started, BY));
    expect(error).toBeInstanceOf(NoWorkerError);
    expect(error.message).toContain('may still be taken');
  });

  test('to an ended one is refused, without a worker', async () => {
    const corner = server.corner();
    const started = await ended(corner, maintenanceInput());
    expect(await thrownBy(corner.dcs.maintenance.pause(started, BY))).toMatchObject({
      name: 'MessageRefusedError',
      refusal: 'NOT_POSSIBLE_NOW',
      update: 'pause',
    });
  });

  test.each([
    ['approve', { by: '' }, 'by'],
    ['reject', BY, 'why'],
    ['abort', BY, 'why'],
    ['skip', { ...BY, why: 'x', instanceId: 'X' }, 'instanceId'],
    ['pause', { ...BY, who: 'x' }, 'who'],
  ] as const)(
    '%s that is malformed is refused by field, before it is sent',
    async (update, message, field) => {
      const { dcs } = server.corner();
      const ref = { maintenanceId: 'never-started' };
      const error = await thrownBy(dcs.maintenance[update](ref, message as SkipMessage));
      expect(error).toBeInstanceOf(MessageRefusedError);
      expect(error).toMatchObject({ refusal: 'INVALID_MESSAGE', problems: [{ field }] });
    },
  );

  test('of cancellation carries who and why into the history', async () => {
    const { dcs } = server.corner();
    const started = await dcs.maintenance.start(maintenanceInput());
    await dcs.maintenance.cancel(started, { by: 'bob', why: 'wrong day' });
    const { events = [] } = await handleOf(started).fetchHistory();
    const causes = (events ?? []).map(
      (event) => event.workflowExecutionCancelRequestedEventAttributes?.cause,
    );
    expect(causes).toContain('bob: wrong day');
  });
});

describe('the rest of a maintenance', () => {
  const [done = '', failed = '', never = ''] = INSTANCES;
  const partial = maintenanceResult({
    outcome: 'PARTIAL',
    items: [item(done), item(failed, { outcome: 'FAILED_UNCHANGED' }), item(never, NOT_STARTED)],
  });

  test('is the same input with the instances that are not done', async () => {
    const corner = server.corner();
    const selector = { namePattern: 'cache-*' };
    const base = maintenanceInput({
      instanceIds: null,
      selector,
      maxConcurrent: 2,
      reason: 'drain',
    });
    const started = await ended(corner, base, partial);
    const rest = await corner.dcs.maintenance.remainderInput(started, 'second-try');
    expect(rest).toMatchObject({
      maintenanceId: 'second-try',
      instanceIds: [failed, never],
      target: base.target,
      window: base.window,
      maxConcurrent: 2,
      reason: 'drain',
    });
    expect(rest).not.toHaveProperty('selector');
  });

  test('has no toggle that is unresolved: it might undo what worked', async () => {
    const corner = server.corner();
    const [done = '', indeterminate = '', never = ''] = INSTANCES;
    const items = [
      item(done),
      item(indeterminate, { outcome: 'UNKNOWN' }),
      item(never, NOT_STARTED),
    ];
    const toggles = () => maintenanceInput({ target: null, toggle: true });
    const partial = (some: typeof items) =>
      maintenanceResult({ outcome: 'PARTIAL', cause: 'BUDGET_SPENT', items: some });
    const started = await ended(corner, toggles(), partial(items));
    const rest = await corner.dcs.maintenance.remainderInput(started, 'rest');
    expect(rest.instanceIds).toEqual([never]);
    const other = await ended(corner, toggles(), partial(items.slice(0, 2)));
    const error = await thrownBy(corner.dcs.maintenance.remainderInput(other, 'rest'));
    expect(error).toMatchObject({ name: 'NothingLeftError', indeterminate: [indeterminate] });
    expect(error.message).toContain(indeterminate);
  });

  test('is everything, of one that was cancelled before it started anything', async () => {
    const { dcs, worker } = server.corner();
    const input = maintenanceInput();
    const started = await dcs.maintenance.start(input);
    await worker.decide(cancelRun());
    const rest = await dcs.maintenance.remainderInput(started, 'again');
    expect(rest).toMatchObject({ ...input, maintenanceId: 'again' });
  });

  test('is everything, of one that could not be made', async () => {
    const corner = server.corner();
    const input = maintenanceInput();
    const unmade = maintenanceResult({
      outcome: 'PARTIAL',
      cause: 'MAINTENANCE_UNREADABLE',
      items: [],
    });
    const started = await ended(corner, input, unmade);
    const rest = await corner.dcs.maintenance.remainderInput(started, 'again');
    expect(rest).toMatchObject({ ...input, maintenanceId: 'again' });
  });

  test('is not notified of one that left nothing, that is open, or that was terminated', async () => {
    const corner = server.corner();
    const { maintenance } = corner.dcs;
    const started = await ended(corner, maintenanceInput());
    await expect(maintenance.remainderInput(started, 'x')).rejects.toThrow(NothingLeftError);
    const open = await maintenance.start(maintenanceInput());
    await expect(maintenance.remainderInput(open, 'x')).rejects.toThrow(WaitTimedOutError);
    await handleOf(open).terminate('by mistake');
    // Its switchovers went on unseen: no one may say here what is left of them.
    await expect(maintenance.remainderInput(open, 'x')).rejects.toThrow(
      MaintenanceEndedOutsideError,
    );
  });
});
