/** What the result of a maintenance says: counts, names, what is left to do, and by which commands. */
import { describe, expect, it, test } from '@jest/globals';

import { commandsOf } from '../../../src/domain/commands.js';
import { composeResultMessage, toResult } from '../../../src/domain/maintenance/result.js';
import type { ResultFacts } from '../../../src/domain/maintenance/result.js';
import { addStop, addWarning, newState, patchLeg } from '../../../src/domain/maintenance/state.js';
import type { LegState, MaintenanceState } from '../../../src/domain/maintenance/state.js';
import { describeInstance } from '../../../src/domain/text.js';

import { idOf, maintenanceOf, planned, REQUEST } from './support.js';

const HOME = 'a'.repeat(32);
const DONE: Partial<LegState> = {
  state: 'ENDED',
  outcome: 'SUCCEEDED',
  cause: 'ROLES_CHANGED',
  runId: 'r1',
};
const NOOP: Partial<LegState> = {
  state: 'ENDED',
  outcome: 'NOOP',
  cause: 'ALREADY_THERE',
  runId: 'r2',
};
/** As people read it: by name, with the beginning of its id. */
const nameOf = (index: number): string => describeInstance(idOf(index), `redis-${index}`);

const FAILED: Partial<LegState> = {
  state: 'ENDED',
  outcome: 'FAILED_UNCHANGED',
  cause: 'NOT_APPLIED',
  runId: 'r3',
};
const UNKNOWN: Partial<LegState> = {
  state: 'ENDED',
  outcome: 'UNKNOWN',
  cause: 'NO_TRACE',
  runId: 'r4',
};
const late: Partial<LegState> = { state: 'NOT_STARTED', cause: 'WINDOW_OVER', reason: 'late' };
const obstructed: Partial<LegState> = {
  state: 'NOT_STARTED',
  cause: 'OBSTACLE',
  reason: 'deleted',
};
const RETURN = { soakSeconds: 60, withinSeconds: 600 };

/** A maintenance whose forward legs are these, in order. */
const stateOf = (
  forwards: readonly Partial<LegState>[],
  extra: Parameters<typeof maintenanceOf>[1] = {},
): MaintenanceState =>
  forwards.reduce<MaintenanceState>(
    (state, leg, index) => patchLeg(state, idOf(index), 'forward', leg),
    maintenanceOf(
      forwards.map((_, index) => planned(index)),
      extra,
    ),
  );

const facts = (state: MaintenanceState, overrides: Partial<ResultFacts> = {}): ResultFacts => ({
  ...{ outcome: 'PARTIAL', cause: 'INSTANCES_NOT_DONE', maintenanceName: 'weekly' },
  ...{ projectId: 'p1', input: null, state, obstacle: null },
  ...overrides,
});
const say = (state: MaintenanceState, overrides: Partial<ResultFacts> = {}): string =>
  composeResultMessage(facts(state, overrides));

describe('a maintenance that is done says', () => {
  const done = (state: MaintenanceState): string =>
    say(state, { outcome: 'COMPLETED', cause: 'ALL_DONE' });

  test('how many were switched, and how many were there already', () => {
    expect(done(stateOf([DONE, NOOP, DONE]))).toBe(
      'Done: all of 3 instances. 2 switched, 1 already there.',
    );
    expect(done(stateOf([DONE]))).toBe('Done: all of 1 instance. 1 switched, 0 already there.');
  });

  test('how many were brought back', () => {
    const state = patchLeg(stateOf([DONE, DONE]), idOf(1), 'return', { ...DONE, leg: 'return' });
    expect(done(patchLeg(state, idOf(0), 'return', FAILED))).toBe(
      'Done: all of 2 instances. 2 switched, 0 already there. 1 brought back to where they were.',
    );
  });
});

describe('a maintenance for which no instance fits says', () => {
  it.each([
    ['Nothing to do', 'COMPLETED'],
    ['Not done', 'PARTIAL'],
  ] as const)('%s where it ended %s', (words, outcome) => {
    const text = say(stateOf([]), { outcome, cause: 'NOTHING_SELECTED' });
    expect(text.startsWith(words)).toBe(true);
  });
});

