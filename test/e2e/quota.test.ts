/** A spent quota of the API: what runs and maintenance runs make of a gateway that turns calls away, in scaled windows. */
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, describe, expect, jest, test } from '@jest/globals';

import { makeSwitchoverWorkflowId } from '../../src/contract/index.js';
import type { SwitchoverInput } from '../../src/contract/index.js';
import { waitUntil } from '../../src/simulator/basics.js';
import type { RouteName, SimulatedInstance } from '../../src/simulator/index.js';
import { instancesOf, startMaintenance } from '../support/maintenance-rig.js';
import { useRig } from '../support/rig.js';
import { hold, openSite, reached } from '../support/steps.js';
import type { Site } from '../support/steps.js';

jest.setTimeout(300_000);

const rig = useRig();

afterEach(() => {
  rig().simulator.quotas.set({});
});

/** Longer than `verifyTimeoutSeconds` and `jobTimeoutSeconds` of the rig's runs together. */
const LONGER_THAN_PATIENCE_MS = 14_000;

const executedOf = ({ instanceId }: SimulatedInstance) =>
  rig()
    .simulator.ledger.puts(instanceId)
    .filter(({ executed }) => executed);

/** Waits until the gateway has turned away a call of a route, of one instance where that is named. */
const untilTurnedAway = (route: RouteName, instance?: SimulatedInstance): Promise<void> =>
  waitUntil(`a ${route} that is turned away`, 120_000, () =>
    Promise.resolve(
      rig().simulator.ledger.calls.some(
        (call) =>
          call.status === 429 &&
          call.route === route &&
          (instance === undefined || call.instanceId === instance.instanceId),
      ),
    ),
  );

const isoAt = (ms: number): string => new Date(ms).toISOString();

/** Time for a pre-check and several tries after it, on however busy a machine, in seconds. */
const secondsForTries = async (): Promise<number> => {
  const sinceMs = performance.now();
  await rig().run(await rig().instance(), { mode: 'plan', toggle: true });
  return Math.max(12, (6 * (performance.now() - sinceMs)) / 1000);
};

/** A run whose PUT has been carried out and whose readings others take, and one that has not come so far. */
const startBeforeAndAfterPut = async (site: Site) => {
  const [before, after] = await instancesOf(rig(), 2);
  if (before === undefined || after === undefined) throw new Error('two instances');
  rig().simulator.quotas.set({ reads: '1000/1s' });
  const put = hold(rig(), after, 'asyncSwap');
  const ofAfter = await site.start(after);
  await reached(put);
  rig().simulator.quotas.others({ reads: Infinity });
  put.release();
  const ofBefore = await site.start(before);
  await untilTurnedAway('showJob', after);
  await waitUntil('the pre-check of the other', 120_000, () => isBegun(before));
  return [
    { instance: before, runId: ofBefore },
    { instance: after, runId: ofAfter },
  ] as const;
};

/** Whether a worker has taken the activity of a run. */
const isBegun = async ({ instanceId }: SimulatedInstance): Promise<boolean> => {
  const workflowId = makeSwitchoverWorkflowId({ projectId: rig().simulator.projectId, instanceId });
  const { raw } = await rig().temporal.workflow.getHandle(workflowId).describe();
  return (raw.pendingActivities ?? []).some(({ lastStartedTime }) => Boolean(lastStartedTime));
};

/** Starts a run and lets others take every reading from its PUT on: the answer is kept back until they do. */
const startWithReadsSpentAfterPut = async (
  instance: SimulatedInstance,
  input: Partial<SwitchoverInput> = {},
): Promise<string> => {
  rig().simulator.quotas.set({ reads: '1000/1s' });
  const put = hold(rig(), instance, 'asyncSwap');
  const runId = await rig().start(instance, input);
  await reached(put);
  rig().simulator.quotas.others({ reads: Infinity });
  put.release();
  return runId;
};

