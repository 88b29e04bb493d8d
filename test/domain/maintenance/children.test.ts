/** The switchovers that a maintenance starts, and what its hooks answer. */
import { describe, expect, it, test } from '@jest/globals';

import { childInput, readHookAnswer } from '../../../src/domain/maintenance/children.js';
import { newState, patchLeg } from '../../../src/domain/maintenance/state.js';
import type { MaintenanceState } from '../../../src/domain/maintenance/state.js';

import { idOf, maintenanceOf, planned, REQUEST, WINDOW } from './support.js';

const HOME = 'a'.repeat(32);
const NOW_MS = WINDOW.opensAtMs;
const { projectId, region, compensation, timing } = REQUEST;
const EVERY_CHILD = { projectId, region, compensation, timing, instanceId: idOf(0) };

type Extra = Parameters<typeof maintenanceOf>[1];
const stateOf = (extra: Extra = {}): MaintenanceState =>
  maintenanceOf([planned(0)], { reason: 'upgrade', requestedBy: 'ann', changeId: 'C1', ...extra });

const childOf = (
  state: MaintenanceState,
  leg: 'forward' | 'return' = 'forward',
  nowMs = NOW_MS,
) => {
  const [item] = state.items;
  if (item === undefined) throw new Error('no item');
  return childInput(state, item, leg, 'run-1', nowMs);
};

describe('the forward switchover', () => {
  test('toggles while the master is the one that the maintenance has seen', () => {
    expect(childOf(stateOf())).toStrictEqual({
      ok: true,
      workflowId: `dcs-switchover:${projectId}:${idOf(0)}`,
      input: {
        ...EVERY_CHILD,
        ...{ toggle: true, expectedMasterNodeId: HOME },
        ...{ notAfter: '1970-01-01T02:42:40.000Z', compensateNotAfter: '1970-01-01T02:46:40.000Z' },
        ...{ reason: 'upgrade', requestedBy: 'ann', changeId: 'C1', requestId: 'run-1:forward' },
      },
    });
  });

  test('goes to the target where there is one, whoever is the master', () => {
    const target = { availabilityZone: 'az2' };
    const child = childOf(stateOf({ toggle: false, target }));
    expect(child).toMatchObject({ ok: true, input: { target } });
    expect(child).not.toHaveProperty('input.expectedMasterNodeId');
  });

  test('is measured where the maintenance asks for it', () => {
    expect(childOf(stateOf({ probe: 'require' }))).toMatchObject({ input: { probe: 'require' } });
    expect(childOf(stateOf({ probe: 'off' }))).not.toHaveProperty('input.probe');
  });

  it.each([
    [
      'MAINTENANCE_UNREADABLE',
      'nothing has been read',
      (state: MaintenanceState) => ({ ...state, facts: null }),
    ],
    [
      'MASTER_UNKNOWN',
      'it toggles and its master was not seen',
      (state: MaintenanceState) => ({
        ...state,
        items: state.items.map((item) => ({ ...item, master: null })),
      }),
    ],
  ])('is none (%s) where %s', (cause, _, spoil) => {
    expect(childOf(spoil(stateOf()))).toMatchObject({ ok: false, cause });
  });

  it.each([
    ['before its window opens', NOW_MS - 1],
    ['from its latest safe start on', 9_760_000],
  ])('is none %s', (_, nowMs) => {
    expect(childOf(stateOf(), 'forward', nowMs)).toMatchObject({ ok: false, cause: 'WINDOW_OVER' });
  });

  test('is none where neither target nor toggle is asked for', () => {
    expect(childOf(stateOf({ toggle: false }))).toMatchObject({
      ok: false,
      cause: 'MASTER_UNKNOWN',
    });
  });
});

describe('the switchover back', () => {
  const RETURN = { returnLeg: { soakSeconds: 60, withinSeconds: 600 } };
  const moved = (soakEndsAtMs: number | null): MaintenanceState => ({
    ...patchLeg(stateOf(RETURN), idOf(0), 'forward', {
      ...{ state: 'ENDED', outcome: 'SUCCEEDED' },
      master: { nodeId: 'b', availabilityZone: null },
    }),
    soakEndsAtMs,
  });

  test('brings the master back from where the forward leg left it, in its time after the soak', () => {
    expect(childOf(moved(20_000_000), 'return', 20_000_000)).toMatchObject({
      input: {
        ...{ target: { nodeId: HOME }, expectedMasterNodeId: 'b', requestId: 'run-1:return' },
        notAfter: new Date(20_600_000).toISOString(),
      },
    });
    expect(childOf(moved(null), 'return', 30_000_000)).toMatchObject({
      input: { notAfter: new Date(30_600_000).toISOString() },
    });
  });

  test('is none where it is not known where the master is, or where it was', () => {
    const none = { ok: false, cause: 'MASTER_UNKNOWN' };
    const state = moved(0);
    expect(childOf(patchLeg(state, idOf(0), 'forward', { master: null }), 'return')).toMatchObject(
      none,
    );
    const homeless = { ...state, items: state.items.map((item) => ({ ...item, master: null })) };
    expect(childOf(homeless, 'return')).toMatchObject(none);
    expect(childOf(newStateWith(homeless), 'return')).toMatchObject({
      cause: 'MAINTENANCE_UNREADABLE',
    });
  });
});

const newStateWith = ({ items }: MaintenanceState): MaintenanceState => ({ ...newState(0), items });

describe('a hook that says', () => {
  it.each([
    ['proceed', { answer: 'proceed' }, { answer: 'proceed', reason: '' }],
    [
      'proceed, and why',
      { answer: 'proceed', reason: ' ok ' },
      { answer: 'proceed', reason: 'ok' },
    ],
    ['skip, and why', { answer: 'skip', reason: 'busy' }, { answer: 'skip', reason: 'busy' }],
    ['abort, and why', { answer: 'abort', reason: 'stop' }, { answer: 'abort', reason: 'stop' }],
  ])('%s is obeyed', (_, value, read) => {
    expect(readHookAnswer(value)).toStrictEqual(read);
  });

  it.each([
    ['skip without a reason', { answer: 'skip' }, 'skip needs a reason'],
    ['abort with blanks', { answer: 'abort', reason: ' ' }, 'abort needs a reason'],
    ['anything else', { answer: 'yes', reason: 'go' }, 'answer is none of proceed, skip, abort'],
    ['no object', 'proceed', 'answer is none of proceed, skip, abort'],
    ['nothing', undefined, 'answer is none of proceed, skip, abort'],
  ])('%s has said nothing that can be obeyed', (_, value, reason) => {
    expect(readHookAnswer(value)).toStrictEqual({ answer: 'malformed', reason });
  });
});