describe('a plan says', () => {
  const INPUT = {
    ...{ maintenanceId: 'weekly', projectId: 'p1', toggle: true },
    window: { closesAt: '2026-12-05T05:00:00Z' },
  };
  const plan = (state: MaintenanceState, overrides: Partial<ResultFacts> = {}): string =>
    say(state, { outcome: 'PLANNED', cause: 'PLAN_ONLY', input: INPUT, ...overrides });
  const START = '  dcs-switchover maintenance start weekly --project p1';

  test('what would be switched, and the command that starts it', () => {
    const text = plan(stateOf([{}, {}]), { taskQueue: 'blue' });
    expect(text).toContain(
      'Planned: 2 instances would be switched; nothing was sent.\nStart it:\n',
    );
    expect(text).toContain(START);
    expect(text).toMatch(/--task-queue blue$/);
  });

  test('what would not, and why, with its warnings as sentences', () => {
    const warned = addWarning(addWarning(stateOf([{}, obstructed]), 'old'), 'odd.');
    expect(plan(warned)).toContain(
      `Planned: 1 instance would be switched; nothing was sent. 1 instance would not: ${nameOf(1)}: deleted. ` +
        'old. odd.\nStart it without those:\n',
    );
  });

  test('to remedy what stands in the way of all of them', () => {
    expect(plan(stateOf([obstructed]))).toMatch(/Remedy that, then plan again\.$/);
  });

  test('to start it with the same input where that is not known, or too long for a command', () => {
    const listed = (count: number) => ({
      ...INPUT,
      instanceIds: Array.from({ length: count }, (_, n) => idOf(n)),
    });
    const SAME = /Start it with the same input\.$/;
    expect(plan(stateOf([{}]), { input: null })).toMatch(SAME);
    expect(plan(stateOf([{}]), { input: listed(21) })).toMatch(SAME);
    expect(plan(stateOf([{}]), { input: listed(20) })).toContain(START);
  });
});

describe('a maintenance that is not all done says', () => {
  test('how many are done, failed, left out and not started, and names what failed', () => {
    const state = stateOf([DONE, FAILED, { state: 'SKIPPED' }, late, {}, { state: 'RUNNING' }]);
    const text = say(state);
    expect(text).toContain('Not all done: not every instance ended as it should.');
    expect(text).toContain('1 of 6 done, 1 did not succeed, 1 left out, 3 not started.');
    expect(text).toContain(`Not successful: ${nameOf(1)}: FAILED_UNCHANGED NOT_APPLIED.`);
    expect(text).not.toContain('Kept from starting');
  });

  test('that nothing was sent where no switchover was ever started', () => {
    const text = say(stateOf([late]), { cause: 'WINDOW_OVER' });
    expect(text).toContain('Nothing was sent: the latest safe start of the window had passed.');
    expect(text).toContain('0 of 1 done, 1 not started.');
  });

  test('which items something of their own kept from starting', () => {
    const aborted: Partial<LegState> = { state: 'NOT_STARTED', cause: 'ABORTED', reason: 'by ada' };
    const unexplained: Partial<LegState> = { state: 'NOT_STARTED', cause: null, reason: null };
    const text = say(stateOf([DONE, obstructed, late, aborted, unexplained]), { cause: 'ABORTED' });
    expect(text).toContain(`Kept from starting: ${nameOf(1)}: deleted.`);
  });

  test('three names at the most, and how many more there are', () => {
    const three = say(stateOf([FAILED, FAILED, FAILED]));
    expect(three).toMatch(/Not successful: (?:[^;]+; ){2}[^;]+NOT_APPLIED\.\n/);
    expect(say(stateOf([FAILED, FAILED, FAILED, FAILED]))).toContain('NOT_APPLIED and 1 more.');
  });

  test('why, once: a decision speaks for itself, anything else is put behind the cause', () => {
    const aborted = 'the maintenance was aborted by ada at T';
    expect(
      say(addStop(stateOf([{}]), { cause: 'ABORTED', reason: aborted }), { cause: 'ABORTED' }),
    ).toContain(`Nothing was sent: ${aborted}.`);
    const text = say(stateOf([]), {
      cause: 'MAINTENANCE_UNREADABLE',
      obstacle: 'no route\nto IAM',
    });
    expect(text).toContain(
      'Nothing was sent: the maintenance could not be planned; remedy that first (no route to IAM).',
    );
  });

  test('by which command the rest is done, unless nothing of the forward leg is left', () => {
    expect(say(stateOf([DONE, late]), { taskQueue: 'blue' })).toContain(
      'Do the rest:\n  dcs-switchover maintenance start --rest-of weekly --task-queue blue',
    );
    expect(say(stateOf([]))).toContain('Then start it again:\n  dcs-switchover maintenance start');
    expect(say(stateOf([DONE]))).not.toContain('maintenance start');
  });

  test('which one is unresolved, and what fits its cause, before the rest', () => {
    const lasting = { ...UNKNOWN, cause: 'FOREIGN_SWAP' };
    const text = say(stateOf([lasting, DONE]));
    expect(text).toContain('1 instance unresolved: nothing more is sent to it before');
    expect(text).not.toContain('Do not switch again');
    expect(text).toMatch(/then record it .*:\n {2}dcs-switchover resolve .*\nThen do the rest:\n/);
    expect(commandsOf(text)).toHaveLength(2);
  });

  test('what an earlier run has left unresolved, where that refused a switchover', () => {
    const verify = `dcs-switchover verify ${idOf(0)} --project p1 --examined-run r9`;
    const reason = `Nothing was sent.\nCheck previous-run-resolved failed: run r9 ended UNKNOWN.\nFind out:\n  ${verify}`;
    const refused: Partial<LegState> = {
      ...FAILED,
      outcome: 'REFUSED',
      cause: 'CHECKS_FAILED',
      reason,
    };
    const text = say(stateOf([refused, DONE]));
    expect(text).toContain('1 instance unresolved: nothing more is sent to it before');
    expect(commandsOf(text)).toStrictEqual([
      verify,
      'dcs-switchover maintenance start --rest-of weekly',
    ]);
    expect(commandsOf(say(stateOf([refused, UNKNOWN])))[0]).toBe(
      'dcs-switchover list --project p1 --unresolved',
    );
  });

  test('of several that are unresolved, the one command that has that of each', () => {
    const state = patchLeg(
      stateOf([UNKNOWN, DONE, { ...UNKNOWN, runId: null }]),
      idOf(1),
      'return',
      {
        ...UNKNOWN,
        ...{ runId: 'r5', cause: 'FOREIGN_SWAP' },
      },
    );
    const text = say(state);
    expect(text).toContain('2 instances unresolved: nothing more is sent to them before');
    expect(commandsOf(text)).toStrictEqual([
      'dcs-switchover list --project p1 --unresolved',
      'dcs-switchover maintenance start --rest-of weekly',
    ]);
    expect(say(stateOf([FAILED]))).not.toContain('unresolved');
  });
});

