/** What a plan makes of the signal by which a switchover tells that it is in doubt. */
import { describe, expect, test } from '@jest/globals';

import { patchLeg, tellHolding } from '../../../src/domain/maintenance/state.js';

import { idOf, planned, planOf } from './support.js';

const OPEN = { state: 'RUNNING', stage: 'open', workflowId: 'lock', runId: 'run' } as const;
const TOLD = {
  ...{ workflowId: 'lock', runId: 'run', why: 'no trace' },
  lockedUntil: '2026-12-05T01:06:00.000Z',
};

const running = patchLeg(planOf([planned(1), planned(2)]), idOf(2), 'forward', OPEN);

describe('a plan that hears of a switchover in doubt', () => {
  test('says so in its row, and in no other', () => {
    const [other, row] = tellHolding(running, TOLD).rows;
    expect(row?.forward).toMatchObject({ state: 'RUNNING', outcome: 'UNKNOWN' });
    expect(other).toEqual(running.rows[0]);
  });

  test.each([
    ['nothing', undefined],
    ['no text', { ...TOLD, why: 7 }],
    ['no instant', { ...TOLD, lockedUntil: 'soon' }],
    ['another run', { ...TOLD, runId: 'other' }],
    ['another instance', { ...TOLD, workflowId: 'other' }],
  ])('changes nothing where %s is named', (_, told) => {
    expect(tellHolding(running, told)).toBe(running);
  });

  test('changes nothing of a switchover that has ended', () => {
    const ended = { state: 'ENDED', outcome: 'SUCCEEDED' } as const;
    const state = patchLeg(running, idOf(2), 'forward', ended);
    expect(tellHolding(state, TOLD)).toBe(state);
  });
});
