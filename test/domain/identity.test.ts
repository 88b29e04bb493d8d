/** Which node is which: the rule as tables, and what holds for any habit of an account. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { NodeSnapshot, RolesSnapshot } from '../../src/contract/index.js';
import {
  compareRoles,
  describeDisagreement,
  isSameRoles,
  NODE_IDENTITIES,
  nodesOf,
  normaliseAddress,
  onlyMaster,
} from '../../src/domain/identity.js';
import type { NodeIdentity } from '../../src/domain/identity.js';

import {
  asMaster,
  asReplica,
  BEFORE,
  master,
  other,
  replica,
  rolesOf,
  SWAPPED,
} from './support.js';

describe('two readings compare as', () => {
  it.each<[string, string, RolesSnapshot, RolesSnapshot]>([
    ['unchanged', 'the same', BEFORE, BEFORE],
    ['unchanged', 'listed the other way round', BEFORE, rolesOf(replica, master)],
    ['unchanged', 'another status', BEFORE, rolesOf({ ...master, status: 'Inactive' }, replica)],
    [
      'unchanged',
      'the addresses exchanged, and nothing else',
      BEFORE,
      rolesOf({ ...master, ip: replica.ip }, { ...replica, ip: master.ip }),
    ],
    [
      'unchanged',
      'no addresses any more',
      BEFORE,
      rolesOf({ ...master, ip: null }, { ...replica, ip: null }),
    ],
    ['changed', 'the roles exchanged', BEFORE, SWAPPED],
    [
      'changed',
      'the promoted node took the address of the master, as the vendor documents it',
      BEFORE,
      rolesOf({ ...asReplica(master), ip: replica.ip }, { ...asMaster(replica), ip: master.ip }),
    ],
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
    [
      'changed',
      'the replication ids follow the role, and the AZ moved with the node id',
      BEFORE,
      rolesOf(
        { ...asReplica(master), replicationId: replica.replicationId },
        { ...asMaster(replica), replicationId: master.replicationId },
      ),
    ],
    [
      'changed',
      'node id and replication id moved, and both nodes are in one AZ',
      inOneZone(BEFORE),
      inOneZone(SWAPPED),
    ],
    [
      'changed',
      'node ids are missing, and the replication id moved',
      withoutNodeIds(BEFORE),
      withoutNodeIds(SWAPPED),
    ],
    ['changed', 'only AZs are reported, and they differ', onlyZones(BEFORE), onlyZones(SWAPPED)],
    ['disagree', 'no ids, and both nodes in one AZ', noIds(BEFORE), noIds(SWAPPED)],
    ['disagree', 'no master before', rolesOf(replica), BEFORE],
    ['disagree', 'no master now', BEFORE, rolesOf(asReplica(master), replica)],
    ['disagree', 'two masters now', BEFORE, rolesOf(master, asMaster(replica))],
    ['disagree', 'no nodes now', BEFORE, rolesOf()],
    ['disagree', 'a master that no one knows', BEFORE, rolesOf(asMaster(other), replica)],
    [
      'disagree',
      'the node ids stayed with the roles, everything else moved',
      BEFORE,
      rolesOf(
        { ...asReplica(master), nodeId: replica.nodeId },
        { ...asMaster(replica), nodeId: master.nodeId },
      ),
    ],
    [
      'disagree',
      'both nodes have new node ids',
      BEFORE,
      rolesOf(
        { ...asReplica(master), nodeId: 'node-x' },
        { ...asMaster(replica), nodeId: 'node-y' },
      ),
    ],
    [
      'disagree',
      'the node id moved, replication id and AZ did not',
      BEFORE,
      rolesOf({ ...master, nodeId: replica.nodeId }, { ...replica, nodeId: master.nodeId }),
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
      'a master that fits two nodes',
      rolesOf({ ...master, nodeId: null }, { ...replica, ...sharedIdentity() }),
      rolesOf({ ...master, nodeId: null }),
    ],
  ])('%s: %s', (expected, _, before, now) => {
    expect(compareRoles(before, now)).toBe(expected);
  });

  function sharedIdentity() {
    const { replicationId, ip, availabilityZone } = master;
    return { nodeId: null, replicationId, ip, availabilityZone };
  }

  it('never changed against themselves', () => {
    fc.assert(fc.property(anyRoles, (reading) => compareRoles(reading, reading) !== 'changed'));
  });

  it('never changed while the master has the node id of before, which no other node had', () => {
    fc.assert(
      fc.property(anyRoles, anyRoles, (before, now) => {
        if (compareRoles(before, now) !== 'changed') return true;
        const [was, is] = [onlyMaster(before), onlyMaster(now)];
        const owners = nodesIn(before).filter(({ nodeId }) => nodeId === is?.nodeId);
        const isReported = is !== null && is.nodeId !== null && owners.length === 1;
        return !isReported || owners[0] !== was;
      }),
      { numRuns: 3_000 },
    );
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
    [
      'with other addresses',
      true,
      rolesOf({ ...master, ip: '10.0.0.9' }, { ...replica, ip: null }),
    ],
    ['not when exchanged', false, SWAPPED],
    ['not with a node more', false, rolesOf(master, replica, other)],
    ['not with a node less', false, rolesOf(master)],
    ['not with another replica', false, rolesOf(master, other)],
  ])('%s', (_, expected, now) => {
    expect(isSameRoles(BEFORE, now)).toBe(expected);
  });
});

/** What an account makes of an identifier when roles move. */
type Habit = 'stay' | 'follow-role' | 'renewed' | 'absent';

