/** Which instances of a maintenance someone has to find out about first, and by which command. */
import { describe, expect, test } from '@jest/globals';

import { commandsOf, withCommands } from '../../../src/domain/commands.js';
import { failedHeadline } from '../../../src/domain/messages.js';
import { patchLeg } from '../../../src/domain/maintenance/state.js';
import type {
  ItemState,
  LegState,
  MaintenanceState,
} from '../../../src/domain/maintenance/state.js';
import {
  describeUnresolved,
  isUnresolved,
} from '../../../src/domain/maintenance/unresolved-items.js';

import { idOf, maintenanceOf, planned } from './support.js';

const itemsOf = (...legs: readonly Partial<LegState>[]): readonly ItemState[] =>
  legs.reduce<MaintenanceState>(
    (state, leg, index) => patchLeg(state, idOf(index), 'forward', leg),
    maintenanceOf(legs.map((_, index) => planned(index))),
  ).items;

const PLACE = { projectId: 'p1' };
const COMMANDS = ['dcs-switchover verify one', 'dcs-switchover adopt one'];
const HEADLINE = failedHeadline('previous-run-resolved');
const REASON = withCommands(`${HEADLINE}: it is not known what was done. Find out`, ...COMMANDS);

const UNKNOWN: Partial<LegState> = { state: 'ENDED', outcome: 'UNKNOWN', runId: 'r1' };
const REFUSED: Partial<LegState> = { state: 'ENDED', outcome: 'REFUSED', reason: REASON };

describe('an instance is unresolved', () => {
  test.each<[string, readonly Partial<LegState>[], boolean]>([
    ['whose switchover ended so', [UNKNOWN], true],
    ['that was refused for an earlier run', [REFUSED], true],
    ['of each kind', [UNKNOWN, REFUSED], true],
    ['only by a run, not where none was started', [{ ...UNKNOWN, runId: null }], false],
    ['not when it was refused for something else', [{ ...REFUSED, reason: 'it is busy' }], false],
    ['not when it was refused without a reason', [{ ...REFUSED, reason: null }], false],
    ['not when it failed in other ways', [{ ...REFUSED, outcome: 'FAILED_UNCHANGED' }], false],
    [
      'not when commands are there for another reason',
      [{ ...REFUSED, reason: withCommands('See', ...COMMANDS) }],
      false,
    ],
    ['not before it has begun', [{}], false],
  ])('%s', (_, legs, expected) => {
    expect(isUnresolved(itemsOf(...legs))).toBe(expected);
    expect(describeUnresolved(itemsOf(...legs), PLACE).length > 0).toBe(expected);
  });
});

describe('of an earlier run', () => {
  test('the first of several commands is named, and it counts once', () => {
    const said = describeUnresolved(itemsOf(REFUSED), PLACE).join('\n');
    expect(said).toContain('1 instance unresolved');
    expect(commandsOf(said)).toEqual(COMMANDS.slice(0, 1));
  });

  test('no command is named where there are several to find out about', () => {
    const said = describeUnresolved(itemsOf(REFUSED, REFUSED, UNKNOWN), PLACE).join('\n');
    expect(said).toContain('3 instances unresolved');
    expect(commandsOf(said)).toEqual(['dcs-switchover list --project p1 --unresolved']);
  });
});
