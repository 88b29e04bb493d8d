import { describe, expect, it } from '@jest/globals';

import type { RolesSnapshot, SwitchoverRequest, Target } from '../../src/contract/index.js';
import { decideCompensation, isStillBad, whyNotBack } from '../../src/domain/last-look.js';
import type { Cause } from '../../src/domain/causes.js';
import type { BadState, Observation } from '../../src/domain/reports.js';

import {
  asMaster,
  asReplica,
  BEFORE,
  master,
  NOW_MS,
  observationOf,
  other,
  replica,
  requestOf,
  rolesOf,
  SWAPPED,
} from './support.js';

interface Case {
  readonly cause?: Cause;
  readonly request?: Partial<SwitchoverRequest>;
  readonly before?: RolesSnapshot;
  readonly observation?: Partial<Observation>;
}

const decide = ({ cause = 'NEW_MASTER_INACTIVE', request, before = BEFORE, observation }: Case) =>
  decideCompensation(
    requestOf(request),
    before,
    { outcome: 'UNKNOWN', cause },
    observationOf(observation),
    NOW_MS,
  );

describe('a swap is taken back', () => {
  const BACK = asReplica(master);

  it.each<[string, Case]>([
    ['when the new master is Inactive', {}],
    ['when the new master is off target', { cause: 'OFF_TARGET' }],
    [
      'when another replica exists, but may never be promoted',
      {
        before: rolesOf(master, replica, { ...other, priority: 0 }),
        observation: { roles: rolesOf(BACK, asMaster(replica), { ...other, priority: 0 }) },
      },
    ],
  ])('%s', (_, given) => {
    const { cause = 'NEW_MASTER_INACTIVE', before = BEFORE, observation } = given;
    expect(decide(given)).toStrictEqual({
      compensate: true,
      from: observation?.roles ?? SWAPPED,
      undoes: { cause, before, target: null },
    });
  });
});

describe('a swap is not taken back, and it says why:', () => {
  const back = asReplica(master);
  const newMaster = asMaster(replica);

  it.each<[string, Case]>([
    ['not a verified bad one', { cause: 'NOT_HEALTHY' }],
    ['not a verified bad one', { cause: 'FOREIGN_SWAP' }],
    ['not a verified bad one', { cause: 'JOB_STILL_RUNNING' }],
    ['not a verified bad one', { cause: 'ROLES_UNSTABLE' }],
    ['not a verified bad one', { cause: 'HEALTH_UNSTABLE' }],
    ['not a verified bad one', { cause: 'TARGET_UNCLEAR' }],
    ['not a verified bad one', { cause: 'ROLES_CHANGED' }],
    ['compensation is "none"', { request: { compensation: 'none' } }],
    ['compensateNotAfter has passed', { request: { compensateNotAfterMs: NOW_MS } }],
    ['busy or not RUNNING', { observation: { instanceReady: false } }],
    ['the roles are not clear', { observation: { roles: null } }],
    ['the roles are not clear', { before: rolesOf(replica) }],
    ['not a promotable replica', { observation: { roles: rolesOf(newMaster) } }],
    ['not a promotable replica', { observation: { roles: BEFORE } }],
    [
      'not a promotable replica',
      { observation: { roles: rolesOf({ ...back, priority: 0 }, newMaster) } },
    ],
    [
      'the old master is not Active',
      { observation: { roles: rolesOf({ ...back, status: 'Inactive' }, newMaster) } },
    ],
    [
      'another replica could be promoted',
      { observation: { roles: rolesOf(back, newMaster, other) } },
    ],
  ])('%s (%#)', (why, given) => {
    expect(decide(given)).toStrictEqual({
      compensate: false,
      why: expect.stringContaining(why) as unknown,
    });
  });
});

describe('before a swap back leaves, its reason', () => {
  const target = { availabilityZone: 'az9' };
  const onTarget = { availabilityZone: 'az2' };
  const inactive = rolesOf(asReplica(master), { ...asMaster(replica), status: 'Inactive' });
  const statusUntold = rolesOf(asReplica(master), { ...asMaster(replica), status: null });
  const zoneUntold = rolesOf(asReplica(master), { ...asMaster(replica), availabilityZone: null });

  it.each<[string, boolean, BadState['cause'], Target | null, RolesSnapshot]>([
    ['holds while the master is Inactive', true, 'NEW_MASTER_INACTIVE', null, inactive],
    ['is gone when the master is Active', false, 'NEW_MASTER_INACTIVE', null, SWAPPED],
    ['is gone when the status is not reported', false, 'NEW_MASTER_INACTIVE', null, statusUntold],
    ['holds while the master is off target', true, 'OFF_TARGET', target, SWAPPED],
    ['is gone when the master is on target', false, 'OFF_TARGET', onTarget, SWAPPED],
    ['is gone when the AZ is not reported', false, 'OFF_TARGET', target, zoneUntold],
    ['is gone when there is no master', false, 'NEW_MASTER_INACTIVE', null, rolesOf(replica)],
  ])('%s', (_, expected, cause, goal, now) => {
    expect(isStillBad({ cause, before: BEFORE, target: goal }, now)).toBe(expected);
  });

  it('does not suffice when another replica has become promotable meanwhile', () => {
    const now = rolesOf(asReplica(master), asMaster(replica), { ...other, priority: 5 });
    expect(whyNotBack(now, BEFORE)).toContain('another replica could be promoted');
  });

  it('does not suffice when the old master may not be promoted any more', () => {
    const now = rolesOf({ ...asReplica(master), priority: 0 }, asMaster(replica));
    expect(whyNotBack(now, BEFORE)).toContain('not a promotable replica');
  });
});
