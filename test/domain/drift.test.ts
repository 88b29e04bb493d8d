/** What the last look before a PUT finds against it: other roles, other nodes, a bad state that has passed, work. */
import { describe, expect, it, test } from '@jest/globals';

import type { NodeSnapshot, RolesSnapshot, SwitchoverRequest } from '../../src/contract/index.js';
import {
  describeForgotten,
  findBusy,
  findDrift,
  findOpenTasks,
  hasHealed,
  isStillBad,
  judgeStrays,
} from '../../src/domain/last-look.js';
import type { BadState, SwapCall } from '../../src/domain/reports.js';

import {
  asMaster,
  asReplica,
  BEFORE,
  INSTANCE,
  master,
  newTaskOf,
  NOW_MS,
  other,
  replica,
  requestOf,
  rolesOf,
  SWAPPED,
  taskOf,
} from './support.js';

const sick = (node: NodeSnapshot): NodeSnapshot => ({ ...node, status: 'Inactive' });

interface Asked {
  readonly expected?: RolesSnapshot;
  readonly purpose?: SwapCall['purpose'];
  readonly target?: SwitchoverRequest['target'];
  readonly undoes?: BadState;
}

const callOf = ({ expected = BEFORE, purpose = 'forward', target = null, undoes }: Asked) =>
  ({
    ...{ expected, purpose, request: requestOf({ target }), knownSwapTaskIds: [] },
    ...(undoes === undefined ? {} : { undoes }),
  }) as unknown as SwapCall;
const driftOf = (now: RolesSnapshot, asked: Asked = {}): string | null =>
  findDrift(now, callOf(asked), undefined);

describe('a forward swap is the one that was allowed', () => {
  const AZ2 = { availabilityZone: 'az2' };

  it.each<[string, RolesSnapshot, Asked]>([
    ['while the roles are as they were', BEFORE, {}],
    ['while whoever may be promoted is at the target', BEFORE, { target: AZ2 }],
    [
      'while the one elsewhere is never promoted',
      rolesOf(master, replica, { ...other, priority: 0 }),
      { target: AZ2, expected: rolesOf(master, replica, other) },
    ],
  ])('%s', (_, now, asked) => {
    expect(driftOf(now, asked)).toBeNull();
  });

  it.each<[string, RolesSnapshot, Asked, RegExp]>([
    ['the roles have moved', SWAPPED, {}, /^the roles have moved; now: .*master node-b/],
    [
      'no one may be promoted',
      rolesOf(master, { ...replica, priority: 0 }),
      {},
      /is not Active; now: /,
    ],
    ['the one who may be is sick', rolesOf(master, sick(replica)), {}, /is not Active; now: /],
    [
      'one of those who may be is sick',
      rolesOf(master, replica, sick(other)),
      { expected: rolesOf(master, replica, other) },
      /is not Active; now: /,
    ],
    [
      'one of those who may be is off the target',
      rolesOf(master, replica, other),
      { target: AZ2, expected: rolesOf(master, replica, other) },
      /^a replica that may be promoted is no longer in AZ az2$/,
    ],
  ])('and no more where %s', (_, now, asked, words) => {
    expect(driftOf(now, asked)).toMatch(words);
  });
});

describe('a swap back', () => {
  const undoes: BadState = {
    cause: 'OFF_TARGET',
    before: BEFORE,
    target: { availabilityZone: 'az1' },
  };
  const back = { purpose: 'compensate', expected: SWAPPED, undoes } as const;

  test('is sent while it brings back the old master, whatever the target of the run', () => {
    expect(driftOf(SWAPPED, back)).toBeNull();
    expect(driftOf(SWAPPED, { ...back, target: { availabilityZone: 'az9' } })).toBeNull();
  });

  test('is not sent where it would promote another than the old master', () => {
    const third = { ...other, nodeId: 'node-d', replicationId: 'replication-d' };
    const now = rolesOf(third, asMaster(replica));
    expect(driftOf(now, { ...back, expected: now })).toMatch(
      /^the old master is not a promotable replica; now: /,
    );
  });

  test('has its reason as long as what was read shows the bad state', () => {
    const inactive: BadState = { ...undoes, cause: 'NEW_MASTER_INACTIVE', target: null };
    const bad = rolesOf(asReplica(master), sick(asMaster(replica)));
    expect(isStillBad(inactive, bad)).toBe(true);
    expect(isStillBad(inactive, SWAPPED)).toBe(false);
    expect(isStillBad(undoes, SWAPPED)).toBe(true);
    expect(isStillBad(undoes, BEFORE)).toBe(false);
    expect(isStillBad({ ...undoes, target: null }, SWAPPED)).toBe(false);
    expect(isStillBad(undoes, rolesOf(asReplica(master)))).toBe(false);
  });

  test('has lost its reason only where the same master has healed', () => {
    const call = callOf({ ...back, undoes: { ...undoes, cause: 'NEW_MASTER_INACTIVE' } });
    const healed = (now: RolesSnapshot, of = call): boolean => hasHealed(now, of, undefined);
    expect(healed(SWAPPED)).toBe(true);
    expect(healed(rolesOf(asReplica(master), sick(asMaster(replica))))).toBe(false);
    expect(healed(BEFORE)).toBe(false);
    expect(healed(SWAPPED, callOf({ expected: SWAPPED }))).toBe(false);
  });
});

