/** Each promise of a switchover at its edges: the nearest run that keeps it, and the nearest that breaks it. */
import { describe, expect, test } from '@jest/globals';

import { DEFAULT_TIMING } from '../../src/contract/index.js';
import type { WitnessWord } from '../../src/contract/index.js';
import { auditRunFacts, restMs } from '../../src/domain/invariants.js';
import type { AuditedRun } from '../../src/domain/invariants.js';
import type { Observation } from '../../src/domain/reports.js';
import type { PutFacts } from '../../src/domain/run-facts.js';

import { foundAgainst, rowsOf } from './promise-cases.js';
import type { Case } from './promise-cases.js';
import { NOW_MS, observationOf, requestOf } from './support.js';

const SENT_AT_MS = NOW_MS + 5_000;

const putOf = (extra: Partial<PutFacts> = {}): PutFacts => ({
  ...{ purpose: 'forward', state: 'accepted', sent: 1, executions: 1, hasLeft: true },
  ...{ scheduledAtMs: SENT_AT_MS, notAfterMs: SENT_AT_MS, redisVeto: null },
  ...extra,
});
const PUT = putOf();
const BACK = putOf({ purpose: 'compensate' });
const UNRESOLVED = putOf({ state: 'possibly-sent' });
const UNAPPLIED = putOf({ state: 'not-applied' });
const UNSENT = putOf({ state: 'not-applied', sent: 0, hasLeft: false });

const runOf = (extra: Partial<AuditedRun> = {}): AuditedRun => ({
  ...{ runId: 'run', mode: 'switch', startedAtMs: NOW_MS, closedAtMs: NOW_MS + 10_000 },
  ...{ resetAtMs: null, ended: 'completed', failureType: null, request: requestOf() },
  ...{ mayProceed: true, puts: [PUT], jobs: [{ state: 'SUCCESS' }], observation: observationOf() },
  ...{ result: { outcome: 'SUCCEEDED', swapsSent: 1, swapsAccepted: 1 }, text: '' },
  ...extra,
});
const open = (...puts: PutFacts[]): AuditedRun =>
  runOf({ ended: 'open', closedAtMs: null, result: null, puts });
const again = (...puts: PutFacts[]): AuditedRun => ({
  ...open(...puts),
  request: requestOf({ reissue: 'once' }),
});
const resetAt = (resetAtMs: number, ...puts: PutFacts[]): AuditedRun => ({
  ...open(...puts),
  resetAtMs,
});
const says = (result: AuditedRun['result'], extra: Partial<AuditedRun> = {}): AuditedRun =>
  runOf({ result, ...extra });
const seen = (extra: Partial<Observation>): AuditedRun =>
  runOf({ observation: observationOf(extra) });
const failedBy = (outcome: string, extra: Partial<AuditedRun> = {}): AuditedRun =>
  runOf({
    ...{ ended: 'failed', failureType: outcome, result: { outcome } as AuditedRun['result'] },
    ...extra,
  });
/** A run whose job failed, after which nothing had changed. */
const unchanged = (extra: Partial<AuditedRun> = {}): AuditedRun =>
  failedBy('FAILED_UNCHANGED', {
    ...{ jobs: [{ state: 'SUCCESS' }, { state: 'FAIL' }] },
    observation: observationOf({ change: 'unchanged' }),
    ...extra,
  });
const witnessed = (word: WitnessWord | null, judges: boolean | null): AuditedRun => ({
  ...seen(judges === null ? {} : ({ witness: { judges } } as Partial<Observation>)),
  result: {
    outcome: 'SUCCEEDED',
    ...(word === null ? {} : { dataPlane: { witness: { word } } }),
  } as AuditedRun['result'],
});

function judge(promise: string, cases: readonly Case<AuditedRun>[]): void {
  test.each(rowsOf(promise, cases))('%s', (_, run, expected) => {
    expect(foundAgainst(promise, auditRunFacts(run))).toEqual(expected);
  });
}

test('the run of which these are made keeps every promise', () => {
  expect(auditRunFacts(runOf())).toEqual([]);
  expect(auditRunFacts(unchanged())).toEqual([]);
});

