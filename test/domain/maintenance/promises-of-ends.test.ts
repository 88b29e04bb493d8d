/** The promises of a maintenance that are about its decisions and its end, at their edges: what just keeps each, and what breaks it. */
import { describe, expect, test } from '@jest/globals';

import type { Decision, MaintenanceResult } from '../../../src/contract/index.js';
import { auditMaintenance } from '../../../src/domain/maintenance/invariants.js';
import { afterwardsMs } from '../../../src/domain/maintenance/run-facts.js';
import type { AuditedMaintenance } from '../../../src/domain/maintenance/run-facts.js';
import { patchLeg } from '../../../src/domain/maintenance/state.js';
import type { LegState } from '../../../src/domain/maintenance/state.js';

import { foundAgainst, rowsOf } from '../promise-cases.js';
import type { Case } from '../promise-cases.js';

import {
  askedOf,
  decidedBefore,
  idOf,
  maintenanceOf,
  messagesOf,
  planned,
  REQUEST,
  runOf,
  WINDOW,
} from './support.js';

const changed = (...names: string[]): AuditedMaintenance =>
  runOf({ messages: messagesOf(...names) });

function judge(promise: string, cases: readonly Case<AuditedMaintenance>[]): void {
  test.each(rowsOf(promise, cases))('%s', (_, run, expected) => {
    expect(foundAgainst(promise, auditMaintenance(run))).toEqual(expected);
  });
}

describe('of what was decided,', () => {
  judge('repeats-change-nothing', [
    ['a pause after a resume', changed('pause', 'resume', 'pause'), null],
    ['a pause with an approval in between', changed('pause', 'approve', 'resume'), null],
    ['two that were left out', changed('skip', 'skip'), null],
    ['a second approval', changed('approve', 'skip', 'approve'), 'approved twice'],
    ['a second rejection', changed('reject', 'reject'), 'rejected twice'],
    ['a second abort', changed('abort', 'abort'), 'aborted twice'],
    ['a second pause', changed('pause', 'approve', 'pause'), 'paused twice'],
    ['a resume of what is not paused', changed('resume'), 'resumed twice'],
    ['a second resume', changed('pause', 'resume', 'resume'), 'resumed twice'],
    [
      'a second approval, after an earlier run',
      { ...changed('approve'), carried: decidedBefore('approved') },
      'approved twice',
    ],
  ]);

  const names = (...what: Decision['what'][]): AuditedMaintenance => ({
    ...changed('approve', 'pause'),
    result: { decisions: decidedBefore(...what).decisions },
  });
  judge('decisions-are-true', [
    ['a run without a result', changed('approve'), null],
    [
      'a result of an earlier version, which names none',
      { ...changed('approve'), result: {} },
      null,
    ],
    ['both, in order', names('approved', 'paused'), null],
    ['both, out of order', names('paused', 'approved'), 'paused,approved'],
    ['one too few', names('approved'), 'not approved,paused'],
    ['one too many', names('approved', 'paused', 'aborted'), 'aborted'],
  ]);
});

describe('of the end,', () => {
  const DONE: Partial<LegState> = {
    state: 'ENDED',
    outcome: 'SUCCEEDED',
    runId: 'run-0',
    swapsSent: 1,
  };
  const itemsOf = (count: number, patch: Partial<LegState> = DONE) =>
    patchLeg(maintenanceOf([planned(0), planned(1)]), idOf(0), 'forward', patch).items.slice(
      0,
      count,
    );
  const counts = { pending: 0, running: 0, done: 1, failed: 0, skipped: 0, notStarted: 0 };
  const says = (result: Partial<MaintenanceResult>): AuditedMaintenance => ({
    ...runOf({ asked: [askedOf(0)] }),
    result: { outcome: 'COMPLETED', items: itemsOf(1), counts, ...result },
  });
  const waiting = { items: itemsOf(2), counts: { ...counts, pending: 1 } };
  const nothing = { items: [], counts: { ...counts, done: 0 } };
  const [moved] = itemsOf(1);
  if (moved === undefined) throw new Error('there is one');
  judge('result-is-true', [
    ['no result', runOf({ asked: [askedOf(0)] }), null],
    ['one that was done', says({}), null],
    ['one of two that was done, called partial', says({ ...waiting, outcome: 'PARTIAL' }), null],
    ['nothing that was to be done', says({ ...nothing, outcome: 'COMPLETED' }), null],
    ['nothing that was to be done, called partial', says({ ...nothing, outcome: 'PARTIAL' }), null],
    ['a plan of two', says({ ...waiting, outcome: 'PLANNED' }), null],
    ['all that were done, called a plan', says({ outcome: 'PLANNED' }), null],
    ['one of two that was done, called complete', says(waiting), 'complete'],
    ['all that were done, called partial', says({ outcome: 'PARTIAL' }), 'partial'],
    [
      'one that is called otherwise',
      says({ items: itemsOf(1, { ...DONE, outcome: 'NOOP' }) }),
      'NOOP, forward',
    ],
    [
      'a return leg that no run has shown',
      says({ items: [{ ...moved, return: { ...moved.forward, leg: 'return' } }] }),
      'SUCCEEDED, return',
    ],
    ['one that is not counted', says({ counts: { ...counts, done: 0 } }), '0 of 1'],
    ['one that is counted twice', says({ counts: { ...counts, skipped: 1 } }), '2 of 1'],
    ['counts of nothing', runOf({ result: { counts } }), '1 of 0'],
  ]);

  const end = (
    ended: AuditedMaintenance['ended'],
    outcome: string | null,
    failureType: string | null = null,
  ) =>
    runOf({
      ended,
      failureType,
      result: outcome === null ? null : ({ outcome } as AuditedMaintenance['result']),
    });
  judge('ends-by-a-name', [
    ['an open run', end('open', null), null],
    ['one that was continued', end('continued', null), null],
    ['a cancellation', end('cancelled', null), null],
    ['an end from outside', end('from-outside', null), null],
    ['a completion', end('completed', 'COMPLETED'), null],
    ['a plan', end('completed', 'PLANNED'), null],
    ['a completion that is called partial', end('completed', 'PARTIAL'), 'completed without'],
    ['a completion without a result', end('completed', null), 'completed without'],
    ['a failure by PARTIAL', end('failed', 'PARTIAL', 'PARTIAL'), null],
    ['a failure by its input', end('failed', null, 'INVALID_INPUT'), null],
    ['a crash', end('failed', null, 'TypeError'), 'TypeError'],
    ['a failure of no type', end('failed', null), 'no type'],
  ]);

  const AFTER_MS = afterwardsMs(REQUEST);
  const took = (
    startedAtMs: number,
    closedAtMs: number | null,
    extra: Partial<AuditedMaintenance> = {},
  ) => runOf({ startedAtMs, closedAtMs, ...extra });
  const lateMs = WINDOW.closesAtMs + 5_000;
  judge('bounded', [
    ['an open run', took(0, null), null],
    ['one without a window', took(0, 9e15, { window: null }), null],
    ['one of which no request is known', took(0, 9e15, { request: null }), null],
    ['an end at the last instant', took(0, WINDOW.closesAtMs + AFTER_MS), null],
    ['an end two seconds later', took(0, WINDOW.closesAtMs + AFTER_MS + 2_000), 'ended 2 s later'],
    [
      'a run that began after the window, at its last instant',
      took(lateMs, lateMs + AFTER_MS),
      null,
    ],
    [
      'one of those that ended right after it',
      took(lateMs, lateMs + AFTER_MS + 1),
      'ended 0 s later',
    ],
  ]);
});
