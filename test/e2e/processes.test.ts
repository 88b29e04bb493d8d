/**
 * Workers that are killed, frozen or shut down at the worst moments. Each scenario has a task queue and
 * workers of its own; the ledger shows how many PUTs really arrived. No `describe`: jest runs only the
 * tests of one block side by side, and these mostly wait. The longest come first.
 */
import { setTimeout as delay } from 'node:timers/promises';

import { expect, test } from '@jest/globals';

import type { FaultActions, SimulatedInstance } from '../../src/simulator/index.js';
import { useRig } from '../support/rig.js';
import { hold, openSite, reached, untilEvent } from '../support/steps.js';

const rig = useRig({ hasWorker: false });

/** Time in which a thawed worker would do what it had in mind. */
const AFTERMATH_MS = 5_000;

/** Time for a signal to arrive before the next thing happens. */
const SIGNAL_MS = 500;

/** A worker stopped between its last reading and its PUT; the reading's answer waits in its socket. */
const freezeBeforeThePut = async () => {
  const site = openSite(rig());
  const frozen = await site.startWorker();
  const instance = await rig().instance();
  const lastRead = hold(rig(), instance, 'listTasks', 2);
  const runId = await site.start(instance);
  await reached(lastRead);
  frozen.kill('SIGSTOP');
  lastRead.release();
  return { site, frozen, instance, runId };
};

/** A run whose worker is killed while its PUT is being answered, and goes on with another one. */
const killAtThePut = async (
  fault: FaultActions,
  input = {},
  meanwhile: (instance: SimulatedInstance) => Promise<void> = () => Promise.resolve(),
) => {
  const site = openSite(rig());
  const doomed = await site.startWorker();
  const instance = await rig().instance();
  const put = hold(rig(), instance, 'asyncSwap', 1, fault);
  const runId = await site.start(instance, input);
  await reached(put);
  doomed.kill('SIGKILL');
  await doomed.exited;
  await meanwhile(instance);
  await site.startWorker();
  const end = await site.end(instance, runId);
  return { ...end, puts: rig().putsOf(instance) };
};

test.concurrent(
  'a worker frozen before its PUT is replaced after its timeout, and sends nothing when it is thawed',
  async () => {
    const { site, frozen, instance, runId } = await freezeBeforeThePut();
    await site.startWorker();
    await untilEvent(rig(), instance, runId, 'ACTIVITY_TASK_TIMED_OUT');
    frozen.kill('SIGCONT');
    const { outcome, result } = await site.end(instance, runId);
    await delay(AFTERMATH_MS);
    expect(outcome).toBe('SUCCEEDED');
    expect(result).toMatchObject({ swapsSent: 1, swapsAccepted: 1 });
    expect(JSON.stringify(result.evidence)).toContain('lost before its fence');
    expect(rig().putsOf(instance)).toHaveLength(1);
  },
);

test.concurrent(
  'a worker killed before its PUT, and none in its place until notAfter: REFUSED, nothing was sent',
  async () => {
    const site = openSite(rig());
    const doomed = await site.startWorker();
    const instance = await rig().instance();
    const lastRead = hold(rig(), instance, 'listTasks', 2);
    const notAfter = new Date(rig().latestNowMs() + 30_000).toISOString();
    const runId = await site.start(instance, { notAfter });
    await reached(lastRead);
    doomed.kill('SIGKILL');
    lastRead.release();
    await site.startWorker();
    const { outcome, result } = await site.end(instance, runId);
    expect({ outcome, cause: result.cause }).toEqual({
      outcome: 'REFUSED',
      cause: 'LAST_MOMENT_CHECK_FAILED',
    });
    expect(result).toMatchObject({ swapsSent: 0, swapsAccepted: 0 });
    // Where the worker's clock or the API's is ahead, it is over for the next attempt and not yet for the run.
    const words = /lost before its fence|the time for this request is over/;
    expect(result.checks.at(-1)?.observed).toMatch(words);
    expect(rig().putsOf(instance)).toHaveLength(0);
  },
);

test.concurrent(
  'roles that have moved after an attempt whose worker was lost: UNKNOWN, for the record of its fence may be lost, too',
  async () => {
    const { site, frozen, instance, runId } = await freezeBeforeThePut();
    const { instanceId } = instance;
    rig().simulator.faults.add({ route: 'listNodes', instanceId, roles: 'swapped' });
    await site.startWorker();
    await untilEvent(rig(), instance, runId, 'ACTIVITY_TASK_TIMED_OUT');
    frozen.kill('SIGKILL');
    const { outcome, result } = await site.end(instance, runId);
    expect(outcome).toBe('UNKNOWN');
    expect(result).toMatchObject({ swapsSent: 1, swapsPossiblySent: 1, swapsAccepted: 0 });
    expect(rig().putsOf(instance)).toHaveLength(0);
  },
);

test.concurrent(
  'a worker killed while its executed PUT is answered: another one finds the job, SUCCEEDED',
  async () => {
    const { outcome, result, puts } = await killAtThePut({});
    expect({ outcome, puts: puts.length }).toEqual({ outcome: 'SUCCEEDED', puts: 1 });
    expect(puts[0]?.executed).toBe(true);
    expect(result).toMatchObject({ swapsSent: 1, swapsAccepted: 1 });
    expect(result.timings.phasesMs.RECONCILING).toBeDefined();
  },
);

