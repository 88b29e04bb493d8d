/**
 * The runs of one worker that come to their PUTs at once: one at a time is between fence and PUT, so that a worker that is
 * killed leaves one run at most of which no one knows whether it has sent.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';

import { createSendQueue, SEND_PAUSE_MS } from '../../src/activities/send-queue.js';
import type { SwapCall } from '../../src/domain/reports.js';
import { SEND_WINDOW_MS } from '../../src/domain/timing.js';
import { waitUntil } from '../../src/simulator/basics.js';
import { startSimulator } from '../../src/simulator/index.js';
import type { Simulator } from '../../src/simulator/index.js';

import { JOB_ID, json, startServer, stopServers } from '../dcs/support.js';
import type { Respond } from '../dcs/support.js';

import { FREEZE, hostActivities, prepareSwap, temporalAnswering } from './support.js';

const STEP_MS = 60_000;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Time for what must not come. */
const SHORT_WHILE_MS = 300;

const until = (what: string, isSo: () => boolean) =>
  waitUntil(what, STEP_MS, () => Promise.resolve(isSo()));

describe('the queue of a worker', () => {
  const never = new AbortController().signal;

  /** Works until it is ended, and notes when it begins. */
  const openQueue = () => {
    const queue = createSendQueue();
    const begun: string[] = [];
    const enter = (name: string, signal: AbortSignal = never) => {
      const nothing = (): void => undefined;
      const work = { leave: nothing, end: nothing, fail: nothing };
      const over = queue.inTurn(signal, (leave) => {
        begun.push(name);
        return new Promise<string>((resolve, reject) => {
          Object.assign(work, { leave, end: resolve, fail: reject });
        });
      });
      return { over, work };
    };
    return { begun, enter };
  };

  test('lets one in at a time, first come, first served', async () => {
    const { begun, enter } = openQueue();
    for (const { over, work } of [enter('a'), enter('b'), enter('c')]) {
      const others = begun.length;
      await pause(0);
      expect(begun).toHaveLength(others + 1);
      work.end();
      await over;
    }
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  test('lets the next one in a pause after one has left, whether its work goes on or not', async () => {
    const { begun, enter } = openQueue();
    const [a, b] = [enter('a'), enter('b')];
    await pause(0);
    const leftMs = performance.now();
    a.work.leave();
    await until('the next one', () => begun.length === 2);
    expect(performance.now() - leftMs).toBeGreaterThan(SEND_PAUSE_MS - 5);
    a.work.end();
    enter('c');
    await pause(0);
    expect(begun).toEqual(['a', 'b']);
    b.work.end();
    await b.over;
    await pause(0);
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  test('lets the next one in when one fails', async () => {
    const { begun, enter } = openQueue();
    const [a] = [enter('a'), enter('b')];
    await pause(0);
    a.work.fail();
    await expect(a.over).rejects.toBeUndefined();
    await pause(0);
    expect(begun).toEqual(['a', 'b']);
  });

  test('does nothing for one who gives up, and lets no one overtake those before it', async () => {
    const { begun, enter } = openQueue();
    const tired = new AbortController();
    const a = enter('a');
    const [b, , d] = [enter('b', tired.signal), enter('c'), enter('d', AbortSignal.abort())];
    tired.abort();
    expect(await Promise.all([b.over, d.over])).toEqual([null, null]);
    expect(begun).toEqual(['a']);
    a.work.end();
    await a.over;
    await pause(0);
    expect(begun).toEqual(['a', 'c']);
  });
});

describe('runs of one worker that come to their PUTs at once', () => {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await startSimulator();
  });
  afterAll(() => simulator.close());
  afterEach(stopServers);

  interface Circumstances {
    /** What answers the PUTs. @default a job id */
    readonly respond?: Respond;
    /** How Temporal answers the fences, by their number from 1. @default once `pass` is called */
    readonly onFence?: (number: number) => unknown;
    readonly isFrozen?: () => boolean;
    readonly isDraining?: () => boolean;
  }

  /** A worker, and where its PUTs go. */
  const openWorker = async ({
    respond = json({ job_id: JOB_ID }),
    onFence,
    isFrozen = () => false,
    isDraining = () => false,
  }: Circumstances) => {
    const server = await startServer(respond);
    const waiting: (() => void)[] = [];
    let fences = 0;
    const temporal = temporalAnswering({
      freeze: () => (isFrozen() ? FREEZE : null),
      onFence: () => {
        fences += 1;
        return onFence === undefined
          ? new Promise<void>((resolve) => waiting.push(resolve))
          : onFence(fences);
      },
    });
    const put = { endpoint: server.origin };
    const { dcs, activities } = hostActivities(simulator, { temporal, isDraining, put });
    const puts = () => server.arrivals.length;
    return {
      puts,
      fences: () => fences,
      /** Lets the answer to the fence be heard that waits. */
      pass: async () => {
        await until('a fence', () => waiting.length > 0);
        waiting.shift()?.();
      },
      /** A run comes to its PUT: its connection stands. */
      comes: async (change: Partial<SwapCall> = {}) => {
        const { instanceId } = await simulator.addInstance({});
        const { call, environment } = await prepareSwap(simulator, dcs, instanceId);
        const before = server.bytes.length;
        const report = environment.run(activities.requestSwap, { ...call, ...change });
        await until('its connection', () => server.bytes.length > before);
        return { report, environment };
      },
    };
  };

  test('are between fence and PUT one at a time, in the order in which they came', async () => {
    const worker = await openWorker({});
    const runs = [];
    for (let count = 0; count < 4; count += 1) runs.push(await worker.comes());
    for (let sent = 0; sent < runs.length; sent += 1) {
      await until('the next fence', () => worker.fences() > sent);
      await pause(SHORT_WHILE_MS);
      expect({ fences: worker.fences(), puts: worker.puts() }).toEqual({
        fences: sent + 1,
        puts: sent,
      });
      await worker.pass();
      expect(await runs[sent]?.report).toMatchObject({ kind: 'accepted' });
    }
  });

  test('do not wait for the answers to the PUTs of others', async () => {
    const answers: (() => void)[] = [];
    const worker = await openWorker({
      respond: (request, response) => {
        answers.push(() => {
          json({ job_id: JOB_ID })(request, response);
        });
      },
      onFence: () => undefined,
    });
    const runs = [await worker.comes(), await worker.comes(), await worker.comes()];
    await until('three PUTs', () => worker.puts() === 3);
    for (const answer of answers) answer();
    for (const { report } of runs) expect(await report).toMatchObject({ kind: 'accepted' });
  });

  test.each([
    ['was heard too late', () => pause(SEND_WINDOW_MS + 200), 'unreadable'],
    ['was no', () => Promise.reject(new Error('gone')), 'fence'],
  ])('have their turn after one whose answer to its fence %s', async (_, answer, reason) => {
    const worker = await openWorker({
      onFence: (number) => (number === 1 ? answer() : undefined),
    });
    const [first, second] = [await worker.comes(), await worker.comes()];
    expect(await first.report).toMatchObject({ kind: 'not-sent', reason });
    expect(await second.report).toMatchObject({ kind: 'accepted' });
    expect(worker.puts()).toBe(1);
  });

  test('send nothing and pass no fence when they are cancelled while they wait', async () => {
    const worker = await openWorker({});
    const [first, second, third] = [
      await worker.comes(),
      await worker.comes(),
      await worker.comes(),
    ];
    second.environment.cancel('CANCELLED');
    expect(await second.report).toMatchObject({ kind: 'not-sent', reason: 'cancelled' });
    expect(worker.fences()).toBe(1);
    await worker.pass();
    await first.report;
    await worker.pass();
    expect(await third.report).toMatchObject({ kind: 'accepted' });
    expect(worker.fences()).toBe(2);
  });

  test('wait no longer than until notAfter', async () => {
    const worker = await openWorker({});
    await worker.comes();
    const second = await worker.comes({ notAfterMs: Date.now() + 3_000 });
    expect(await second.report).toMatchObject({ kind: 'not-sent', reason: 'too-late' });
    expect(worker.fences()).toBe(1);
    await worker.pass();
  });

  test.each(['frozen', 'draining'])(
    'ask again when it is their turn: what is %s by then is not sent',
    async (reason) => {
      let isSo = false;
      const isDraining = () => isSo && reason === 'draining';
      const isFrozen = () => isSo && reason === 'frozen';
      const worker = await openWorker({ isDraining, isFrozen });
      const [first, second] = [await worker.comes(), await worker.comes()];
      await until('a fence', () => worker.fences() > 0);
      isSo = true;
      await worker.pass();
      await first.report;
      expect(await second.report).toMatchObject({ kind: 'not-sent', reason });
      expect(worker.fences()).toBe(1);
    },
  );
});