describe('a maintenance with two workers whose user has little quota left', () => {
  test('loses no instance, neither at its planning nor later, and spends no budget', async () => {
    await rig().stack.startWorker();
    const instances = await instancesOf(rig(), 8, { name: 'quota' });
    const { quotas } = rig().simulator;
    const little = { reads: '40/4s', writes: '2/4s' };
    quotas.set({ ...little, others: { reads: Infinity, writes: Infinity } });
    const maintenance = await startMaintenance(rig(), instances, {
      ...{ instanceIds: null, selector: { namePattern: 'quota' } },
      ...{ maxConcurrent: 8, maxFailures: 0 },
    });
    await untilTurnedAway('listInstances');
    quotas.others({ writes: Infinity });
    await untilTurnedAway('asyncSwap');
    quotas.others({});
    const { type, result } = await maintenance.end();
    expect({ type, cause: result.cause }).toEqual({ type: 'COMPLETED', cause: 'ALL_DONE' });
    expect(result.counts.done).toBe(8);
    for (const instance of instances) expect(executedOf(instance)).toHaveLength(1);
  });
});

describe('a switchover while others spend the quota', () => {
  test('gets through where the gateway is open for a part of each window, whenever it starts', async () => {
    rig().simulator.quotas.set({ reads: '30/6s', others: { reads: 20 } });
    const ends = [0, 3_300].map(async (phaseMs) => {
      await sleep(phaseMs);
      return rig().run(await rig().instance(), { notAfter: isoAt(rig().latestNowMs() + 240_000) });
    });
    for (const { outcome, result } of await Promise.all(ends))
      expect({ outcome, sent: result.swapsSent }).toEqual({ outcome: 'SUCCEEDED', sent: 1 });
  });

  test('waits for readings until notAfter, then ends REFUSED and names the quota', async () => {
    rig().simulator.quotas.set({ reads: '10/6s', others: { reads: Infinity } });
    const notAfter = isoAt(Date.now() + 15_000);
    const { outcome, result } = await rig().run(await rig().instance(), { notAfter });
    expect({ outcome, cause: result.cause }).toEqual({ outcome: 'REFUSED', cause: 'THROTTLED' });
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(notAfter));
    expect(result.checks[0]).toMatchObject({
      ...{ id: 'api-quota', passed: false },
      observed: expect.stringContaining('policy user, limit 10 per 6 s'),
      remedy: expect.stringContaining('IAM user of its own'),
    });
    expect(result.message).toContain('limit 10 per 6 s');
  });

  test('waits for its PUT until notAfter, then ends REFUSED without a PUT that was carried out', async () => {
    const instance = await rig().instance();
    const seconds = await secondsForTries();
    rig().simulator.quotas.set({ writes: '10/6s', others: { writes: Infinity } });
    const { outcome, result } = await rig().run(instance, {
      notAfter: isoAt(rig().latestNowMs() + seconds * 1000),
    });
    const { cause, swapsSent } = result;
    expect({ outcome, cause, swapsSent }).toEqual({
      outcome: 'REFUSED',
      cause: 'THROTTLED',
      swapsSent: 0,
    });
    expect(executedOf(instance)).toHaveLength(0);
  });

  test('waits after its PUT for longer than job and roles may take, then reports that it has succeeded', async () => {
    const instance = await rig().instance();
    const runId = await startWithReadsSpentAfterPut(instance);
    await sleep(LONGER_THAN_PATIENCE_MS);
    rig().simulator.quotas.others({});
    const { outcome } = await rig().end(instance, runId);
    expect(outcome).toBe('SUCCEEDED');
    expect(executedOf(instance)).toHaveLength(1);
  });

  test('goes on with another worker where its own is killed in the wait, before its PUT and after it', async () => {
    const site = openSite(rig());
    const doomed = await site.startWorker();
    const runs = await startBeforeAndAfterPut(site);
    doomed.kill('SIGKILL');
    await doomed.exited;
    expect(runs.map(({ instance }) => executedOf(instance).length)).toEqual([0, 1]);
    await site.startWorker();
    rig().simulator.quotas.others({});
    for (const { instance, runId } of runs) {
      const { outcome, result } = await site.end(instance, runId);
      expect({ outcome, sent: result.swapsSent }).toEqual({ outcome: 'SUCCEEDED', sent: 1 });
      expect(executedOf(instance)).toHaveLength(1);
    }
  });

  test('ends UNKNOWN after its PUT when the patience is over as well', async () => {
    const instance = await rig().instance();
    const timing = { quotaPatienceSeconds: 1, jobTimeoutSeconds: 3 };
    const runId = await startWithReadsSpentAfterPut(instance, { timing });
    const { outcome, result } = await rig().end(instance, runId);
    expect(outcome).toBe('UNKNOWN');
    expect(result.message).toContain('429');
  });
});