describe('masters that were to come back and have not', () => {
  const moved = (returns: readonly (Partial<LegState> | null)[]): MaintenanceState =>
    returns.reduce<MaintenanceState>(
      (state, leg, index) => (leg === null ? state : patchLeg(state, idOf(index), 'return', leg)),
      stateOf(
        returns.map(() => DONE),
        { returnLeg: RETURN },
      ),
    );

  test('are named with how their return ended, where they belong, and the command that brings each back', () => {
    const text = say(
      moved([FAILED, { state: 'NOT_STARTED', reason: 'its time was over' }, null, DONE]),
    );
    expect(text).toContain(
      `Not brought back: ${nameOf(0)}: FAILED_UNCHANGED, its master was ${HOME}; ` +
        `${nameOf(1)}: its time was over, its master was ${HOME}; ` +
        `${nameOf(2)}: not started, its master was ${HOME}.`,
    );
    expect(commandsOf(text)).toStrictEqual(
      [0, 1, 2].map((n) => `dcs-switchover switch ${idOf(n)} --project p1 --to-node ${HOME}`),
    );
  });

  test('get three commands at the most, and none where no one knows their place', () => {
    expect(commandsOf(say(moved([null, null, null, null])))).toHaveLength(3);
    const state = moved([FAILED]);
    const unseen = { ...state, items: state.items.map((item) => ({ ...item, master: null })) };
    expect(say(unseen)).toContain('its master was not known');
    expect(commandsOf(say(unseen))).toStrictEqual([]);
  });

  test('are not spoken of where all are back, or none was to come', () => {
    expect(say(moved([DONE]))).not.toContain('brought back');
    expect(say(stateOf([DONE]))).not.toContain('brought back');
  });
});

describe('the result', () => {
  const ending = { outcome: 'PARTIAL', cause: 'CANCELLED', message: 'Cancelled.' } as const;

  test('repeats what was asked, with window, items and counts', () => {
    const state = stateOf([DONE], { reason: 'upgrade', requestedBy: 'ann', changeId: 'CHG-1' });
    expect(toResult(state, { maintenanceId: 'weekly', input: null }, ending, 5_000)).toMatchObject({
      ...ending,
      ...{
        maintenanceId: 'weekly',
        projectId: REQUEST.projectId,
        region: 'eu-west-101',
        mode: 'run',
      },
      ...{ reason: 'upgrade', requestedBy: 'ann', changeId: 'CHG-1' },
      window: { opensAt: '1970-01-01T00:16:40.000Z' },
      counts: { done: 1 },
      items: [{ instanceId: idOf(0) }],
      ...{ startedAt: '1970-01-01T00:00:00.000Z', endedAt: '1970-01-01T00:00:05.000Z' },
    });
  });

  test('repeats of an input that no one has validated what is text, and nothing else', () => {
    const echoed = (input: unknown) =>
      toResult(newState(0), { maintenanceId: 'weekly', input }, ending, 0);
    const asked = {
      projectId: 'p1',
      region: 'r1',
      reason: 'why',
      requestedBy: 'ann',
      changeId: 'c1',
    };
    expect(echoed({ ...asked, mode: 'plan' })).toMatchObject({
      ...asked,
      mode: 'plan',
      window: null,
    });
    expect(echoed({ projectId: 1, mode: 'else' })).toMatchObject({
      ...{
        projectId: '',
        mode: 'run',
        region: null,
        reason: null,
        requestedBy: null,
        changeId: null,
      },
    });
  });
});
