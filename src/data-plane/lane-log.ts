/** What a lane met, in little memory: successes that follow each other in time are one stretch, failures of a kind another. */
import type { ProbeError } from '../contract/index.js';

/** Successes on the grid; monotonic milliseconds. */
export interface Good {
  readonly kind: 'good';
  /** The first one. */
  readonly sentMs: number;
  readonly ackMs: number;
  /** The last one. */
  readonly lastSentMs: number;
  readonly lastAckMs: number;
  /** Number of the last test write, or 0. */
  readonly lastMark: number;
}

/** Failures of one kind in a row; monotonic milliseconds. */
export interface Bad {
  readonly kind: ProbeError;
  /** Since when it certainly failed. */
  readonly sinceMs: number;
  /** Until when: the last one's sending. */
  readonly lastSentMs: number;
  /** When the last one was known to have failed. */
  readonly lastEndMs: number;
}

export type Stretch = Good | Bad;

export interface LaneLog {
  /** From the first of the five successes in a row on; empty before that. */
  readonly stretches: readonly Stretch[];
  readonly succeeded: (sentMs: number, ackMs: number, mark?: number) => void;
  readonly failed: (sentMs: number, endMs: number, kind: ProbeError) => void;
  /** Monotonic; `null`: never worked five times in a row. */
  readonly armedAtMs: () => number | null;
  /** It changed too often, and is not continued. */
  readonly isFull: () => boolean;
  readonly counts: () => {
    readonly ok: number;
    readonly errors: Readonly<Partial<Record<ProbeError, number>>>;
    readonly latencyMs: { readonly p50: number; readonly p99: number };
  };
}

/** So many successes in a row are a beginning. */
const ARMED_AFTER = 5;
/** Changes between working and failing that are kept: 4 min of constant change at 50 ms. */
const MAX_STRETCHES = 5_000;
/** Successes further apart than so many periods do not follow each other. */
const APART = 2.5;

/** Kinds that are known only once a time limit is over: it has failed since the beginning of the limit. */
const SILENT: ReadonlySet<ProbeError> = new Set<ProbeError>(['timeout', 'connect-timeout']);

/** An empty log of a lane with such a period and time limit, in milliseconds. */
export function createLaneLog(periodMs: number, limitMs: number): LaneLog {
  const stretches: Stretch[] = [];
  const errors: Partial<Record<ProbeError, number>> = {};
  const latencies = createHistogram();
  let [ok, inRow] = [0, 0];
  let armedAtMs: number | null = null;
  const reset = (): void => {
    stretches.length = 0;
    [ok, inRow] = [0, 0];
  };
  const isFull = (): boolean => stretches.length >= MAX_STRETCHES;
  return {
    stretches,
    armedAtMs: () => armedAtMs,
    isFull,
    counts: () => ({ ok, errors, latencyMs: { p50: latencies.at(0.5), p99: latencies.at(0.99) } }),
    succeeded: (sentMs, ackMs, mark = 0) => {
      if (isFull()) return;
      const last = stretches.at(-1);
      const follows = last?.kind === 'good' && isOnTime(last, sentMs, ackMs, periodMs);
      if (armedAtMs === null && !follows) reset();
      if (follows) stretches[stretches.length - 1] = extend(last, sentMs, ackMs, mark);
      else stretches.push(begin(sentMs, ackMs, mark));
      [ok, inRow] = [ok + 1, inRow + 1];
      if (inRow >= ARMED_AFTER) armedAtMs ??= ackMs;
      latencies.add(ackMs - sentMs);
    },
    failed: (sentMs, endMs, kind) => {
      if (isFull()) return;
      if (armedAtMs === null) {
        reset();
        return;
      }
      errors[kind] = (errors[kind] ?? 0) + 1;
      const last = stretches.at(-1);
      const sinceMs = SILENT.has(kind) ? Math.max(sentMs, endMs - limitMs) : endMs;
      const end = { lastSentMs: sentMs, lastEndMs: endMs };
      if (last?.kind === kind) stretches[stretches.length - 1] = { ...last, ...end };
      else stretches.push({ kind, sinceMs, ...end });
    },
  };
}

function isOnTime(last: Good, sentMs: number, ackMs: number, periodMs: number): boolean {
  return ackMs - sentMs <= periodMs && ackMs - last.lastAckMs <= APART * periodMs;
}

function begin(sentMs: number, ackMs: number, mark: number): Good {
  const last = { lastSentMs: sentMs, lastAckMs: ackMs, lastMark: mark };
  return { kind: 'good', sentMs, ackMs, ...last };
}

function extend(good: Good, sentMs: number, ackMs: number, mark: number): Good {
  return { ...good, lastSentMs: sentMs, lastAckMs: ackMs, lastMark: mark };
}

/** Each bucket is so much wider than the one before: figures are exact to 5 %. */
const WIDER = 1.05;
const FIRST_MS = 0.01;

/** Durations by size, in the memory of a few hundred numbers. */
function createHistogram(): {
  readonly add: (ms: number) => void;
  readonly at: (share: number) => number;
} {
  const buckets = new Map<number, number>();
  let count = 0;
  return {
    add: (ms) => {
      const bucket = Math.max(0, Math.ceil(Math.log(ms / FIRST_MS) / Math.log(WIDER)));
      buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
      count += 1;
    },
    at: (share) => {
      let left = share * count;
      const bySize = [...buckets].sort(([one], [other]) => one - other);
      const [bucket] = bySize.find(([, each]) => (left -= each) <= 0) ?? [];
      return bucket === undefined ? 0 : Number((FIRST_MS * WIDER ** bucket).toPrecision(3));
    },
  };
}
