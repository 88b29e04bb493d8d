/** What messages mean, how a maintenance ends, and what is said of both. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { MAINTENANCE_UPDATES } from '../../../src/contract/index.js';
import type { LegOutcome, MaintenanceUpdate } from '../../../src/contract/index.js';
import { childInput } from '../../../src/domain/maintenance/children.js';
import { applyDecision, judgeMessage } from '../../../src/domain/maintenance/decisions.js';
import { toMaintenanceMarkdown } from '../../../src/domain/maintenance/details.js';
import { conclude, toProgress } from '../../../src/domain/maintenance/progress.js';
import { composeResultMessage } from '../../../src/domain/maintenance/result.js';
import { patchLeg } from '../../../src/domain/maintenance/state.js';
import type { MaintenanceState } from '../../../src/domain/maintenance/state.js';
import { switchoverTexts } from '../../../src/domain/run-texts.js';
import { clipBytes } from '../../../src/domain/text.js';

import { idOf, planned, maintenanceOf, REQUEST, WINDOW } from './support.js';

const names = Object.keys(MAINTENANCE_UPDATES) as MaintenanceUpdate[];
const AT = '2026-01-01T00:00:00.000Z';

const play = (state: MaintenanceState, name: MaintenanceUpdate, message: unknown) => {
  const verdict = judgeMessage(name, message, state, AT);
  const decision = verdict.taken ? verdict.decision : null;
  return { verdict, state: decision === null ? state : applyDecision(state, decision) };
};

const messages = fc.array(
  fc.record({ name: fc.constantFrom(...names), index: fc.integer({ min: 0, max: 4 }) }),
  { maxLength: 20 },
);

const argument = (name: MaintenanceUpdate, index: number) => ({
  ...{ by: 'ada', why: 'a test' },
  ...(name === 'skip' ? { instanceId: idOf(index) } : {}),
});

describe('messages', () => {
  test('sent twice in a row change nothing the second time', () => {
    fc.assert(
      fc.property(messages, (sequence) => {
        let state = maintenanceOf([planned(1), planned(2), planned(3)], { requireApproval: true });
        state = { ...state, phase: 'AWAITING_APPROVAL' };
        for (const { name, index } of sequence) {
          const first = play(state, name, argument(name, index));
          const second = play(first.state, name, argument(name, index));
          expect(second.state).toEqual(first.state);
          expect(second.verdict.taken).toBe(first.verdict.taken);
          state = first.state;
        }
      }),
    );
  });

  test('of any shape are judged without harm', () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.anything(), (name, value) => {
        const verdict = judgeMessage(name, value, maintenanceOf([planned(1)]), AT);
        expect(verdict.message).not.toBe('');
      }),
    );
  });

  test('come too late once the maintenance has ended', () => {
    const ended = { ...maintenanceOf([planned(1)]), phase: 'ENDED' as const };
    for (const name of names)
      expect(judgeMessage(name, argument(name, 1), ended, AT)).toMatchObject({
        type: 'NOT_POSSIBLE_NOW',
      });
  });

  test('skip takes no instance that runs or is over', () => {
    for (const state of ['RUNNING', 'ENDED', 'NOT_STARTED'] as const) {
      const item = patchLeg(maintenanceOf([planned(1)]), idOf(1), 'forward', { state });
      expect(judgeMessage('skip', argument('skip', 1), item, AT)).toMatchObject({
        type: 'NOT_POSSIBLE_NOW',
      });
    }
  });
});

describe('the end of a maintenance', () => {
  const outcomes = fc.constantFrom<LegOutcome | null>(
    ...(['SUCCEEDED', 'NOOP', 'REFUSED', 'UNKNOWN', 'COMPENSATED', 'CANCELLED', null] as const),
  );
  const legs = fc.array(fc.record({ forward: outcomes, back: outcomes }), { minLength: 1 });

  test('is COMPLETED only where all is done, and back where that was asked for', () => {
    fc.assert(
      fc.property(legs, fc.boolean(), (items, hasReturnLeg) => {
        const returnLeg = hasReturnLeg ? { soakSeconds: 0, withinSeconds: 60 } : null;
        let state = maintenanceOf(
          items.map((_, index) => planned(index)),
          { returnLeg },
        );
        items.forEach(({ forward, back }, index) => {
          const patch = (outcome: LegOutcome | null) =>
            outcome === null
              ? ({ state: 'NOT_STARTED' } as const)
              : ({ state: 'ENDED', outcome } as const);
          state = patchLeg(state, idOf(index), 'forward', patch(forward));
          if (forward === 'SUCCEEDED' && hasReturnLeg)
            state = patchLeg(state, idOf(index), 'return', patch(back));
        });
        const good = (outcome: LegOutcome | null) => outcome === 'SUCCEEDED' || outcome === 'NOOP';
        const isAllDone = items.every(
          ({ forward, back }) =>
            good(forward) && (!hasReturnLeg || forward === 'NOOP' || good(back)),
        );
        expect(conclude(state).outcome).toBe(isAllDone ? 'COMPLETED' : 'PARTIAL');
      }),
    );
  });

  test('unresolved shows how to find out, before the rest is done', () => {
    const uncertainty = { state: 'ENDED', outcome: 'UNKNOWN', runId: 'run-1' } as const;
    const state = patchLeg(maintenanceOf([planned(1)]), idOf(1), 'forward', uncertainty);
    const { projectId } = REQUEST;
    const facts = { outcome: 'PARTIAL', cause: 'INSTANCES_NOT_DONE', projectId } as const;
    const message = composeResultMessage({
      ...facts,
      maintenanceName: 'weekly',
      taskQueue: 'blue',
      input: null,
      state,
      obstacle: null,
    });
    expect(message).toMatch(
      /verify 1111.*--examined-run run-1 --task-queue blue\nThen do the rest:\n.*--rest-of weekly --task-queue blue$/,
    );
  });
});

describe('the switchover of an item', () => {
  test('has no time before the window, at its latest safe start, or after', () => {
    const state = maintenanceOf([planned(1)]);
    const [item] = state.items as [MaintenanceState['items'][number]];
    const at = (ms: number) => childInput(state, item, 'forward', 'run', ms).ok;
    const lastMs = WINDOW.closesAtMs - 240_000;
    expect([WINDOW.opensAtMs - 1, WINDOW.opensAtMs, lastMs - 1, lastMs].map(at)).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  test('has a summary that the server takes, no matter who asks', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 128 }), (requestedBy) => {
        const input = { projectId: 'p', instanceId: 'i', toggle: true, requestedBy };
        const summary = switchoverTexts(input, {
          part: { maintenance: 'x'.repeat(64), leg: 'forward' },
        }).staticSummary;
        expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(163);
        expect(clipBytes(requestedBy, 1000)).toBe(requestedBy);
      }),
    );
  });
});

test('the details of a thousand instances stay short, and no one’s words format them', () => {
  const items = Array.from({ length: 1000 }, (_, index) => planned(index, { name: '**x** --y' }));
  const text = toMaintenanceMarkdown(toProgress('weekly', maintenanceOf(items), null), 'weekly');
  expect(Buffer.byteLength(text)).toBeLessThan(20_000);
  expect(text).toContain('\\*\\*x\\*\\*');
  expect(text).toContain('… and 960 more');
});
