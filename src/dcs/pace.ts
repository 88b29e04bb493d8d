/** What the readings of one client know of their quota, and how fast they may follow one another. */
import type { Throttle } from './errors.js';

/** A spent quota. */
export interface Closed {
  /** Since when calls were throttled, epoch milliseconds. */
  readonly sinceMs: number;
  readonly throttle: Throttle;
}

/** A turn that was given; exactly one of its ends is told. */
export interface Turn {
  readonly passed: () => void;
  readonly throttled: (throttle: Throttle) => void;
  /** The call said nothing of the quota. */
  readonly failed: () => void;
}

/** The pace of one client's readings. */
export interface Pace {
  /**
   * How long until a turn may be given, in milliseconds; 0 or less = now, `Infinity` = not before a probe has ended.
   *
   * @param ahead how many turns may be taken ahead of the pace
   */
  readonly readyInMs: (ahead?: number) => number;
  readonly grant: () => Turn;
  /** `null` while nothing is known of a spent quota. */
  readonly closed: () => Closed | null;
}

/** Window of a quota that told none. */
const DEFAULT_WINDOW_MS = 60_000;

/** Share of the window between two probes. */
const PROBE_SHARE = 1 / 12;

/** Windows without a 429 after which the pace that it taught is forgotten. */
const REMEMBERED_WINDOWS = 10;

/** Largest gap that a quota teaches: it may be the quota of one API only. */
const MAX_LEARNT_GAP_MS = 2_000;

interface PaceOptions {
  /** Least time between two turns, in milliseconds; 0 = any. */
  readonly minGapMs: number;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Told when turns may be given earlier than was said. */
  readonly onChange: () => void;
}

/** No call was throttled yet. */
export function createPace({ minGapMs, random, onChange }: PaceOptions): Pace {
  // The monotonic clock: a step of the wall clock neither closes the gate nor opens it.
  const nowMs = (): number => performance.now();
  let nextAtMs = 0;
  let closedUntilMs = 0;
  let isProbing = false;
  let closed: Closed | null = null;
  let learnt = { gapMs: 0, untilMs: 0 };

  const gapMs = (): number => Math.max(minGapMs, nowMs() < learnt.untilMs ? learnt.gapMs : 0);
  const throttled = (throttle: Throttle): void => {
    closedUntilMs = Math.max(closedUntilMs, nowMs() + pauseMs(throttle, random()));
    closed = { sinceMs: closed?.sinceMs ?? Date.now(), throttle };
    const windowMs = throttle.windowMs ?? DEFAULT_WINDOW_MS;
    learnt = { gapMs: gapOf(throttle), untilMs: nowMs() + windowMs * REMEMBERED_WINDOWS };
    isProbing = false;
    onChange();
  };
  const end = (isOpen: boolean): void => {
    isProbing = false;
    if (isOpen) [closedUntilMs, closed] = [0, null];
    onChange();
  };
  return {
    readyInMs: (ahead = 0) =>
      isProbing ? Infinity : Math.max(nextAtMs - ahead * gapMs(), closedUntilMs) - nowMs(),
    grant: () => {
      const isProbe = closed !== null;
      isProbing = isProbe;
      nextAtMs = Math.max(nextAtMs, nowMs()) + gapMs();
      return {
        passed: () => {
          if (isProbe) end(true);
        },
        throttled,
        failed: () => {
          if (isProbe) end(false);
        },
      };
    },
    closed: () => closed,
  };
}

/** Never the same share of the window twice: a quota that others spend at its begin would be met spent every time. */
function pauseMs({ askedMs, windowMs }: Throttle, random: number): number {
  if (askedMs !== null && askedMs > 0) return askedMs * (1 + random / 4);
  return (windowMs ?? DEFAULT_WINDOW_MS) * PROBE_SHARE * (0.5 + random);
}

function gapOf({ limit, windowMs }: Throttle): number {
  if (limit === null || limit === 0) return 0;
  return Math.min((windowMs ?? DEFAULT_WINDOW_MS) / limit, MAX_LEARNT_GAP_MS);
}
