/** What a run reports of the measurement beside its swap, whatever became of that. */
import { describe, expect, test } from '@jest/globals';

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
import { lane, measured } from '../support/data-plane.js';

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
    expect(measurementWarnings(measured({ state: 'not-measured', why: 'it was full' }))).toEqual([
      'The interruption was not measured: it was full.',
    ]);
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
