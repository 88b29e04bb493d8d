/** Quotas behind which maintenance runs and switchovers are measured. A minute of the API's gateway is a window of 6 s here. */
import type { QuotaSpec } from '../../src/simulator/index.js';

/** A maintenance behind a gateway with little quota. */
export interface MaintenanceScenario {
  readonly name: string;
  readonly instances: number;
  readonly maxConcurrent: number;
  readonly maxFailures: number;
  readonly workers: number;
  readonly quota: QuotaSpec;
}

/** Single switchovers side by side, each begun at another part of the window. */
export interface SingleScenario {
  readonly name: string;
  readonly runs: number;
  readonly quota: QuotaSpec;
  /** Until when a PUT may leave, from the start on, in seconds. */
  readonly notAfterSeconds: number;
  /** How long others take every reading from the first executed PUT on, in milliseconds; 0: not at all. */
  readonly spentAfterPutMs: number;
  /** How each is to end: the right end where a quota stays spent is no success. */
  readonly ends: 'SUCCEEDED' | 'REFUSED THROTTLED';
}

const SOME = { instances: 20, maxConcurrent: 5, workers: 1, quota: { reads: '50/6s' } } as const;
const MANY = { instances: 30, maxConcurrent: 15, maxFailures: 0, workers: 1 } as const;

export const MAINTENANCES: readonly MaintenanceScenario[] = [
  { ...SOME, name: 'A: few readings, no failure allowed', maxFailures: 0 },
  { ...SOME, name: 'B: few readings', maxFailures: 20 },
  { ...SOME, name: 'C: few readings, two workers', maxFailures: 0, workers: 2 },
  { ...MANY, name: 'J: few readings, many at a time', quota: { reads: '30/6s' } },
  { ...MANY, name: 'K: few PUTs, many at a time', quota: { reads: '180/6s', writes: '3/6s' } },
];

const ALWAYS = { runs: 6, spentAfterPutMs: 0 } as const;

export const SINGLES: readonly SingleScenario[] = [
  {
    ...ALWAYS,
    ...{ name: 'S2: others use four times the quota', notAfterSeconds: 600, ends: 'SUCCEEDED' },
    quota: { reads: '100/6s', others: { reads: 400 / 6 } },
  },
  {
    ...ALWAYS,
    ...{
      name: 'S4: others use everything, always',
      notAfterSeconds: 20,
      ends: 'REFUSED THROTTLED',
    },
    quota: { reads: '100/6s', others: { reads: Infinity } },
  },
  {
    ...{ name: 'S5: others use everything for 15 s after the PUT', runs: 3, ends: 'SUCCEEDED' },
    ...{ notAfterSeconds: 600, spentAfterPutMs: 15_000 },
    quota: { reads: '100/6s' },
  },
];
