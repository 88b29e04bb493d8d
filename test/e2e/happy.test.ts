/** The happy path on real Redis, with the exact figures that are promised for it; and a drill there and back. */
import { describe, expect, test } from '@jest/globals';
import { createClient } from '@redis/client';
import { defineSearchAttributeKey } from '@temporalio/common';

import { makeSwitchoverWorkflowId, SEARCH_ATTRIBUTES } from '../../src/contract/index.js';
import { waitUntil } from '../../src/simulator/basics.js';
import { instancesOf, startMaintenance } from '../support/maintenance-rig.js';
import { useRig } from '../support/rig.js';

const rig = useRig({ redis: true });

/** History events of a successful run: 4 activities, 2 search-attribute upserts, start and end. */
const HISTORY_EVENTS = 31;

/** HTTP calls besides the polls: 3 before, 3 to re-read, the PUT, 2 samples of 2 and the task list after. */
const CALLS_BESIDES_POLLS = 12;

/** Limits that a loaded machine keeps. */
const PATIENT = { jobTimeoutSeconds: 60, verifyTimeoutSeconds: 60 };

test('real Redis is behind the instance', () => {
  expect(rig().stack.redisSource).not.toBeNull();
});

test.concurrent(
  'a switchover moves the master, in the API and in Redis itself, and keeps the data',
  async () => {
    const instance = await rig().instance();
    const redis = createClient({ url: `redis://${instance.address ?? ''}` });
    redis.on('error', () => undefined);
    await redis.connect();
    await redis.set('kept', 'yes');
    const before = await instance.redisRoles();

    const { outcome, result, runId } = await rig().run(instance, { timing: PATIENT });

    expect(outcome).toBe('SUCCEEDED');
    const after = await instance.redisRoles();
    expect(before.map(({ role }) => role)).toEqual(['master', 'slave']);
    expect(after.map(({ role }) => role)).toEqual(['slave', 'master']);
    expect(await redis.get('kept')).toBe('yes');
    redis.destroy();
    const { ledger } = rig().simulator;
    expect(ledger.puts(instance.instanceId)).toHaveLength(1);
    expect(
      ledger.swaps.filter(({ instanceId }) => instanceId === instance.instanceId),
    ).toHaveLength(1);
    expect(result).toMatchObject({ swapsSent: 1, swapsAccepted: 1, warnings: [] });
    expect(await rig().history(instance, runId)).toHaveLength(HISTORY_EVENTS);
    expect(result.instanceName).toBe(instance.name);
    const lockId = makeSwitchoverWorkflowId(result);
    const run = rig().temporal.workflow.getHandle(lockId, runId);
    const { typedSearchAttributes } = await run.describe();
    const name = defineSearchAttributeKey(SEARCH_ATTRIBUTES.instanceName, 'KEYWORD');
    expect(typedSearchAttributes.get(name)).toBe(instance.name);
  },
);

test.concurrent(
  'a 7 s job costs at most 5 polls, 12 other calls and no history event per poll',
  async () => {
    const instance = await rig().instance();
    const { instanceId } = instance;
    rig().simulator.faults.add({
      route: 'asyncSwap',
      instanceId,
      job: { initMs: 500, runMs: 6_500 },
    });
    const { outcome, runId } = await rig().run(instance, { timing: PATIENT });
    expect(outcome).toBe('SUCCEEDED');
    const { ledger } = rig().simulator;
    const pollTimesMs = ledger.calls
      .filter((call) => call.instanceId === instanceId && call.route === 'showJob')
      .map(({ at }) => at);
    const calls = ledger.calls.filter((call) => call.instanceId === instanceId).length;
    const polls = pollTimesMs.length;
    // A loaded machine may end the job later than its 7 s, and polls every 2 s until then.
    const lateMs = Math.max(0, (pollTimesMs.at(-1) ?? 0) - (pollTimesMs[0] ?? 0) - 6_200);
    expect(polls).toBeLessThanOrEqual(5 + Math.ceil(lateMs / 2_000));
    expect(calls - polls).toBe(CALLS_BESIDES_POLLS);
    expect(await rig().history(instance, runId)).toHaveLength(HISTORY_EVENTS);
  },
);

test.concurrent(
  'the worker’s log reports each phase once and then the end, with no task token',
  async () => {
    const instance = await rig().instance();
    await rig().run(instance, { timing: PATIENT });
    const linesOfRun = () => rig().logs.filter((line) => line.includes(instance.instanceId));
    // The log comes through a pipe, a moment after the result.
    await waitUntil('the last line', 120_000, () =>
      Promise.resolve(linesOfRun().some((line) => line.includes('"ended"'))),
    );
    const lines = linesOfRun();
    const reported = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(reported.map(({ msg, phase, outcome }) => [msg, phase ?? outcome])).toEqual([
      ['phase', 'PREFLIGHT'],
      ['phase', 'SWAPPING'],
      ['swap accepted', undefined],
      ['phase', 'AWAITING_JOB'],
      ['phase', 'VERIFYING'],
      ['ended', 'SUCCEEDED'],
    ]);
    expect(reported.at(-1)).toMatchObject({ cause: 'ROLES_CHANGED', swapsSent: 1 });
    expect(lines.join('\n')).not.toContain('taskToken');
  },
);

describe('a drill with a return leg', () => {
  test.concurrent('ends with the original masters, as reported by Redis itself', async () => {
    expect(rig().stack.redisSource).not.toBeNull();
    const instances = await instancesOf(rig(), 2);
    const rolesOfRedis = () => Promise.all(instances.map((instance) => instance.redisRoles()));
    const roles = await rolesOfRedis();
    const before = instances.map((instance) => instance.masterNodeId());
    // Longer than clocks differ: the return leg, too, may leave by the latest clock only.
    const returnLeg = { soakSeconds: 1, withinSeconds: 1_200 };
    const timing = { jobTimeoutSeconds: 60, verifyTimeoutSeconds: 30 };
    const maintenance = await startMaintenance(rig(), instances, {
      returnLeg,
      maxConcurrent: 2,
      timing,
    });
    const { type, result } = await maintenance.end();
    expect({ type, cause: result.cause }).toEqual({ type: 'COMPLETED', cause: 'ALL_DONE' });
    expect(instances.map((instance) => instance.masterNodeId())).toEqual(before);
    expect(roles.flat().map(({ role }) => role)).toEqual(['master', 'slave', 'master', 'slave']);
    expect(await rolesOfRedis()).toEqual(roles);
    for (const instance of instances)
      expect(rig().simulator.ledger.puts(instance.instanceId)).toHaveLength(2);
    for (const item of result.items) expect(item.return?.master).toEqual(item.master);
  });
});
