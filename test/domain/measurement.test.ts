/** What a run reports of the measurement beside its swap, whatever became of that. */
import { describe, expect, test } from '@jest/globals';

import type { Look } from '../../src/contract/index.js';
import { isSurelyBefore } from '../../src/domain/clocks.js';
import {
  measurementWarnings,
  notMeasured,
  openDataPlane,
  withMeasurement,
} from '../../src/domain/measurement.js';
import type { MeasuredFigures, MeasureReport } from '../../src/domain/measurement.js';
import type { DataPlaneFindings } from '../../src/domain/preflight-report.js';
import { preChecked, newRunState, swapAnswered } from '../../src/domain/run-state.js';
import type { FirstSent } from '../../src/domain/swap.js';
import { calmLane, lane, measured } from '../support/data-plane.js';
import { LOOK } from '../support/redis-looks.js';

import { BEFORE, NOW_MS, requestOf } from './support.js';

const FINDINGS: DataPlaneFindings = {
  ...{ offered: true, judges: true, binding: 'password', address: '10.0.0.9:6379', look: null },
  ...{ why: null, measures: true, periodMs: 50, write: true },
};
const { write, read, idleConnection, lostWrites, coverage, quality } = measured();
const FIGURES: MeasuredFigures = { write, read, idleConnection, lostWrites, coverage, quality };
const reportOf = (figures: Partial<MeasuredFigures> = {}, armedAtMs = NOW_MS): MeasureReport => ({
  ...{ state: 'measured', address: '10.0.0.9:6379', figures: { ...FIGURES, ...figures } },
  missing: [],
  armed: { atMs: armedAtMs, aheadMs: 5 },
});
const OPEN = openDataPlane(FINDINGS, 'require') ?? measured();
const sentAt = (atMs: number, aheadMs: number | null = 5): FirstSent => ({ atMs, aheadMs });

describe('before a PUT', () => {
  test('there is nothing where no one looks', () => {
    expect(openDataPlane(undefined, 'if-possible')).toBeNull();
    expect(newRunState({}, NOW_MS)).toMatchObject({ dataPlane: null, firstSent: null });
  });

  test('a worker that may look without being asked to measure is a witness only', () => {
    expect(openDataPlane({ ...FINDINGS, measures: false })).toMatchObject({
      ...{ state: 'witness-only', why: 'no measurement was asked for' },
    });
  });

  test('what stands in the way of a measurement is said', () => {
    const why = 'no entry of the worker matches';
    expect(openDataPlane({ ...FINDINGS, measures: false, why }, 'if-possible')).toMatchObject({
      ...{ state: 'not-measured', why },
    });
    expect(OPEN).toMatchObject({ state: 'not-measured', why: 'no PUT was sent' });
  });

  test.each<[string, Look | null, string | null, string, number]>([
    ['was looked at', LOOK, null, 'looked at once', 1],
    ['was looked at, and cannot be measured', LOOK, 'GET: not allowed', 'GET: not allowed', 1],
    ['could not be looked at', null, 'INFO: not allowed', 'INFO: not allowed', 0],
  ])('Redis that %s has said nothing yet, and there is no figure', (_, look, why, said, looks) => {
    expect(openDataPlane({ ...FINDINGS, look, why }, 'require')).toStrictEqual({
      ...{ state: 'not-measured', why: 'no PUT was sent', address: '10.0.0.9:6379' },
      ...{ binding: 'password', write: null, read: null, idleConnection: null, lostWrites: null },
      witness: {
        ...{ word: 'CANNOT_TELL', why: expect.stringContaining(said), before: look, after: null },
        ...{ looks, lostBytesAtLeast: null },
      },
      coverage: 'whole',
      quality: { periodMs: 50, ownStallMs: 0, unseenMs: 0, armedAt: null },
    });
  });
});

