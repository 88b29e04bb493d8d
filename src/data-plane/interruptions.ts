/** From what a lane met to what may be said of it: a pure function of its log and of our own stalls. */
import type { Interruption, LaneReport, ProbeError } from '../contract/index.js';
import { iso } from '../util.js';

import type { Bad, Good, LaneLog, Stretch } from './lane-log.js';
import { stalledMs } from './stalls.js';
import type { Stall } from './stalls.js';
import { MAX_RUNS, drawStrip } from './strip.js';
import type { Span } from './strip.js';

/** The time between two stretches that worked; monotonic milliseconds. */
export interface Gap {
  readonly before: Good;
  readonly failures: readonly Bad[];
  readonly after: Good;
  readonly minMs: number;
  readonly maxMs: number;
  /** Nothing failed, and our own stalls explain it. */
  readonly isUnseen: boolean;
}

/** What the analysis needs besides the log. */
export interface Context {
  readonly stalls: readonly Stall[];
  readonly periodMs: number;
}

/**
 * Times without an answer. Certain is what lies between the first failure and the last, or the waiting for an answer
 * that came late, without our stalls in it. At most it lasted from the sending of the last success before to the answer
 * of the first after: an answer may have been there long before a stalled process read it.
 */
export function findGaps(stretches: readonly Stretch[], context: Context): readonly Gap[] {
  const gaps: Gap[] = [];
  let before: Good | null = null;
  let failures: Bad[] = [];
  for (const stretch of stretches) {
    if (stretch.kind !== 'good') failures.push(stretch);
    else {
      if (before !== null) gaps.push(toGap(before, failures, stretch, context));
      before = stretch;
      failures = [];
    }
  }
  return gaps;
}

/** Less than this is no time. */
const CLOCK_MS = 1;

function toGap(
  before: Good,
  failures: readonly Bad[],
  after: Good,
  { stalls, periodMs }: Context,
): Gap {
  const startMs = failures[0]?.sinceMs ?? after.sentMs;
  const seenMs = (toMs: number): number => toMs - startMs - stalledMs(stalls, startMs, toMs);
  const failedMs = seenMs(failures.at(-1)?.lastSentMs ?? startMs);
  const isLate = after.ackMs - after.sentMs > periodMs;
  const certainMs = Math.max(0, failedMs, isLate ? seenMs(after.ackMs) - periodMs : 0);
  return {
    ...{ before, failures, after },
    minMs: certainMs,
    maxMs: after.ackMs - before.lastSentMs,
    isUnseen: failures.length === 0 && certainMs < CLOCK_MS,
  };
}

/** Interruptions that a report keeps: the longest. */
const MAX_INTERRUPTIONS = 20;

/** What is reported of a lane, and how much of it was not observed. */
export interface LaneFigures {
  readonly report: LaneReport;
  readonly unseenMs: number;
  readonly endsBroken: boolean;
}

/**
 * @param toEpochMs from monotonic milliseconds to this worker's clock
 * @param startMs where the strip begins, monotonic; the strips of all lanes begin together
 * @default where the lane began
 */
export function analyseLane(
  log: LaneLog,
  context: Context,
  toEpochMs: (ms: number) => number,
  startMs: number | null = null,
): LaneFigures {
  const gaps = findGaps(log.stretches, context);
  const unseen = gaps.filter(({ isUnseen }) => isUnseen);
  return {
    report: {
      ...log.counts(),
      interruptions: gaps
        .filter(({ isUnseen }) => !isUnseen)
        .sort((a, b) => b.maxMs - a.maxMs)
        .slice(0, MAX_INTERRUPTIONS)
        .sort((a, b) => a.before.lastSentMs - b.before.lastSentMs)
        .map((gap) => toInterruption(gap, toEpochMs)),
      strip: stripOf(log.stretches, context, MAX_RUNS, startMs),
    },
    unseenMs: Math.round(unseen.reduce((sum, { maxMs }) => sum + maxMs, 0)),
    endsBroken: log.isFull() || log.stretches.at(-1)?.kind !== 'good',
  };
}

function toInterruption(gap: Gap, toEpochMs: (ms: number) => number): Interruption {
  return {
    from: iso(toEpochMs(gap.before.lastSentMs)),
    minMs: Math.floor(gap.minMs),
    maxMs: Math.ceil(gap.maxMs),
    // An answer that came late, and no failure, is none in time.
    kinds: gap.failures.length === 0 ? ['timeout'] : [...new Set(gap.failures.map(kindOf))],
  };
}

function kindOf({ kind }: Bad): ProbeError {
  return kind;
}

const LETTERS: Readonly<Partial<Record<ProbeError, string>>> = {
  readonly: 'r',
  timeout: 't',
  'connect-timeout': 't',
  refused: 'x',
  reset: 'x',
  unreachable: 'x',
};

/** The strip of a report, at most so many runs. */
export function stripOf(
  stretches: readonly Stretch[],
  context: Context,
  maxRuns: number,
  startMs: number | null = null,
): string {
  const [first] = stretches;
  if (first?.kind !== 'good') return '';
  const spans: Span[] = [{ untilMs: first.lastAckMs, letter: 'o' }];
  for (const gap of findGaps(stretches, context)) spans.push(...spansOf(gap));
  const open = stretches.slice(stretches.findLastIndex(({ kind }) => kind === 'good') + 1);
  for (const stretch of open) if (stretch.kind !== 'good') spans.push(spanOf(stretch));
  return drawStrip(startMs ?? first.sentMs, spans, context.periodMs, maxRuns);
}

function spansOf({ failures, after, isUnseen }: Gap): readonly Span[] {
  const works = { untilMs: after.lastAckMs, letter: 'o' };
  if (isUnseen) return [{ untilMs: after.ackMs, letter: 'u' }, works];
  const failed = failures.map(spanOf);
  // Until it worked again the last failure counts; without one it was waiting.
  return [...failed, { untilMs: after.ackMs, letter: failed.at(-1)?.letter ?? 't' }, works];
}

function spanOf({ kind, lastEndMs }: Bad): Span {
  return { untilMs: lastEndMs, letter: LETTERS[kind] ?? 'e' };
}