describe('an instance is busy', () => {
  const FORWARD = { purpose: 'forward', knownSwapTaskIds: [] } as const;
  const busy = (overrides: Partial<typeof INSTANCE>, ...tasks: Parameters<typeof taskOf>[0][]) => {
    const value = tasks.map((each) => taskOf(each));
    return findBusy(
      { ...INSTANCE, ...overrides },
      { value, requestId: null, serverTimeMs: NOW_MS },
      FORWARD,
    );
  };

  it.each([
    ['the instance is FROZEN', { status: 'FROZEN' }],
    ['the instance is without status', { status: null }],
    ['the instance is busy with BACKUPING', { busyWith: 'BACKUPING' }],
  ])('where %s', (words, overrides) => {
    expect(busy(overrides)).toBe(words);
  });

  test('by a task that goes on, by name or by id, and by none that has ended', () => {
    expect(busy({}, { name: 'EXTEND', status: 'EXECUTING' })).toBe('task EXTEND is running');
    expect(busy({}, { name: null, status: 'EXECUTING' })).toBe('task task-1 is running');
    expect(busy({}, {})).toBeNull();
    expect(busy({})).toBeNull();
  });
});

describe('a task in no known state', () => {
  const HALF_HOUR_MS = 1_800_000;
  const sort = (
    task: Parameters<typeof taskOf>[0],
    instance: Partial<typeof INSTANCE> = {},
    serverTimeMs: number | null = NOW_MS,
  ) => {
    const value = [taskOf({ status: 'ODD', updatedAtMs: NOW_MS - HALF_HOUR_MS, ...task })];
    const { open, forgotten } = findOpenTasks(
      { value, requestId: null, serverTimeMs },
      { ...INSTANCE, ...instance },
    );
    return [open.length, forgotten.length];
  };

  test('counts as ended half an hour after its last change, where the instance is idle', () => {
    expect(sort({})).toStrictEqual([0, 1]);
    expect(sort({ status: null })).toStrictEqual([0, 1]);
    expect(sort({ updatedAtMs: NOW_MS - HALF_HOUR_MS + 1 })).toStrictEqual([1, 0]);
    expect(sort({ updatedAtMs: null, createdAtMs: NOW_MS - HALF_HOUR_MS })).toStrictEqual([0, 1]);
    expect(sort({ updatedAtMs: null, createdAtMs: null })).toStrictEqual([1, 0]);
    expect(sort({}, { busyWith: 'EXTEND' })).toStrictEqual([1, 0]);
    expect(sort({}, { status: 'RESTARTING' })).toStrictEqual([1, 0]);
    expect(sort({}, {}, null)).toStrictEqual([1, 0]);
  });

  it.each(['CREATED', 'INIT', 'WAITING', 'RUNNING', 'EXECUTING', 'PROCESSING'])(
    'is none that says %s: that goes on, however long',
    (status) => {
      expect(sort({ status })).toStrictEqual([1, 0]);
    },
  );

  test('is named to a person where it is counted as ended', () => {
    const forgotten = [
      taskOf({ name: null, status: null }),
      taskOf({ name: 'EXTEND', status: 'ODD' }),
    ];
    expect(describeForgotten({ open: [], forgotten })).toStrictEqual([
      expect.stringMatching(
        /^Task without a name task-1 counts as ended: its state is not shown, it has not changed for 30 minutes/,
      ),
      expect.stringMatching(/^Task EXTEND task-1 counts as ended: its state is ODD,/),
    ]);
  });
});

test('of several stray tasks our own is reported, else the first', () => {
  const foreign = newTaskOf({ id: 'f', owner: 'foreign', user: 'other', createdAtMs: NOW_MS });
  const ours = newTaskOf({ id: 'o', owner: 'unattributed', user: 'ours', createdAtMs: NOW_MS });
  const reported = (...strays: ReturnType<typeof newTaskOf>[]) =>
    judgeStrays(strays, BEFORE, { expected: BEFORE, tasksListedAtMs: NOW_MS }, undefined).reported;
  expect(reported(foreign, ours)).toBe(ours);
  expect(reported(foreign)).toBe(foreign);
  expect(reported()).toBeNull();
});
