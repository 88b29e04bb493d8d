/** The measurement beside a swap: what is asked for, what comes back, and what of it a run reports. Pure. */
import type { DataPlaneReport, ProbePolicy, SwitchoverRequest } from '../contract/index.js';
import { entryOf } from '../util.js';

import { isSameClock, isSurelyBefore } from './clocks.js';
import type { StampedByWorker } from './clocks.js';
import type { DataPlaneFindings } from './preflight-report.js';
import type { FirstSent } from './swap.js';

/** Argument of `measure`. */
export interface MeasureCall {
  readonly request: SwitchoverRequest;
  /** The run's original execution run id; differs from the run id after a workflow reset. */
  readonly originalRunId: string;
}

/** What was measured. Of the idle connection `atMs` is an instant yet, by the worker's clock, not the time since the PUT. */
export type MeasuredFigures = Pick<
  DataPlaneReport,
  'write' | 'read' | 'idleConnection' | 'lostWrites' | 'coverage' | 'quality'
>;

/** What `measure` reports. */
export type MeasureReport = Measured | NotMeasured;

interface Measured {
  readonly state: 'measured';
  /** `host:port`. */
  readonly address: string;
  readonly figures: MeasuredFigures;
  /** What of it could not be measured, a sentence each. */
  readonly missing: readonly string[];
  /** When it was ready. */
  readonly armed: StampedByWorker;
}

interface NotMeasured {
  readonly state: 'not-measured';
  /** In plain words. */
  readonly why: string;
  /** What had been seen until then, as evidence alone: figures of a part are no figures. */
  readonly strip?: string;
}

/** What a run knows of Redis itself. */
export interface MeasuredState {
  /** `null` where no one looks. */
  readonly dataPlane: DataPlaneReport | null;
  readonly firstSent: FirstSent | null;
}

/** Before anyone has looked, and before any PUT. */
export const NOTHING_MEASURED: MeasuredState = { dataPlane: null, firstSent: null };

/** There are no figures, and why. */
export function notMeasured(why: string, strip = ''): NotMeasured {
  return { state: 'not-measured', why, ...(strip === '' ? {} : { strip }) };
}

/** Of a run that has begun: what is known of Redis before a PUT; `null` where no one looks. */
export function openDataPlane(
  findings: DataPlaneFindings | undefined,
  probe: ProbePolicy = 'off',
): DataPlaneReport | null {
  if (findings === undefined) return null;
  const { address, binding, look, why, measures } = findings;
  const asked = probe !== 'off';
  return {
    ...{ state: asked ? 'not-measured' : 'witness-only', address, binding },
    why: whyNone(asked, measures, why),
    witness: {
      ...{ word: 'CANNOT_TELL', why: why ?? 'Redis was looked at once', before: look, after: null },
      ...{ looks: look === null ? 0 : 1, lostBytesAtLeast: null },
    },
    ...{ write: null, read: null, idleConnection: null, lostWrites: null, coverage: 'whole' },
    quality: { periodMs: findings.periodMs, ownStallMs: 0, unseenMs: 0, armedAt: null },
  };
}

function whyNone(asked: boolean, measures: boolean, why: string | null): string {
  if (!asked) return 'no measurement was asked for';
  return measures ? 'no PUT was sent' : (why ?? 'Redis cannot be measured');
}

/** The same report with the figures, or why there are none. */
export function withMeasurement(
  report: DataPlaneReport,
  measured: MeasureReport,
  firstSent: FirstSent | null,
): DataPlaneReport {
  if (measured.state === 'not-measured')
    return { ...report, state: 'not-measured', why: measured.why };
  const { figures, armed, address } = measured;
  const isLate =
    firstSent !== null && (firstSent === 'unknown' || !isSurelyBefore(armed, firstSent));
  const coverage = isLate && figures.coverage === 'whole' ? 'begins-late' : figures.coverage;
  const idleConnection = sincePut(measured, firstSent);
  return { ...report, ...figures, address, state: 'measured', why: null, coverage, idleConnection };
}

/** The end of the idle connection counts from the PUT, where the two clocks agree. */
function sincePut(
  { figures: { idleConnection }, armed }: Measured,
  firstSent: FirstSent | null,
): DataPlaneReport['idleConnection'] {
  const endedAtMs = idleConnection?.atMs ?? null;
  if (idleConnection === null || endedAtMs === null) return idleConnection;
  const isKnown = firstSent !== null && firstSent !== 'unknown' && isSameClock(armed, firstSent);
  const atMs = isKnown ? Math.max(0, endedAtMs - firstSent.atMs) : null;
  return { ...idleConnection, atMs };
}

/** Writes that failed for longer than this are worth a warning, in milliseconds. */
const LONG_INTERRUPTION_MS = 30_000;

/** What a person should know of the figures. They decide nothing. @param missing what could not be measured */
export function measurementWarnings(
  { state, why, write, read, lostWrites, coverage }: DataPlaneReport,
  missing: readonly string[] = [],
): string[] {
  if (state !== 'measured') return [`The interruption was not measured: ${why ?? 'no reason'}.`];
  return [
    ...missing.map((each) => `Not measured: ${each}.`),
    ...lossWarnings(lostWrites),
    ...lengthWarnings(write),
    ...(coverage === 'ends-broken'
      ? [...endWarnings('Writes', write), ...endWarnings('Reads', read)]
      : []),
  ];
}

/** What the last cell of a strip says, where it is a failure. */
const LAST_CELL: Readonly<Record<string, string>> = {
  r: 'Redis took no writes (READONLY)',
  t: 'nothing answered',
  x: 'connections were refused or reset',
  e: 'Redis answered with errors',
};

function endWarnings(what: string, lane: DataPlaneReport['write']): string[] {
  const how = entryOf(LAST_CELL, lane?.strip.at(-1) ?? '');
  return how === undefined ? [] : [`${what} still failed when the measurement ended: ${how}.`];
}

function lossWarnings(lostWrites: DataPlaneReport['lostWrites']): string[] {
  const { count = null, of = 0 } = lostWrites ?? {};
  return count === null || count === 0
    ? []
    : [`Redis lost ${count} of ${of} test writes that it had acknowledged.`];
}

function lengthWarnings(write: DataPlaneReport['write']): string[] {
  const longestMs = Math.max(0, ...(write?.interruptions ?? []).map(({ minMs }) => minMs));
  const seconds = Math.round(longestMs / 1000);
  return longestMs > LONG_INTERRUPTION_MS ? [`Writes failed for at least ${seconds} s.`] : [];
}
