/** What a message to a maintenance has to look like, and when it is taken. */
import { describe, expect, it, test } from '@jest/globals';

import type { Decision, MaintenancePhase, MaintenanceUpdate } from '../../../src/contract/index.js';
import { applyDecision, judgeMessage } from '../../../src/domain/maintenance/decisions.js';
import { newState, patchLeg } from '../../../src/domain/maintenance/state.js';
import type { LegState, MaintenanceState } from '../../../src/domain/maintenance/state.js';

import { idOf, maintenanceOf, planned } from './support.js';

const AT = '2026-01-01T00:00:00.000Z';
const WORDS = { by: 'ada', why: 'a test' };
const RETURN = { returnLeg: { soakSeconds: 60, withinSeconds: 600 } };
const STATE: MaintenanceState = { ...maintenanceOf([planned(1), planned(2)]), phase: 'SWITCHING' };

const decided = (what: Decision['what'], by = 'bob'): Decision => ({
  what,
  by,
  why: null,
  at: 'T0',
});
const judge = (name: MaintenanceUpdate, value: unknown, state = STATE) =>
  judgeMessage(name, value, state, AT);
const problemsOf = (name: MaintenanceUpdate, value: unknown) => {
  const verdict = judge(name, value);
  if (verdict.taken) return [];
  expect(verdict.type).toBe('INVALID_MESSAGE');
  return verdict.problems.map(({ field, problem }) => `${field} ${problem}`);
};

describe('a message', () => {
  it.each<[string, MaintenanceUpdate, unknown, string[]]>([
    ['that is no object', 'pause', 'ada', ['input is not an object']],
    ['of nobody', 'pause', {}, ['by is missing']],
    ['of a number', 'pause', { by: 1 }, ['by is not a text']],
    ['of blanks', 'pause', { by: ' ' }, ['by is empty']],
    ['of too long a name', 'pause', { by: 'b'.repeat(129) }, ['by has more than 128 characters']],
    ['of a forged name', 'pause', { by: 'a\u0007' }, ['by has control characters']],
    ['that stops something and does not say why', 'abort', { by: 'ada' }, ['why is missing']],
    [
      'with too long a reason',
      'pause',
      { by: 'ada', why: 'w'.repeat(1025) },
      ['why has more than 1024 characters'],
    ],
    ['with a field of its own', 'pause', { by: 'ada', note: 'x' }, ['note is not a known field']],
    [
      'that names an instance where none is asked for',
      'abort',
      { ...WORDS, instanceId: idOf(1) },
      ['instanceId is not a known field'],
    ],
    ['that skips nothing', 'skip', WORDS, ['instanceId is missing']],
    ['that skips null', 'skip', { ...WORDS, instanceId: null }, ['instanceId is missing']],
    [
      'that skips a name',
      'skip',
      { ...WORDS, instanceId: 'redis-1' },
      ['instanceId is not a UUID in lower case'],
    ],
    [
      'that skips a number',
      'skip',
      { ...WORDS, instanceId: 1 },
      ['instanceId is not a UUID in lower case'],
    ],
    [
      'with several faults',
      'skip',
      {},
      ['by is missing', 'why is missing', 'instanceId is missing'],
    ],
  ])('%s is not taken, and says by field what is wrong', (_, name, value, problems) => {
    expect(problemsOf(name, value)).toStrictEqual(problems);
  });

  test('names each fault with what remedies it', () => {
    expect(judge('skip', { by: 'ada', why: 'x', instanceId: 'y' })).toMatchObject({
      message:
        'The message was not taken. instanceId is not a UUID in lower case. ' +
        'Give the UUID of an instance of the maintenance, in lower case.',
      problems: [{ field: 'instanceId' }],
    });
  });

  test('may be as long as it is allowed, with null for what is absent, and is trimmed', () => {
    const longest = { by: 'b'.repeat(128), why: 'w'.repeat(1024) };
    expect(judge('pause', longest)).toMatchObject({ decision: longest });
    expect(judge('pause', { by: ' ada ', why: null, note: null })).toMatchObject({
      decision: { what: 'paused', by: 'ada', why: null, at: AT },
    });
  });

  test('other than abort is refused once it has taken as many as it can keep', () => {
    const full = (count: number, why: string | null = null): MaintenanceState => ({
      ...STATE,
      decisions: Array.from({ length: count }, () => ({ ...decided('resumed', ''), why })),
    });
    const takes = (state: MaintenanceState): boolean => judge('pause', WORDS, state).taken;
    expect([499, 500].map((count) => takes(full(count)))).toStrictEqual([true, false]);
    expect([39_999, 40_000].map((length) => takes(full(1, 'w'.repeat(length))))).toStrictEqual([
      ...[true, false],
    ]);
    expect(judge('abort', WORDS, full(500)).taken).toBe(true);
    expect(judge('resume', WORDS, full(500)).taken).toBe(true);
    expect(judge('skip', { ...WORDS, instanceId: idOf(1) }, full(500)).taken).toBe(false);
  });
});

