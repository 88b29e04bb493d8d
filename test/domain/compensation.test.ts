import { describe, expect, it } from '@jest/globals';

import type { RolesSnapshot, SwitchoverRequest } from '../../src/contract/index.js';
import { decideCompensation } from '../../src/domain/compensation.js';
import type { Cause } from '../../src/domain/outcome.js';
import type { Observation } from '../../src/domain/reports.js';

import {
  BEFORE,
  NOW_MS,
  SWAPPED,
  asMaster,
  asReplica,
  master,
  observationOf,
  other,
  replica,
  requestOf,
  rolesOf,
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
    expect(decide(given)).toStrictEqual({
      compensate: true,
      from: given.observation?.roles ?? SWAPPED,
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