describe('a measurement', () => {
  test('that was ready before the PUT covers the whole of it', () => {
    expect(withMeasurement(OPEN, reportOf(), sentAt(NOW_MS + 1))).toMatchObject({
      ...{ state: 'measured', why: null, coverage: 'whole', write: FIGURES.write },
    });
  });

  test.each<[string, FirstSent | null]>([
    ['was not ready before the PUT', sentAt(NOW_MS)],
    ['was made by a clock that differs from the sender’s', sentAt(NOW_MS + 60_000, 60_005)],
    ['belongs to a PUT of an older version', sentAt(NOW_MS + 1, null)],
    ['belongs to a PUT whose sender did not report', 'unknown'],
  ])('that %s begins late', (_, sent) => {
    expect(withMeasurement(OPEN, reportOf(), sent).coverage).toBe('begins-late');
  });

  test('says that it ends broken, late or not', () => {
    const coverage = 'ends-broken' as const;
    expect(withMeasurement(OPEN, reportOf({ coverage }), 'unknown').coverage).toBe(coverage);
  });

  test('of a PUT that did nothing is late for nothing', () => {
    expect(withMeasurement(OPEN, reportOf(), null).coverage).toBe('whole');
  });

  test('that failed leaves no figure', () => {
    const report = withMeasurement(OPEN, notMeasured('its worker was lost', '9o'), sentAt(NOW_MS));
    expect(report).toStrictEqual({ ...OPEN, why: 'its worker was lost' });
  });

  test('that failed keeps what was seen until then as evidence, where there is something', () => {
    const failed = { state: 'not-measured', why: 'its worker was lost' };
    expect(notMeasured(failed.why, '9o')).toStrictEqual({ ...failed, strip: '9o' });
    expect(notMeasured(failed.why)).toStrictEqual(failed);
  });
});

describe('the idle connection', () => {
  const endOf = (
    idle: MeasuredFigures['idleConnection'],
    sent: FirstSent | null,
  ): MeasuredFigures['idleConnection'] =>
    withMeasurement(OPEN, reportOf({ idleConnection: idle }), sent).idleConnection;

  const closed = { state: 'closed-by-peer' as const, atMs: NOW_MS + 1_900 };

  test.each<[string, FirstSent | null, number | null]>([
    ['counts from the PUT', sentAt(NOW_MS + 400), 1_500],
    ['before the PUT counts as none', sentAt(NOW_MS + 2_000), 0],
    ['by a clock that differs from the sender’s is not known', sentAt(NOW_MS, 60_005), null],
    ['of a PUT whose sender did not report is not known', 'unknown', null],
    ['without a PUT is not known', null, null],
  ])('whose end %s', (_, sent, atMs) => {
    expect(endOf(closed, sent)).toStrictEqual({ state: 'closed-by-peer', atMs });
  });

  test('that did not end, or was not there, has no end', () => {
    const works = { state: 'still-works' as const, atMs: null };
    expect(endOf(works, sentAt(NOW_MS))).toStrictEqual(works);
    expect(endOf(null, sentAt(NOW_MS))).toBeNull();
  });
});

