/** An answer to one open question, as what was read gives it. */
import type { Observations, SwapSeen } from './observations.js';

/** What was found. */
export interface Finding {
  /** In a few words that stay the same; `null`: not seen. */
  readonly value: string | null;
  /** What it was read from, or why it was not seen. Names no id, address, name or user. */
  readonly evidence: string;
  /** What follows for the settings; `null`: nothing to set. */
  readonly setting: string | null;
  /** Of a delay: its bounds, in milliseconds. */
  readonly lag?: Lag;
}

/** A question, and who answers it. */
export interface Question {
  readonly id: string;
  /** For people, in a few words. */
  readonly question: string;
  readonly ask: (seen: Observations) => Finding;
}

/** A question with its answer. */
export type Answer = Pick<Question, 'id' | 'question'> & Finding;

/** Seen; nothing to set. */
export function found(value: string, evidence: string): Finding {
  return { value, evidence, setting: null };
}

/** Not seen, and why. */
export function notSeen(why: string): Finding {
  return { value: null, evidence: why, setting: null };
}

/** Milliseconds as seconds with one decimal. */
export function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

const ORDERS = [
  ['newest first', (before: number, after: number) => before >= after],
  ['oldest first', (before: number, after: number) => before <= after],
] as const;

/** Of two rows any order is one of both. */
const MIN_ROWS = 3;

/** The order of times; `null`: too few of them differ. */
export function orderOf(rows: readonly unknown[]): string | null {
  const times = rows.map((at) => Date.parse(String(at))).filter((at) => !Number.isNaN(at));
  if (new Set(times).size < MIN_ROWS) return null;
  const isSorted = (fits: (a: number, b: number) => boolean): boolean =>
    times.slice(1).every((at, index) => fits(times[index] ?? at, at));
  return ORDERS.find(([, fits]) => isSorted(fits))?.[0] ?? 'neither';
}

/** What each accepted swap showed; nothing of those that did not. */
export function eachSwap<T>(seen: Observations, look: (swap: SwapSeen) => T | null): readonly T[] {
  return seen.swaps
    .filter(({ jobId }) => jobId !== null)
    .map(look)
    .filter((each) => each !== null);
}

/** One answer where every swap gave the same, and all of them where not. */
export function sameOf(values: readonly string[], evidence: string, why: string): Finding {
  const [first, ...others] = [...new Set(values)];
  if (first === undefined) return notSeen(why);
  return found([first, ...others].join(', then '), `${evidence}, ${timesOf(values.length)}`);
}

const timesOf = (count: number): string => ['never', 'once', 'twice'][count] ?? `${count} times`;

/** How much later than an event something was seen, in milliseconds: at the least, and at the most. */
export interface Lag {
  readonly atLeastMs: number;
  readonly atMostMs: number;
}

/** Whether it was later at all, and between which bounds: samples know no better. */
export function lagFinding(lags: readonly Lag[], what: string, why: string): Finding {
  if (lags.length === 0) return notSeen(why);
  const atLeastMs = Math.max(0, ...lags.map((lag) => lag.atLeastMs));
  const atMostMs = Math.max(0, ...lags.map((lag) => lag.atMostMs));
  const bounds = `between ${seconds(atLeastMs)} and ${seconds(atMostMs)} s`;
  return {
    ...found(
      atLeastMs > 0 ? 'later' : 'at once',
      `${what} ${bounds}, seen ${timesOf(lags.length)}`,
    ),
    lag: { atLeastMs, atMostMs },
  };
}
