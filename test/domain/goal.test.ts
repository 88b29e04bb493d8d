/** What a request id stands for: one goal, read from inputs of any version. */
import { describe, expect, it, test } from '@jest/globals';

import {
  describeGoal,
  isSameGoal,
  isSameRequestId,
  readAskedRequest,
  readTarget,
  toGoal,
} from '../../src/domain/goal.js';

const AWAY = { avoidAvailabilityZone: 'az1' };

describe('two goals are the same', () => {
  test('where what is absent in one is null in the other', () => {
    expect(isSameGoal(toGoal({}), toGoal({ target: null, expectedMasterNodeId: null }))).toBe(true);
  });

  test('only with the same target, of the same kind, and the same guard', () => {
    const goals = [
      ...[{}, { target: { availabilityZone: 'az1' } }, { target: { nodeId: 'az1' } }],
      ...[{ target: AWAY }, { expectedMasterNodeId: 'a' }, { expectedMasterNodeId: 'b' }],
      { target: AWAY, expectedMasterNodeId: 'a' },
    ].map(toGoal);
    for (const [at, one] of goals.entries())
      expect(goals.map((other) => isSameGoal(one, other))).toStrictEqual(
        goals.map((_, index) => index === at),
      );
  });

  test('under ids that differ in encoding or in spaces around them, not in case', () => {
    expect(isSameRequestId(' caf\u00e9', 'cafe\u0301 ')).toBe(true);
    expect(isSameRequestId('CHG-1', 'chg-1')).toBe(false);
  });
});

describe('the target of an input that no one has validated', () => {
  it.each([
    ['none where none is asked for', undefined, null],
    ['none where it is null', null, null],
    ['an AZ', { availabilityZone: ' az2 ' }, { availabilityZone: 'az2' }],
    ['a node', { nodeId: 'n2' }, { nodeId: 'n2' }],
    ['the others than an AZ', AWAY, AWAY],
    [
      'its one field, beside null',
      { nodeId: null, availabilityZone: 'az2' },
      { availabilityZone: 'az2' },
    ],
    ['unreadable with two fields', { nodeId: 'n2', availabilityZone: 'az2' }, undefined],
    ['unreadable with none', {}, undefined],
    ['unreadable with a field of another version', { cell: 'c' }, undefined],
    ['unreadable with a number', { nodeId: 2 }, undefined],
    ['unreadable as a list', [{ nodeId: 'n2' }], undefined],
    ['unreadable as a text', 'n2', undefined],
  ])('is %s', (_, value, target) => {
    expect(readTarget(value)).toStrictEqual(target);
  });
});

describe('what the argument of a run asks for', () => {
  test('is a switchover unless it says otherwise, with its id and its goal', () => {
    const asked = { requestId: ' r1 ', expectedMasterNodeId: 'n1' };
    const goal = { target: null, expectedMasterNodeId: 'n1', isBareToggle: false };
    expect(readAskedRequest(asked)).toStrictEqual({ mode: 'switch', requestId: 'r1', goal });
    expect(readAskedRequest({ mode: 'plan', requestId: '' })).toMatchObject({
      ...{ mode: 'plan', requestId: null, goal: { isBareToggle: true } },
    });
  });

  test('has no goal where its target cannot be read', () => {
    expect(readAskedRequest({ target: 'az2' }).goal).toBeNull();
  });
});

describe('a goal reads', () => {
  it.each([
    ['swap master and replica', {}],
    ['switch so that the master is outside AZ az1', { target: AWAY }],
    ['switch while the master is n1', { expectedMasterNodeId: 'n1' }],
    [
      'switch so that the master is outside AZ az1 while the master is n1',
      { target: AWAY, expectedMasterNodeId: 'n1' },
    ],
  ])('%s', (words, asked) => {
    expect(describeGoal(toGoal(asked))).toBe(words);
    expect(describeGoal(toGoal(asked), 'plan to ')).toBe(`plan to ${words}`);
  });
});