describe('approval', () => {
  const waiting = (phase: MaintenancePhase, ...decisions: Decision[]): MaintenanceState => ({
    ...maintenanceOf([planned(1)], { requireApproval: true }),
    ...{ phase, decisions },
  });

  it.each<[MaintenancePhase, boolean]>([
    ['AWAITING_APPROVAL', true],
    ['AWAITING_WINDOW', true],
    ['SWITCHING', false],
    ['SOAKING', false],
  ])('can be given or refused in %s: %s', (phase, isTaken) => {
    for (const name of ['approve', 'reject'] as const)
      expect(judge(name, WORDS, waiting(phase)).taken).toBe(isTaken);
  });

  test('can be given while no one knows yet whether it is needed, not where it is not', () => {
    expect(judge('approve', WORDS, newState(0))).toMatchObject({ decision: { what: 'approved' } });
    const unneeded = { ...STATE, phase: 'AWAITING_WINDOW' as const };
    expect(judge('approve', WORDS, unneeded).taken).toBe(false);
    const unread = { ...newState(0), phase: 'AWAITING_WINDOW' as const };
    expect(judge('approve', WORDS, unread).taken).toBe(false);
  });

  it.each<[MaintenanceUpdate, Decision['what'], boolean]>([
    ['approve', 'approved', true],
    ['approve', 'rejected', false],
    ['approve', 'aborted', false],
    ['reject', 'rejected', true],
    ['reject', 'aborted', false],
  ])('%s after it was %s is nothing new: %s', (name, before, isTaken) => {
    const verdict = judge(name, WORDS, waiting('AWAITING_APPROVAL', decided(before)));
    expect(verdict).toMatchObject(isTaken ? { taken: true, decision: null } : { taken: false });
    expect(verdict.message).toContain(`${before} by bob at T0`);
  });

  test('that was given can still be taken back by a rejection', () => {
    const verdict = judge('reject', WORDS, waiting('AWAITING_WINDOW', decided('approved')));
    expect(verdict).toMatchObject({ decision: { what: 'rejected' } });
  });
});

describe('pause, resume and abort', () => {
  test('say what was so already, and by whom', () => {
    const paused = { ...STATE, decisions: [decided('paused')] };
    expect(judge('pause', WORDS, paused)).toMatchObject({
      ...{ decision: null, message: 'It was already paused by bob at T0.' },
    });
    expect(judge('resume', WORDS, paused)).toMatchObject({ decision: { what: 'resumed' } });
    expect(judge('resume', WORDS)).toMatchObject({ taken: true, decision: null });
    const aborted = { ...STATE, decisions: [decided('aborted')] };
    expect(judge('abort', WORDS, aborted)).toMatchObject({ decision: null });
  });
});

