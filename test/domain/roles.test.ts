import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { NodeSnapshot, RolesSnapshot, Target } from '../../src/contract/index.js';
import {
  allNodes,
  compareRoles,
  describeNode,
  describeRoles,
  describeTarget,
  isActive,
  isSameNode,
  isSameRoles,
  onlyMaster,
  promotableReplicas,
  satisfiesTarget,
} from '../../src/domain/roles.js';

import {
  BEFORE,
  SWAPPED,
  asMaster,
  asReplica,
  master,
  other,
  replica,
  rolesOf,
} from './support.js';

describe('two readings compare as', () => {
  it.each<[string, string, RolesSnapshot, RolesSnapshot]>([
    ['unchanged', 'the same', BEFORE, BEFORE],
    ['unchanged', 'listed the other way round', BEFORE, rolesOf(replica, master)],
    ['unchanged', 'another status', BEFORE, rolesOf({ ...master, status: 'Inactive' }, replica)],
    ['changed', 'the roles exchanged', BEFORE, SWAPPED],
    ['changed', 'the old master gone', BEFORE, rolesOf(asMaster(replica))],
    [
      'changed',
      'the second replica promoted',
      rolesOf(master, replica, other),
      rolesOf(asReplica(master), replica, asMaster(other)),
    ],
    [
      'changed',
      'a replica known by its node id only',
      rolesOf(master, { ...replica, replicationId: null, ip: null }),
      SWAPPED,
    ],
    ['disagree', 'no master before', rolesOf(replica), BEFORE],
    ['disagree', 'no master now', BEFORE, rolesOf(asReplica(master), replica)],
    ['disagree', 'two masters now', BEFORE, rolesOf(master, asMaster(replica))],
    ['disagree', 'no nodes now', BEFORE, rolesOf()],
    ['disagree', 'a master that nobody knows', BEFORE, rolesOf(asMaster(other), replica)],
    [
      'disagree',
      'the node id moved, but the address did not',
      BEFORE,
      rolesOf({ ...master, nodeId: replica.nodeId }, { ...replica, nodeId: master.nodeId }),
    ],
    [
      'disagree',
      'the address moved, but the node id did not',
      BEFORE,
      rolesOf({ ...master, ip: replica.ip }, { ...replica, ip: master.ip }),
    ],
    [
      'disagree',
      'the replication id moved alone',
      BEFORE,
      rolesOf({ ...master, replicationId: replica.replicationId }, replica),
    ],
    [
      'disagree',
      'the AZ contradicts the ids',
      BEFORE,
      rolesOf({ ...master, availabilityZone: 'az9' }, replica),
    ],
    [
      'disagree',
      'a master without any identifier',
      BEFORE,
      rolesOf({ ...master, nodeId: null, replicationId: null, ip: null }, replica),
    ],
    [
      'disagree',
      'a master that fits two nodes',
      rolesOf({ ...master, nodeId: null }, { ...replica, ...sharedIdentity() }),
      rolesOf({ ...master, nodeId: null }),
    ],
  ])('%s: %s', (expected, _, before, now) => {
    expect(compareRoles(before, now)).toBe(expected);
  });

  function sharedIdentity() {
    return {
      nodeId: null,
      replicationId: master.replicationId,
      ip: master.ip,
      availabilityZone: master.availabilityZone,
    };
  }

  const identifier = fc.option(fc.constantFrom('a', 'b', 'c'));
  const node = fc.record<NodeSnapshot>({
    nodeId: identifier,
    replicationId: identifier,
    ip: identifier,
    role: fc.constantFrom('master', 'replica'),
    availabilityZone: identifier,
    status: fc.constant('Active'),
    priority: fc.constant(null),
  });
  const roles = fc.array(node, { maxLength: 3 }).map((nodes) => rolesOf(...nodes));

  it('changed only where the master of now was a replica before by every identifier', () => {
    fc.assert(
      fc.property(roles, roles, (before, now) => {
        const is = onlyMaster(now);
        if (compareRoles(before, now) !== 'changed' || is === null) return true;
        const matches = allNodes(before).filter((candidate) => isSameNode(candidate, is));
        return matches.length === 1 && matches[0]?.role === 'replica';
      }),
      { numRuns: 3_000 },
    );
  });

  it('never changed against themselves', () => {
    fc.assert(fc.property(roles, (reading) => compareRoles(reading, reading) !== 'changed'));
  });

  it('the same node both ways', () => {
    fc.assert(fc.property(node, node, (a, b) => isSameNode(a, b) === isSameNode(b, a)));
  });
});

describe('roles are the same', () => {
  it.each<[string, boolean, RolesSnapshot]>([
    ['in any order', true, rolesOf(replica, master)],
    [
      'with another status and priority',
      true,
      rolesOf({ ...master, status: null }, { ...replica, priority: 1 }),
    ],
    ['not when exchanged', false, SWAPPED],
    ['not with a node more', false, rolesOf(master, replica, other)],
    ['not with a node less', false, rolesOf(master)],
    ['not with another replica', false, rolesOf(master, other)],
  ])('%s', (_, expected, now) => {
    expect(isSameRoles(BEFORE, now)).toBe(expected);
  });
});

describe('a target', () => {
  it.each<[string, Target, boolean]>([
    ['by node', { nodeId: 'node-b' }, true],
    ['by another node', { nodeId: 'node-a' }, false],
    ['by AZ', { availabilityZone: 'az2' }, true],
    ['by another AZ', { availabilityZone: 'az1' }, false],
    ['by an AZ to avoid', { avoidAvailabilityZone: 'az1' }, true],
    ['by its own AZ to avoid', { avoidAvailabilityZone: 'az2' }, false],
  ])('%s', (_, target, expected) => {
    expect(satisfiesTarget(replica, target)).toBe(expected);
  });

  it.each<[string, Target]>([
    ['by AZ', { availabilityZone: 'az2' }],
    ['by an AZ to avoid', { avoidAvailabilityZone: 'az1' }],
    ['by node', { nodeId: 'node-b' }],
  ])('is not met %s where the API did not say', (_, target) => {
    const unknown = { ...replica, availabilityZone: null, nodeId: null };
    expect(satisfiesTarget(unknown, target)).toBe(false);
  });

  it.each<[Target, string]>([
    [{ nodeId: 'n' }, 'on node n'],
    [{ availabilityZone: 'a' }, 'in AZ a'],
    [{ avoidAvailabilityZone: 'a' }, 'outside AZ a'],
  ])('%j reads "%s"', (target, words) => {
    expect(describeTarget(target)).toBe(words);
  });
});

describe('a node', () => {
  it.each<[number | null, boolean]>([
    [0, false],
    [1, true],
    [100, true],
    [null, true],
  ])('of priority %s is promotable: %s', (priority, expected) => {
    const roles = rolesOf(master, { ...replica, priority });
    expect(promotableReplicas(roles)).toHaveLength(expected ? 1 : 0);
  });

  it.each<[string | null, boolean]>([
    ['Active', true],
    ['ACTIVE', true],
    ['Inactive', false],
    ['Creating', false],
    [null, false],
  ])('of status %s is active: %s', (status, expected) => {
    expect(isActive({ ...replica, status })).toBe(expected);
  });

  it('reads in one line, without holes', () => {
    const unknown = {
      ...master,
      nodeId: null,
      replicationId: null,
      ip: null,
      availabilityZone: null,
      status: null,
    };
    expect(describeNode(unknown)).toBe('unidentified node (AZ unknown, status unknown)');
    expect(describeRoles(BEFORE)).toBe('master node-a (az1, Active), replica node-b (az2, Active)');
  });
});