test.concurrent(
  'a worker killed while its PUT is lost: UNKNOWN, no second PUT even with reissue "once"',
  async () => {
    const fault = { delayMs: 10_000, reset: 'before' } as const;
    const { outcome, result, puts } = await killAtThePut(fault, {
      reissue: 'once',
      timing: { settleSeconds: 30 },
    });
    expect({ outcome, puts: puts.length }).toEqual({ outcome: 'UNKNOWN', puts: 1 });
    expect(puts[0]?.executed).toBe(false);
    expect(result).toMatchObject({ cause: 'NO_TRACE', swapsSent: 1, swapsAccepted: 0 });
  },
);

test.concurrent(
  'a worker killed while its PUT is lost, and a colleague swaps: UNKNOWN, his swap is named, not taken for ours',
  async () => {
    const fault = { delayMs: 10_000, reset: 'before' } as const;
    const { outcome, result, puts } = await killAtThePut(fault, {}, (instance) =>
      instance.swapBy('a-colleague'),
    );
    expect({ outcome, accepted: result.swapsAccepted }).toEqual({
      outcome: 'UNKNOWN',
      accepted: 0,
    });
    expect(result.cause).toBe('FOREIGN_SWAP');
    expect(result.message).toContain('of user a-colleague');
    expect(puts.filter(({ executed }) => executed)).toHaveLength(0);
  },
);

test.concurrent('a worker killed during the poll: another one goes on, one PUT', async () => {
  const site = openSite(rig());
  const doomed = await site.startWorker();
  const instance = await rig().instance();
  const { instanceId } = instance;
  const { faults } = rig().simulator;
  faults.add({ route: 'asyncSwap', instanceId, job: { runMs: 8_000 } });
  const poll = faults.add({ route: 'showJob', instanceId });
  const runId = await site.start(instance, { timing: { jobTimeoutSeconds: 90 } });
  await reached(poll);
  doomed.kill('SIGKILL');
  await doomed.exited;
  await site.startWorker();
  const { outcome, result } = await site.end(instance, runId);
  expect(outcome).toBe('SUCCEEDED');
  expect(result).toMatchObject({ swapsSent: 1, swapsAccepted: 1, warnings: [] });
  expect(rig().putsOf(instance)).toHaveLength(1);
});

test.concurrent(
  'a worker frozen before its PUT and thawed after its run was terminated is stopped by the fence',
  async () => {
    const { frozen, instance, runId } = await freezeBeforeThePut();
    const { projectId } = rig().simulator;
    const { instanceId } = instance;
    const workflowId = `dcs-switchover:${projectId}:${instanceId}`;
    await rig().temporal.workflow.getHandle(workflowId, runId).terminate('by hand');
    frozen.kill('SIGCONT');
    await delay(AFTERMATH_MS);
    expect(rig().putsOf(instance)).toHaveLength(0);
    const status = await rig().client.status({ projectId, instanceId, runId });
    expect(status).toMatchObject({ put: 'not-applied', swapsSent: 0 });
  },
);

test.concurrent(
  'a worker shut down during the re-read sends no PUT any more; the next worker does',
  async () => {
    const site = openSite(rig());
    const draining = await site.startWorker();
    const instance = await rig().instance();
    const lastRead = hold(rig(), instance, 'listTasks', 2);
    const runId = await site.start(instance, { timing: { busyWaitSeconds: 90 } });
    await reached(lastRead);
    draining.kill('SIGTERM');
    await delay(SIGNAL_MS);
    lastRead.release();
    await draining.exited;
    expect(rig().putsOf(instance)).toHaveLength(0);
    await site.startWorker();
    const { outcome, result } = await site.end(instance, runId);
    expect(outcome).toBe('SUCCEEDED');
    expect(JSON.stringify(result.evidence)).toContain('shutting down');
    expect(rig().putsOf(instance)).toHaveLength(1);
  },
);

test.concurrent(
  'a worker shut down while its PUT is answered waits for the answer, beyond its grace',
  async () => {
    const site = openSite(rig());
    const draining = await site.startWorker({ DCS_SWITCHOVER_SHUTDOWN_GRACE_SECONDS: '1' });
    const instance = await rig().instance();
    const put = hold(rig(), instance, 'asyncSwap');
    const runId = await site.start(instance, { timing: { jobTimeoutSeconds: 90 } });
    await reached(put);
    draining.kill('SIGTERM');
    // After the grace running activities are asked to stop; this one must not.
    await delay(1_000 + 3 * SIGNAL_MS);
    put.release();
    await draining.exited;
    await site.startWorker();
    const { outcome, result } = await site.end(instance, runId);
    expect(outcome).toBe('SUCCEEDED');
    // The answer was heard: nothing had to be reconciled.
    expect(result.warnings).toEqual([]);
    expect(rig().putsOf(instance)).toHaveLength(1);
  },
);