describe('of what is sent,', () => {
  judge('one-forward-swap', [
    ['one, and a swap back', open(PUT, BACK), null],
    ['a second after one that was not applied', open(UNAPPLIED, PUT), null],
    ['a second one', open(PUT, PUT), '2 forward swaps'],
    ['a second one where it may be sent once more', again(PUT, PUT), null],
    ['a third one', again(PUT, PUT, PUT), '3 forward swaps'],
    [
      'a second one where nothing is known of the request',
      { ...open(PUT, PUT), request: null },
      '2',
    ],
  ]);

  judge('one-swap-back', [
    ['one after a forward swap', open(PUT, BACK), null],
    ['one that never left', open({ ...UNSENT, purpose: 'compensate' }), null],
    [
      'one that may have been sent after none',
      open({ ...UNRESOLVED, purpose: 'compensate' }),
      'without',
    ],
    ['one after an unresolved forward swap', open(UNRESOLVED, BACK), 'without'],
    ['a second one', open(PUT, BACK, BACK), '2 swaps back'],
  ]);

  judge('no-put-after-an-unresolved-one', [
    ['an unresolved one at the end', open(UNAPPLIED, UNRESOLVED), null],
    ['one behind it that never left', open(UNRESOLVED, UNSENT), null],
    ['one behind it that did nothing', open(UNRESOLVED, UNAPPLIED), '1 PUTs'],
    ['a swap back behind it', open(UNRESOLVED, BACK), '1 PUTs'],
    ['one behind it where it may be sent once more', again(UNRESOLVED, PUT), null],
    [
      'a further try of that one, of which the first did nothing',
      again(UNRESOLVED, UNAPPLIED, PUT),
      null,
    ],
    ['a swap back of that one', again(UNRESOLVED, PUT, BACK), null],
    ['two behind it', again(UNRESOLVED, PUT, PUT), '2 PUTs'],
    [
      'two behind it, of which the second never left',
      again(UNRESOLVED, PUT, putOf({ sent: 0 })),
      null,
    ],
  ]);

  judge('one-execution', [
    ['each one once', open(UNAPPLIED, PUT), null],
    ['the second one three times', open(UNAPPLIED, putOf({ executions: 3 })), '3 times'],
  ]);

  judge('nothing-after-a-reset', [
    ['a PUT of the earlier run', resetAt(SENT_AT_MS + 1, PUT), null],
    ['one that was refused after it', resetAt(SENT_AT_MS, putOf({ hasLeft: false })), null],
    ['a PUT at the very reset', resetAt(SENT_AT_MS, PUT), '1 PUTs'],
  ]);

  judge('in-time', [
    ['one at the last instant', open(PUT), null],
    ['one a millisecond late', open(putOf({ notAfterMs: SENT_AT_MS - 1 })), '1 ms after'],
    ['one that does not say until when', open(putOf({ notAfterMs: null })), null],
    ['a late one that never left', open({ ...UNSENT, notAfterMs: 0 }), null],
    ['a late one at the very reset', resetAt(SENT_AT_MS, putOf({ notAfterMs: 0 })), null],
    ['a late one right before it', resetAt(SENT_AT_MS + 1, putOf({ notAfterMs: 0 })), 'ms after'],
  ]);

  judge('a-veto-holds', [
    ['one that was held back', open({ ...UNSENT, redisVeto: 'Redis said SAME' }), null],
    ['one that was sent', open(putOf({ redisVeto: 'Redis said SAME' })), 'Redis said SAME'],
  ]);
});

