/** What a watch makes of any sequence of samples, and what may follow from it. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { createWatch } from '../../src/activities/observe.js';
import type { InstanceReader } from '../../src/activities/session.js';
import { DEFAULT_TIMING } from '../../src/contract/index.js';
import type { RolesSnapshot } from '../../src/contract/index.js';
import type { DcsClient } from '../../src/dcs/index.js';
import { decideCompensation } from '../../src/domain/last-look.js';
import { judge } from '../../src/domain/outcome.js';
import type { Observation, WatchCall } from '../../src/domain/reports.js';
import {
  BEFORE,
  INSTANCE,
  NOW_MS,
  asMaster,
  asReplica,
  master,
  replica,
  requestOf,
  rolesOf,
  taskOf,
} from '../domain/support.js';

interface Sample {
  readonly roles: RolesSnapshot;
  readonly busyWith: string | null;
}

const target = { availabilityZone: 'az2' };
const status = fc.constantFrom('Active', 'Active', 'Inactive', null);
const zone = fc.constantFrom('az2', 'az2', 'az9', null);

/** Mostly swapped, with any health; sometimes the prior roles, or no single master. */
const sample: fc.Arbitrary<Sample> = fc
  .record({ old: status, now: status, zone, busyWith: fc.constantFrom(null, null, 'backup') })
  .chain(({ old, now, zone: availabilityZone, busyWith }) => {
    const back = { ...asReplica(master), status: old };
    const front = { ...asMaster(replica), status: now, availabilityZone };
    const swapped = rolesOf(back, front);
    const others = [BEFORE, rolesOf(back, asReplica(replica)), rolesOf(asMaster(back), front)];
    return fc
      .constantFrom(swapped, swapped, swapped, ...others)
      .map((roles) => ({ roles, busyWith }));
  });

/** Samples that repeat, because a state lasts longer than one reading. */
const samples = fc
  .array(fc.tuple(sample, fc.integer({ min: 1, max: 4 })), { minLength: 1, maxLength: 6 })
  .map((runs) => runs.flatMap(([one, times]) => Array.from({ length: times }, () => one)));

const requestFor = (verifySamples: number) =>
  requestOf({ target, timing: { ...DEFAULT_TIMING, verifySamples } });

async function watch(given: readonly Sample[], verifySamples: number): Promise<Observation> {
  const left = [...given];
  const answer = { requestId: null, serverTimeMs: null };
  const reader = {
    roles: () => Promise.resolve({ ...answer, value: left[0]?.roles }),
    instance: () => {
      const { busyWith = null } = left.shift() ?? {};
      return Promise.resolve({ ...answer, value: { ...INSTANCE, busyWith } });
    },
    tasks: () => Promise.resolve({ ...answer, value: [] }),
  } as unknown as InstanceReader;
  const call: WatchCall = {
    ...{ request: requestFor(verifySamples), before: BEFORE, watchSeconds: 0 },
    ...{ knownSwapTaskIds: [], ownJobIds: ['job-1'], mayHaveInactiveReplicas: false },
  };
  const watched = createWatch(reader, call, { dcs: {} as DcsClient, taskUserName: null });
  while (left.length > 0) await watched.sample();
  await watched.readTasks();
  return watched.observation();
}

/** What lists of tasks show as new, that answers of these times hold: one swap that was over before ours, it says. */
async function newTasksOf(listedAtMs: readonly number[]): Promise<readonly number[]> {
  const over = taskOf({ status: 'SUCCESS', createdAtMs: NOW_MS - 60_000, updatedAtMs: 0 });
  const times = [...listedAtMs];
  const tasks = () =>
    Promise.resolve({ requestId: null, value: [over], serverTimeMs: times.shift() ?? null });
  const call: WatchCall = {
    ...{ request: requestFor(2), before: BEFORE, watchSeconds: 0, overBeforeMs: NOW_MS },
    ...{ knownSwapTaskIds: [], ownJobIds: ['job-1'], mayHaveInactiveReplicas: false },
  };
  const identity = { user: () => Promise.resolve(null) };
  const project = { dcs: { identity } as unknown as DcsClient, taskUserName: null };
  const watched = createWatch({ tasks } as unknown as InstanceReader, call, project);
  const counts: number[] = [];
  while (times.length > 0) {
    await watched.readTasks();
    counts.push(watched.observation().newSwapTasks?.length ?? -1);
  }
  return counts;
}

const judgeIt = (observation: Observation) =>
  judge({
    ...{ isAmbiguous: false, ownJobIds: ['job-1'], observation, target },
    ...{ job: null, mayHaveInactiveReplicas: false },
  });

const isKnownBad = ({ roles }: Sample): boolean => {
  const [, front] = roles.groups[0]?.nodes ?? [];
  const { status: word = null, availabilityZone = null } = front ?? {};
  const isInactive = word !== null && word !== 'Active';
  return isInactive || (availabilityZone !== null && availabilityZone !== 'az2');
};

describe('whatever a watch sees,', () => {
  it('a swap back follows only from as many equal, bad samples at its end as success needs', async () => {
    let swapsBack = 0;
    await fc.assert(
      fc.asyncProperty(samples, fc.integer({ min: 1, max: 4 }), async (given, wanted) => {
        const observation = await watch(given, wanted);
        const request = requestFor(wanted);
        const judgement = judgeIt(observation);
        const decision = decideCompensation(request, BEFORE, judgement, observation, NOW_MS);
        if (!decision.compensate) return true;
        swapsBack += 1;
        const last = given.slice(-wanted);
        const [first] = last.map((one) => JSON.stringify(one));
        return (
          last.length === wanted &&
          last.every((one) => JSON.stringify(one) === first && isKnownBad(one))
        );
      }),
      { numRuns: 2_000 },
    );
    expect(swapsBack).toBeGreaterThan(20);
  });

  it('success follows only from as many equal, healthy samples at its end', async () => {
    let successes = 0;
    await fc.assert(
      fc.asyncProperty(samples, fc.integer({ min: 1, max: 4 }), async (given, wanted) => {
        if (judgeIt(await watch(given, wanted)).outcome !== 'SUCCEEDED') return true;
        successes += 1;
        const last = given.slice(-wanted);
        const nodes = last.flatMap(({ roles }) => roles.groups.flatMap((group) => group.nodes));
        return last.length === wanted && nodes.every((node) => node.status === 'Active');
      }),
      { numRuns: 2_000 },
    );
    expect(successes).toBeGreaterThan(20);
  });

  it('a node of before that is not shown any more is not healthy, whatever the others are', async () => {
    const front = { ...asMaster(replica), availabilityZone: 'az2' };
    const alone = { roles: rolesOf(front), busyWith: null };
    const observation = await watch([alone, alone], 2);
    expect(judgeIt(observation)).toMatchObject({ outcome: 'UNKNOWN', cause: 'NOT_HEALTHY' });
    expect(observation.complaints).toEqual(['1 node of before not shown any more']);
    const both = { roles: rolesOf(asReplica(master), front), busyWith: null };
    expect(judgeIt(await watch([alone, both, both], 2)).outcome).toBe('SUCCEEDED');
  });

  it('the roles held only where every sample showed the master of before', async () => {
    await fc.assert(
      fc.asyncProperty(samples, async (given) => {
        const { heldThroughout } = await watch(given, 2);
        return heldThroughout === given.every(({ roles }) => roles === BEFORE);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a swap that was over before ours', () => {
  it('is new as long as the clock is set back that says so', async () => {
    expect(await newTasksOf([NOW_MS, NOW_MS - 480_000, NOW_MS + 1])).toEqual([0, 1, 0]);
  });
});