describe('skip', () => {
  const SKIP = { ...WORDS, instanceId: idOf(1) };
  const stateWith = (
    forward: Partial<LegState>,
    back: Partial<LegState> | null = null,
    state = maintenanceOf([planned(1), planned(2)], RETURN),
  ): MaintenanceState => {
    const gone = patchLeg(state, idOf(1), 'forward', forward);
    return back === null ? gone : patchLeg(gone, idOf(1), 'return', back);
  };
  const MOVED = { state: 'ENDED', outcome: 'SUCCEEDED' } as const;

  it.each<[string, MaintenanceState, string]>([
    [
      'leaves out what has not begun',
      stateWith({}),
      `Instance redis-1 (${idOf(1).slice(0, 8)}…) is left out: nothing is sent to it.`,
    ],
    [
      'keeps a master where it has gone',
      stateWith(MOVED),
      `Instance redis-1 (${idOf(1).slice(0, 8)}…) is not brought back.`,
    ],
    [
      'keeps it while its return has not begun',
      stateWith(MOVED, {}),
      `Instance redis-1 (${idOf(1).slice(0, 8)}…) is not brought back.`,
    ],
  ])('%s', (_, state, message) => {
    expect(judge('skip', SKIP, state)).toMatchObject({
      ...{ taken: true, message, decision: { what: 'skipped', instanceId: idOf(1) } },
    });
  });

  it.each<[string, MaintenanceState, RegExp]>([
    ['the instances are not known yet', newState(0), /not known yet/],
    ['the maintenance has no such instance', maintenanceOf([planned(2)]), /has no instance/],
    ['it is being switched', stateWith({ state: 'RUNNING' }), /is being switched/],
    ['it is being brought back', stateWith(MOVED, { state: 'RUNNING' }), /is being switched/],
    ['it is back', stateWith(MOVED, MOVED), /is over/],
    ['it was not moved', stateWith({ state: 'ENDED', outcome: 'NOOP' }), /is over/],
    ['none is brought back', stateWith(MOVED, null, STATE), /is over/],
  ])('is refused where %s', (_, state, words) => {
    const verdict = judge('skip', SKIP, state);
    expect(verdict).toMatchObject({ taken: false, type: 'NOT_POSSIBLE_NOW' });
    expect(verdict.message).toMatch(words);
  });

  it.each([
    ['forward', stateWith({ state: 'SKIPPED' })],
    ['return', stateWith(MOVED, { state: 'SKIPPED' })],
  ])('of a %s leg that is left out is nothing new', (_, state) => {
    expect(judge('skip', SKIP, state)).toMatchObject({ taken: true, decision: null });
  });

  test('takes away one leg of that instance, with who and why', () => {
    const decision = { ...decided('skipped', 'ada'), why: 'broken', instanceId: idOf(1) };
    const reason = 'skipped by ada at T0: broken';
    const skipped = { state: 'SKIPPED', cause: 'SKIPPED', reason };
    const forward = applyDecision(stateWith({}), decision);
    expect(forward.items).toMatchObject([
      { forward: skipped, return: null },
      { forward: { state: 'PENDING' } },
    ]);
    expect(forward.decisions).toStrictEqual([decision]);
    const back = applyDecision(stateWith(MOVED), { ...decision, why: null });
    expect(back.items[0]?.return).toMatchObject({ ...skipped, reason: 'skipped by ada at T0' });
  });

  test('of an instance that is not there changes no item', () => {
    const state = stateWith({});
    expect(applyDecision(state, decided('skipped')).items).toBe(state.items);
  });
});

test('a rejection and an abort stop the maintenance, with who and why', () => {
  const stopsOf = (what: Decision['what'], why: string | null) =>
    applyDecision(STATE, { ...decided(what), why }).stops;
  expect(stopsOf('rejected', 'no')).toStrictEqual([
    { cause: 'APPROVAL_REJECTED', reason: 'the maintenance was rejected by bob at T0: no' },
  ]);
  expect(stopsOf('aborted', null)).toStrictEqual([
    { cause: 'ABORTED', reason: 'the maintenance was aborted by bob at T0' },
  ]);
  expect(stopsOf('paused', null)).toStrictEqual([]);
});
