/**
 * What goes wrong on Temporal's side of a worker: its server out of reach, reports that get lost, a cache too small, a
 * deploy whose code is not that of the history, a log that no one takes.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, describe, expect, test } from '@jest/globals';
import { NativeConnection, Worker } from '@temporalio/worker';

import { makeWorkflowId } from '../../src/contract/index.js';
import { waitUntil } from '../../src/simulator/basics.js';
import { workflowBundlePath } from '../../src/worker/bundle.js';
import { startLink } from '../support/link.js';
import type { Link } from '../support/link.js';
import { useRig } from '../support/rig.js';
import { hold, openSite, reached, untilEvent } from '../support/steps.js';

const rig = useRig({ hasWorker: false });

const links: Link[] = [];
afterAll(() => Promise.all(links.map((link) => link.close())));

/** Longer than the heartbeat of an activity may be missing. */
const OUTAGE_MS = 20_000;

/** A worker whose way to Temporal can be cut. */
const openCuttable = async () => {
  const link = await startLink(rig().stack.temporal.address);
  links.push(link);
  const site = openSite(rig());
  await site.startWorker({ TEMPORAL_ADDRESS: link.address });
  return { link, site };
};

describe('while Temporal is out of reach', () => {
  test.concurrent('a job is polled to its end: SUCCEEDED with one PUT', async () => {
    const { link, site } = await openCuttable();
    const instance = await rig().instance();
    const poll = hold(rig(), instance, 'showJob');
    const runId = await site.start(instance);
    await reached(poll);
    link.suffer('reset');
    poll.release();
    await delay(OUTAGE_MS);
    link.suffer(null);
    const { outcome } = await site.end(instance, runId);
    expect({ outcome, puts: rig().putsOf(instance).length }).toEqual({
      outcome: 'SUCCEEDED',
      puts: 1,
    });
  });

  test.concurrent('the report of an accepted PUT is made again, not the PUT', async () => {
    const { link, site } = await openCuttable();
    const instance = await rig().instance();
    const put = hold(rig(), instance, 'asyncSwap');
    const runId = await site.start(instance);
    await reached(put);
    link.suffer('reset');
    put.release();
    await delay(3_000);
    link.suffer(null);
    const { outcome, result } = await site.end(instance, runId);
    expect({ outcome, puts: rig().putsOf(instance).length }).toEqual({
      outcome: 'SUCCEEDED',
      puts: 1,
    });
    expect(result).toMatchObject({ swapsSent: 1, swapsPossiblySent: 0, swapsAccepted: 1 });
  });
});

test.concurrent(
  'a worker that keeps a single run in its cache replays the others: each SUCCEEDED with one PUT',
  async () => {
    const site = openSite(rig());
    await site.startWorker({ DCS_SWITCHOVER_MAX_CACHED_WORKFLOWS: '1' });
    const instances = await Promise.all(Array.from({ length: 4 }, () => rig().instance()));
    const runIds = await Promise.all(instances.map((instance) => site.start(instance)));
    for (const [index, instance] of instances.entries()) {
      const { outcome } = await site.end(instance, runIds[index] ?? '');
      expect({ outcome, puts: rig().putsOf(instance).length }).toEqual({
        outcome: 'SUCCEEDED',
        puts: 1,
      });
    }
  },
);

/** The shipped bundle, with the swap under another name: what it commands is not what histories say. */
const wrongBundle = async () => {
  const code = await readFile(workflowBundlePath(), 'utf8');
  expect(code).toContain('requestSwap');
  return { code: code.replaceAll('requestSwap', 'requestOther') };
};

test.concurrent(
  'a deploy of code that does not fit the history stops the run until the right one is back, one PUT',
  async () => {
    const site = openSite(rig());
    const worker = await site.startWorker();
    const instance = await rig().instance();
    const poll = hold(rig(), instance, 'showJob');
    const runId = await site.start(instance);
    await reached(poll);
    worker.kill('SIGKILL');
    await worker.exited;
    const connection = await NativeConnection.connect({ address: rig().stack.temporal.address });
    const wrong = await Worker.create({
      ...{ connection, taskQueue: site.taskQueue, workflowBundle: await wrongBundle() },
    });
    const untilSeen = async () => {
      const workflowId = makeWorkflowId('switch', { ...instance, ...rig().simulator });
      // Whatever it is, a signal makes Temporal ask the workflow code for what comes next.
      await rig().temporal.workflow.getHandle(workflowId, runId).signal('wake');
      await untilEvent(rig(), instance, runId, 'WORKFLOW_TASK_FAILED');
    };
    await wrong.runUntil(untilSeen()).finally(() => connection.close());
    poll.release();
    await site.startWorker();
    const { outcome } = await site.end(instance, runId);
    expect({ outcome, puts: rig().putsOf(instance).length }).toEqual({
      outcome: 'SUCCEEDED',
      puts: 1,
    });
  },
);

test.concurrent(
  'a worker whose log no disk takes goes on, and stops when asked to: SUCCEEDED with one PUT',
  async () => {
    const site = openSite(rig());
    const full = openSync('/dev/full', 'w');
    const env = { ...rig().stack.workerEnv(), DCS_SWITCHOVER_TASK_QUEUE: site.taskQueue };
    const command = path.join(__dirname, '../../dist/cli.js');
    const worker = spawn(process.execPath, [command, 'worker'], {
      ...{ env, stdio: ['ignore', full, full] },
    });
    const exited = once(worker, 'exit');
    try {
      const instance = await rig().instance();
      const runId = await site.start(instance);
      await waitUntil('a worker that works, or has ended', 60_000, () =>
        Promise.resolve(rig().putsOf(instance).length > 0 || worker.exitCode !== null),
      );
      expect(worker.exitCode).toBeNull();
      const { outcome } = await site.end(instance, runId);
      expect({ outcome, puts: rig().putsOf(instance).length }).toEqual({
        outcome: 'SUCCEEDED',
        puts: 1,
      });
      worker.kill('SIGTERM');
      await exited;
    } finally {
      worker.kill('SIGKILL');
    }
  },
);