interface Account {
  readonly nodeIds: Habit;
  readonly replicationIds: Habit;
  readonly zones: 'apart' | 'one' | 'absent';
  readonly addresses: Habit;
}

/** A master and replicas as an account shows them, before and after the first replica was promoted. */
function swapIn(account: Account, nodes: number): { before: RolesSnapshot; after: RolesSnapshot } {
  const physical = Array.from({ length: nodes }, (_, index) => `${index}`);
  const after = ['1', '0', ...physical.slice(2)];
  return { before: show(physical, account, 'old'), after: show(after, account, 'new') };
}

/** The first is the master. */
function show(order: readonly string[], account: Account, age: 'old' | 'new'): RolesSnapshot {
  const idOf = (habit: Habit, node: string, place: number): string | null =>
    ({
      stay: `id-${node}`,
      'follow-role': `id-${place}`,
      renewed: place < 2 ? `${age}-${place}` : `id-${node}`,
      absent: null,
    })[habit];
  const zones = { apart: (node: string) => `az${node}`, one: () => 'az0', absent: () => null };
  return rolesOf(
    ...order.map((node, place): NodeSnapshot => ({
      nodeId: idOf(account.nodeIds, node, place),
      replicationId: idOf(account.replicationIds, node, place),
      ip: idOf(account.addresses, node, place),
      role: place === 0 ? 'master' : 'replica',
      availabilityZone: zones[account.zones](node),
      status: 'Active',
      priority: 100,
    })),
  );
}

const habit = fc.constantFrom<Habit[]>('stay', 'follow-role', 'renewed', 'absent');
const account = fc.record<Account>({
  nodeIds: habit,
  replicationIds: habit,
  zones: fc.constantFrom<Account['zones'][]>('apart', 'one', 'absent'),
  addresses: habit,
});
const size = fc.integer({ min: 2, max: 5 });
const setting = fc.constantFrom(...NODE_IDENTITIES);

/** Groups and nodes in another order. */
const shuffled = (roles: RolesSnapshot) => {
  const nodes = roles.groups.flatMap((group) => group.nodes);
  return fc
    .shuffledSubarray(nodes, { minLength: nodes.length })
    .map((all) => ({ ...roles, groups: [{ groupId: 'group-0', nodes: all }] }));
};

