/** What a maintenance makes of the signal by which a switchover reports that it is unresolved. */
import { describe, expect, test } from '@jest/globals';

import { patchLeg, recordHolding } from '../../../src/domain/maintenance/state.js';

import { idOf, planned, maintenanceOf } from './support.js';

const OPEN = { state: 'RUNNING', stage: 'open', workflowId: 'lock', runId: 'run' } as const;
const SHOWN_FIRINGS = {
  ...{ workflowId: 'lock', runId: 'run', why: 'no trace' },
  lockedUntil: '2026-12-05T01:06:00.000Z',
};

const running = patchLeg(maintenanceOf([planned(1), planned(2)]), idOf(2), 'forward', OPEN);

describe('a maintenance that hears of an unresolved switchover', () => {
  test('says so in its item, and in no other', () => {
    const [other, item] = recordHolding(running, SHOWN_FIRINGS).items;
    expect(item?.forward).toMatchObject({ state: 'RUNNING', outcome: 'UNKNOWN' });
    expect(other).toEqual(running.items[0]);
  });

  test.each([
    ['nothing', undefined],
    ['no text', { ...SHOWN_FIRINGS, why: 7 }],
    ['no instant', { ...SHOWN_FIRINGS, lockedUntil: 'soon' }],
    ['another run', { ...SHOWN_FIRINGS, runId: 'other' }],
    ['another instance', { ...SHOWN_FIRINGS, workflowId: 'other' }],
  ])('changes nothing where %s is named', (_, reported) => {
    expect(recordHolding(running, reported)).toBe(running);
  });

  test('changes nothing of a switchover that has ended', () => {
    const ended = { state: 'ENDED', outcome: 'SUCCEEDED' } as const;
    const state = patchLeg(running, idOf(2), 'forward', ended);
    expect(recordHolding(state, SHOWN_FIRINGS)).toBe(state);
  });
});