describe('of the outcome,', () => {
  judge('success-is-proved', [
    [
      'a success that repeats that of an earlier run',
      says({ outcome: 'SUCCEEDED', repeatOfRunId: 'r' }, { puts: [], observation: null }),
      null,
    ],
    ['a verification that finds one', runOf({ mode: 'verify', puts: [], observation: null }), null],
    ['no accepted swap', runOf({ puts: [UNRESOLVED] }), 'no forward swap'],
    ['a swap back that was accepted', runOf({ puts: [PUT, BACK] }), 'a swap back'],
    ['roles that were not read', runOf({ observation: null }), 'as nothing'],
    ['roles that have not changed', seen({ change: 'unchanged' }), 'as unchanged'],
    ['roles that changed again', seen({ stable: false }), 'not stable'],
    ['a master that is not Active', seen({ masterActive: false }), 'not Active'],
  ]);

  judge('compensation-is-proved', [
    ['one of each', failedBy('COMPENSATED', { puts: [PUT, BACK] }), null],
    ['no forward swap', failedBy('COMPENSATED', { puts: [BACK] }), 'no forward swap'],
    ['no swap back', failedBy('COMPENSATED'), 'no compensate swap'],
  ]);

  judge('unchanged-is-proved', [
    ['a PUT that did nothing', unchanged({ puts: [UNAPPLIED], jobs: [] }), null],
    ['one of which no roles were read', unchanged({ observation: null }), null],
    ['one PUT unresolved of two', unchanged({ puts: [UNRESOLVED, PUT] }), 'unresolved'],
    ['a job that did not fail', unchanged({ jobs: [{ state: 'SUCCESS' }] }), 'did not fail'],
    ['changed roles', unchanged({ observation: observationOf() }), 'as changed'],
  ]);

  judge('the-witness-agrees', [
    ['a word that shows the move', witnessed('MOVED', true), null],
    ['a word against it that may not judge', witnessed('SAME', false), null],
    ['a word against it of which no watch knows', witnessed('SAME', null), null],
    [
      'a word against it where no roles were read',
      { ...witnessed('SAME', true), observation: null },
      null,
    ],
    ['no word', witnessed(null, true), null],
    ['a word against it', witnessed('SAME', true), 'SAME'],
    [
      'a word against an unchanged instance',
      {
        ...unchanged(),
        ...witnessed('MOVED', true),
        result: { ...witnessed('MOVED', true).result, outcome: 'FAILED_UNCHANGED' },
      },
      'MOVED',
    ],
  ]);

  judge('nothing-sent-is-true', [
    ['a refusal without a PUT', failedBy('REFUSED', { puts: [UNSENT] }), null],
    ['an unresolved end after one', failedBy('UNKNOWN'), null],
    ['a crash after one', failedBy('TypeError', { result: null }), null],
    ['a refusal after one', failedBy('REFUSED', { result: null }), '1 PUTs'],
    ['a needless run after one', says({ outcome: 'NOOP' }), '1 PUTs'],
    ['a cancellation after one', runOf({ ended: 'cancelled', result: null }), '1 PUTs'],
    ['a repetition after one', says({ outcome: 'SUCCEEDED', repeatOfRunId: 'r' }), '1 PUTs'],
  ]);

  judge('no-needless-unknown', [
    ['one PUT that may have been sent', failedBy('UNKNOWN', { puts: [UNSENT, UNRESOLVED] }), null],
    ['a verification', failedBy('UNKNOWN', { mode: 'verify', puts: [] }), null],
    ['none that left', failedBy('UNKNOWN', { puts: [UNSENT] }), 'nothing'],
  ]);

  judge('counts-are-true', [
    [
      'as many as there are',
      says({ swapsSent: 2, swapsAccepted: 1 }, { puts: [UNAPPLIED, PUT] }),
      null,
    ],
    ['a result of an earlier version, which counts none', says({ outcome: 'SUCCEEDED' }), null],
    ['a verification of two', runOf({ mode: 'verify', puts: [] }), null],
    [
      'a repetition',
      says({ swapsSent: 1, swapsAccepted: 1, repeatOfRunId: 'r' }, { puts: [] }),
      null,
    ],
    ['one sent too many', says({ swapsSent: 2, swapsAccepted: 1 }), '2 sent, the history 1'],
    ['none accepted', says({ swapsSent: 1, swapsAccepted: 0 }), '0 accepted, the history 1'],
  ]);
});

describe('of the end,', () => {
  judge('ends-by-a-name', [
    ['an open run', open(), null],
    ['a refusal', failedBy('REFUSED', { puts: [] }), null],
    ['a cancellation', runOf({ ended: 'cancelled', result: null }), null],
    ['an end from outside', runOf({ ended: 'from-outside', result: null }), null],
    ['a completion without an outcome', says(null), 'completed without'],
    ['a completion with a failure', says({ outcome: 'UNKNOWN' }), 'completed without'],
    ['a failure by a success', failedBy('SUCCEEDED'), 'SUCCEEDED'],
    ['a crash', failedBy('TypeError'), 'TypeError'],
    ['a failure of no type', runOf({ ended: 'failed' }), 'no type'],
  ]);

  judge('no-secret', [
    ['a secret that does not stand in it', runOf({ text: 'ab-c-d', secrets: ['c-b'] }), null],
    ['a known secret', runOf({ text: 'ab-c-d', secrets: ['c-b', 'b-c'] }), 'a known secret'],
  ]);

  const notAfterMs = NOW_MS + 900_000;
  const REST_MS = restMs(DEFAULT_TIMING);
  const took = (startedAtMs: number, closedAtMs: number | null): AuditedRun =>
    runOf({ startedAtMs, closedAtMs });
  judge('bounded', [
    ['an open run', took(NOW_MS, null), null],
    ['one of which no request is known', { ...took(NOW_MS, 9e15), request: null }, null],
    ['an end at the last instant', took(NOW_MS, notAfterMs + REST_MS), null],
    [
      'an end right after it',
      took(NOW_MS, notAfterMs + REST_MS + 1),
      `took ${900 + REST_MS / 1000} s`,
    ],
    [
      'a start too late, and an end in time',
      took(notAfterMs + 60_000, notAfterMs + 60_000 + REST_MS),
      null,
    ],
    [
      'a start too late, and an end too late',
      took(notAfterMs + 60_000, notAfterMs + 60_001 + REST_MS),
      'took',
    ],
  ]);

  test('has a bound that is the sum of all that may be waited for after the last PUT', () => {
    // Both swaps with their watches, the hold, the last look, and the patience with a quota, twice.
    expect(restMs(DEFAULT_TIMING)).toBe(2_848_000 + 416_000 + 3_600_000);
    expect(restMs({ ...DEFAULT_TIMING, quotaPatienceSeconds: 0 })).toBe(3_264_000);
  });
});