describe('whatever an account does with its identifiers,', () => {
  it('a swap is changed while node ids stay with the nodes, whatever the addresses do', () => {
    fc.assert(
      fc.property(account, size, (given, nodes) => {
        const { before, after } = swapIn({ ...given, nodeIds: 'stay' }, nodes);
        return compareRoles(before, after) === 'changed';
      }),
      { numRuns: 2_000 },
    );
  });

  it('a swap is never taken for unchanged while any trusted identifier stays with the nodes', () => {
    fc.assert(
      fc.property(account, size, setting, (given, nodes, identity) => {
        const { before, after } = swapIn(given, nodes);
        const staying: Record<NodeIdentity, boolean> = {
          'node-id': given.nodeIds === 'stay',
          'replication-id': given.replicationIds === 'stay',
          'availability-zone': given.zones === 'apart',
        };
        const trusted = NODE_IDENTITIES.slice(NODE_IDENTITIES.indexOf(identity));
        const isReported = trusted.some((by) => staying[by]);
        return !isReported || compareRoles(before, after, identity) !== 'unchanged';
      }),
      { numRuns: 5_000 },
    );
  });

  it('a swap is changed by the setting that names an identifier which stays with the nodes', () => {
    fc.assert(
      fc.property(account, size, (given, nodes) => {
        const byReplication = swapIn({ ...given, replicationIds: 'stay' }, nodes);
        const byZone = swapIn({ ...given, zones: 'apart' }, nodes);
        return (
          compareRoles(byReplication.before, byReplication.after, 'replication-id') === 'changed' &&
          compareRoles(byZone.before, byZone.after, 'availability-zone') === 'changed'
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it('nothing that did not move is changed', () => {
    fc.assert(
      fc.property(account, size, setting, (given, nodes, identity) => {
        const { before } = swapIn(given, nodes);
        return compareRoles(before, before, identity) !== 'changed';
      }),
      { numRuns: 2_000 },
    );
  });

  it('the order of the nodes never matters', () => {
    const scene = fc.tuple(account, size, setting).chain(([given, nodes, identity]) => {
      const { before, after } = swapIn(given, nodes);
      return fc.tuple(fc.constant({ before, after, identity }), shuffled(before), shuffled(after));
    });
    fc.assert(
      fc.property(scene, ([{ before, after, identity }, otherBefore, otherAfter]) => {
        const isSameChange =
          compareRoles(before, after, identity) === compareRoles(otherBefore, otherAfter, identity);
        return (
          isSameChange &&
          isSameRoles(before, after, identity) === isSameRoles(otherBefore, otherAfter, identity)
        );
      }),
      { numRuns: 3_000 },
    );
  });

  it('addresses never matter', () => {
    const address = fc.option(fc.oneof(fc.ipV4(), fc.ipV6()));
    fc.assert(
      fc.property(anyRoles, anyRoles, setting, address, (before, now, identity, ip) => {
        const readdressed = rolesOf(...nodesIn(now).map((node) => ({ ...node, ip })));
        return (
          compareRoles(before, now, identity) === compareRoles(before, readdressed, identity) &&
          isSameRoles(before, now, identity) === isSameRoles(before, readdressed, identity)
        );
      }),
      { numRuns: 3_000 },
    );
  });

  it('a disagreement is always reported as text, and nothing else is', () => {
    fc.assert(
      fc.property(anyRoles, anyRoles, setting, (before, now, identity) => {
        const isReported = describeDisagreement(before, now, identity) !== null;
        return isReported === (compareRoles(before, now, identity) === 'disagree');
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('a node that comes back after a swap', () => {
  it.each<[NodeIdentity, Account]>([
    ['node-id', { nodeIds: 'stay', replicationIds: 'stay', zones: 'apart', addresses: 'stay' }],
    [
      'replication-id',
      { nodeIds: 'follow-role', replicationIds: 'stay', zones: 'one', addresses: 'stay' },
    ],
    [
      'availability-zone',
      { nodeIds: 'renewed', replicationIds: 'renewed', zones: 'apart', addresses: 'stay' },
    ],
  ])('is known again by %s', (identity, given) => {
    const { before, after } = swapIn(given, 2);
    const oldMaster = nodesIn(before).find(({ role }) => role === 'master');
    const back = nodesIn(after).find(({ role }) => role === 'replica');
    const front = nodesIn(after).find(({ role }) => role === 'master');
    if (oldMaster === undefined || back === undefined || front === undefined) throw new Error();
    const isSame = nodesOf(before, after, identity);
    expect([isSame(oldMaster, back), isSame(oldMaster, front)]).toStrictEqual([true, false]);
  });
});

describe('a disagreement names', () => {
  const bound = rolesOf(
    { ...asReplica(master), nodeId: replica.nodeId, ip: replica.ip },
    { ...asMaster(replica), nodeId: master.nodeId, ip: master.ip },
  );

  it('what moved, what did not, and the setting for an account that always does so', () => {
    expect(describeDisagreement(BEFORE, bound)).toBe(
      'of the master, its node id is the prior master’s, its replication id is a former replica’s, ' +
        'its availability zone is a former replica’s and its address is unchanged; ' +
        'nodes are known by node-id; if every swap of this account looks like this, ' +
        'set nodeIdentity (DCS_NODE_IDENTITY) of the project to replication-id or availability-zone',
    );
  });

  it('no setting where no other identifier reports anything', () => {
    const renewed = rolesOf(asReplica(other), { ...asMaster(other), nodeId: 'node-x' });
    const reported = describeDisagreement(noIds(BEFORE), noIds(renewed));
    expect(reported).toContain('no setting helps');
  });

  it.each<[string, RolesSnapshot, RolesSnapshot]>([
    ['the prior roles show no single master', rolesOf(replica), BEFORE],
    ['the last reading shows no single master', BEFORE, rolesOf(replica)],
  ])('instead: %s', (words, before, now) => {
    expect(describeDisagreement(before, now)).toBe(words);
  });

  it('nothing where there is none', () => {
    expect(describeDisagreement(BEFORE, SWAPPED)).toBeNull();
  });
});

describe('an address is written', () => {
  it.each([
    ['192.168.0.1', '192.168.0.1'],
    [' 192.168.0.1:6379 ', '192.168.0.1'],
    ['::ffff:192.168.0.1', '192.168.0.1'],
    ['[::FFFF:192.168.0.1]:6379', '192.168.0.1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['[2001:0db8::0001]:6379', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['redis-0.example', 'redis-0.example'],
    ['redis-0.example:6379', 'redis-0.example'],
    ['no:address:at:all', 'no:address:at:all'],
    ['', ''],
  ])('%j in one way: %j', (given, expected) => {
    expect(normaliseAddress(given)).toBe(expected);
  });

  it('the same way however often it is normalised', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), (given) => {
        const once = normaliseAddress(given);
        return normaliseAddress(once) === once;
      }),
    );
  });
});

function nodesIn({ groups }: RolesSnapshot): readonly NodeSnapshot[] {
  return groups.flatMap(({ nodes }) => nodes);
}

const identifier = fc.option(fc.constantFrom('a', 'b', 'c'));
const anyNode = fc.record<NodeSnapshot>({
  nodeId: identifier,
  replicationId: identifier,
  ip: identifier,
  role: fc.constantFrom('master', 'replica'),
  availabilityZone: identifier,
  status: fc.constant('Active'),
  priority: fc.constant(null),
});
const anyRoles = fc.array(anyNode, { maxLength: 3 }).map((nodes) => rolesOf(...nodes));

function each(roles: RolesSnapshot, change: Partial<NodeSnapshot>): RolesSnapshot {
  return rolesOf(...nodesIn(roles).map((node) => ({ ...node, ...change })));
}

function inOneZone(roles: RolesSnapshot): RolesSnapshot {
  return each(roles, { availabilityZone: 'az1' });
}

function withoutNodeIds(roles: RolesSnapshot): RolesSnapshot {
  return each(roles, { nodeId: null });
}

function onlyZones(roles: RolesSnapshot): RolesSnapshot {
  return each(roles, { nodeId: null, replicationId: null });
}

function noIds(roles: RolesSnapshot): RolesSnapshot {
  return inOneZone(onlyZones(roles));
}
