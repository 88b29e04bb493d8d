import { describe, expect, it } from '@jest/globals';

import type { Target } from '../../src/contract/index.js';
import {
  describeNode,
  describeRoles,
  describeTarget,
  isActive,
  promotableReplicas,
  satisfiesTarget,
} from '../../src/domain/identity.js';

import { BEFORE, master, replica, rolesOf } from './support.js';

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
