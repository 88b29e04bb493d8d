/** What would refuse a switchover now, by what was read, and which instances are never switched. */
import { describe, expect, test } from '@jest/globals';

import type { NodeSnapshot } from '../../src/contract/index.js';
import { findRefusals, findUnsupportedMode } from '../../src/domain/checks/look-ahead.js';
import type { InstanceFacts } from '../../src/domain/facts.js';

import { BEFORE, INSTANCE, master, other, replica, rolesOf } from './support.js';

const idsOf = (instance: InstanceFacts, roles: Parameters<typeof findRefusals>[1]): string[] =>
  findRefusals(instance, roles).map(({ id }) => id);
const inactive = (node: NodeSnapshot): NodeSnapshot => ({ ...node, status: 'Inactive' });
const unpromotable: NodeSnapshot = { ...replica, priority: 0 };

describe('a look ahead', () => {
  test.each<[string, readonly NodeSnapshot[], readonly string[]]>([
    ['nothing of a healthy pair', [master, replica], []],
    ['a second master', [master, replica, { ...other, role: 'master' }], ['one-master']],
    ['a missing master', [replica, other], ['one-master']],
    [
      'a replica that is not Active, beside one that is',
      [master, replica, inactive(other)],
      ['nodes-active'],
    ],
    ['a master that is not Active', [inactive(master), replica], ['nodes-active']],
    ['a replica that is never promoted', [master, unpromotable], ['replica-priority']],
    [
      'an only replica that is not Active',
      [master, inactive(replica)],
      ['nodes-active', 'replica-active', 'replica-priority'],
    ],
    ['a missing replica', [master], ['replica-active', 'replica-priority']],
  ])('refuses %s', (_, nodes, ids) => {
    expect(idsOf(INSTANCE, rolesOf(...nodes))).toEqual(ids);
  });

  test('refuses an instance that does not run, or is busy, and says what it is', () => {
    const instance = { ...INSTANCE, status: 'RESTARTING', busyWith: 'task masterStandbySwapJob' };
    expect(findRefusals(instance, BEFORE)).toEqual([
      { id: 'instance-running', observed: 'status RESTARTING' },
      { id: 'instance-idle', observed: 'task masterStandbySwapJob' },
    ]);
  });

  test('refuses nothing for roles that were not read', () => {
    expect(findRefusals(INSTANCE, null)).toEqual([]);
    expect(idsOf({ ...INSTANCE, status: 'FROZEN' }, null)).toEqual(['instance-running']);
  });
});

describe('an instance that is never switched', () => {
  test.each<[string, Partial<InstanceFacts>, unknown]>([
    ['is none of a master and a standby', {}, null],
    ['is none that splits reads from writes', { cacheMode: 'ha_rw_split' }, null],
    ['is a cluster', { cacheMode: 'cluster' }, expect.stringContaining('mode cluster')],
    ['is another engine', { engine: 'Memcached' }, expect.stringContaining('Memcached')],
    ['is a version without nodes', { engineVersion: '3.0' }, expect.stringContaining('3.0')],
    [
      'is none whose mode was not shown, whatever its engine',
      { cacheMode: null, engine: 'x' },
      null,
    ],
  ])('%s', (_, extra, said) => {
    expect(findUnsupportedMode({ ...INSTANCE, ...extra })).toEqual(said);
  });
});