describe('the warnings', () => {
  test('are none where all went well', () => {
    expect(measurementWarnings(measured())).toEqual([]);
  });

  test('name lost writes, long interruptions, an open end, and what was not measured', () => {
    const long = { from: '2026-11-24T02:00:02.450Z', minMs: 41_000, maxMs: 41_100, kinds: [] };
    const bad = measured({
      ...{ lostWrites: { count: 3, of: 512, perSecond: 20, why: null } },
      ...{ write: lane({ interruptions: [long], strip: '45o9r' }), coverage: 'ends-broken' },
    });
    expect(measurementWarnings(bad)).toEqual([
      'Redis lost 3 of 512 test writes that it had acknowledged.',
      'Writes failed for at least 41 s.',
      'Writes still failed when the measurement ended: Redis took no writes (READONLY).',
    ]);
  });

  test.each([
    ['it was full', 'it was full'],
    [null, 'no reason'],
  ])('are one alone where nothing was measured for %s', (why, said) => {
    expect(measurementWarnings(measured({ state: 'not-measured', why }))).toStrictEqual([
      expect.stringContaining(`not measured: ${said}.`),
    ]);
  });

  test('name each part that was not measured, and nothing else where that is all', () => {
    const none = { write: null, read: null, lostWrites: null };
    const missing = ['Writes: AUTH: refused', 'Reads: GET: refused'];
    expect(measurementWarnings(measured(none), missing)).toStrictEqual(
      missing.map((each) => `Not measured: ${each}.`),
    );
    expect(measurementWarnings(measured({ ...none, coverage: 'ends-broken' }))).toStrictEqual([]);
  });

  test.each([
    [30_000, []],
    [30_600, [expect.stringContaining('at least 31 s')]],
  ])('of writes that failed for at least %i ms are %j', (minMs, expected) => {
    const spans = [5, minMs, 7].map((each) => ({ from: '', minMs: each, maxMs: each, kinds: [] }));
    const write = lane({ interruptions: spans });
    expect(measurementWarnings(measured({ write }))).toStrictEqual(expected);
  });

  test.each([
    ['r', 'READONLY'],
    ['t', 'nothing answered'],
    ['x', 'refused or reset'],
    ['e', 'answered with errors'],
  ])('say of a lane that ends in %s how it failed, where it ends broken', (cell, how) => {
    const broken = { write: calmLane(), read: calmLane({ strip: `9o2${cell}` }) };
    expect(measurementWarnings(measured({ ...broken, coverage: 'ends-broken' }))).toStrictEqual([
      expect.stringMatching(`^Reads still failed .*${how}`),
    ]);
    expect(measurementWarnings(measured({ ...broken, coverage: 'whole' }))).toStrictEqual([]);
  });

  test.each([null, 0])('say nothing of lost writes of which the count is %j', (count) => {
    const lostWrites = { count, of: 512, perSecond: 20, why: null };
    expect(measurementWarnings(measured({ lostWrites }))).toStrictEqual([]);
  });
});

test('two instants are compared only where both clocks are known to agree', () => {
  const at = (atMs: number, aheadMs: number | null) => ({ atMs, aheadMs });
  expect(isSurelyBefore(at(1, 660_000), at(2, 660_200))).toBe(true);
  expect(isSurelyBefore(at(2, 0), at(2, 0))).toBe(false);
  expect(isSurelyBefore(at(1, 0), at(2, 251))).toBe(false);
  expect(isSurelyBefore(at(1, 251), at(2, 0))).toBe(false);
  expect(isSurelyBefore(at(1, null), at(2, 0))).toBe(false);
  // One process has one clock, however long an activity waited for it.
  const own = (atMs: number, aheadMs: number) => ({ ...at(atMs, aheadMs), clockId: 'a' });
  expect(isSurelyBefore(own(1, 0), own(2, 5_000))).toBe(true);
  expect(isSurelyBefore(own(2, 0), own(1, 5_000))).toBe(false);
  expect(isSurelyBefore(own(1, 0), { ...own(2, 5_000), clockId: 'b' })).toBe(false);
});

test('the first PUT that may have had an effect counts, whatever follows', () => {
  const accepted = { kind: 'accepted', jobId: 'j', requestId: null, clockAheadMs: 7 } as const;
  const reports = [
    { kind: 'rejected', detail: '400' } as const,
    { ...accepted, sentAtMs: NOW_MS },
    { ...accepted, sentAtMs: NOW_MS + 1 },
  ];
  const begun = newRunState({}, NOW_MS);
  const state = reports.reduce((before, report) => swapAnswered(report)(before, NOW_MS), begun);
  expect(state.firstSent).toEqual({ atMs: NOW_MS, aheadMs: 7 });
});

test('the pre-check opens the report', () => {
  const state = preChecked({
    ...{ verdict: 'proceed', request: requestOf({ probe: 'require' }), checks: [], before: BEFORE },
    ...{ knownSwapTaskIds: [], warnings: [], searchAttributes: [], dataPlane: FINDINGS },
  })(newRunState({}, NOW_MS), NOW_MS);
  expect(state.dataPlane).toEqual(OPEN);
});
