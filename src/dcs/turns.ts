/**
 * Turns of the readings of one client: as fast as its configured limit allows, and after a 429 as fast as the
 * quota allows that the gateway named. The PUT never waits here: that would make its last look old.
 */
import type { CallFacts, RawAnswer } from './answer.js';
import { DcsError, DcsReadLimitError, DcsThrottledError } from './errors.js';
import type { Throttle, Closed } from './errors.js';

// What the readings of one client know of their quota, and how fast they may follow one another.

/** A turn that was given; exactly one of its ends is reported. */
interface Turn {
  readonly passed: () => void;
  readonly throttled: (throttle: Throttle) => void;
  /** The call said nothing of the quota. */
  readonly failed: () => void;
}

/** The pace of one client's readings. */
interface Pace {
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

/** Window of a quota that reported none. */
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
  /** Notified when turns may be given earlier than was said. */
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

/** How long a reading may wait for its turn, and before whom. */
export interface TurnOptions {
  /** 0 first: a run whose PUT has left; then others. The same in the order in which they came. */
  readonly priority: number;
  /** How much longer it may wait, in milliseconds. */
  readonly leftMs: () => number;
  /** How many turns it may take ahead of the pace, for readings that belong together. @default 0 */
  readonly ahead?: number;
  /** Carries out a wait, so that its caller can time it. @default as it is */
  readonly timed?: <T>(wait: () => Promise<T>) => Promise<T>;
}

/** Gives turns. */
interface Gate {
  /** @returns `null` when its time is over; rejects with the signal's reason */
  readonly take: (wait: Wait) => Promise<Turn | null>;
  /** `null` while nothing is known of a spent quota. */
  readonly closed: () => Closed | null;
}

interface Wait extends Pick<TurnOptions, 'priority' | 'leftMs' | 'ahead'> {
  readonly signal: AbortSignal;
}

interface Waiter extends Wait {
  readonly settle: (turn: Turn | null) => void;
}

/** Longest wait of one timer. */
const MAX_TIMER_MS = 60_000;

/**
 * A gate. After a 429 it is closed for what `Retry-After` asked, else for a random share of the window; then one
 * call probes, and the others follow when that has passed.
 *
 * @param minGapMs least time between two turns; 0 = any
 */
export function createGate(minGapMs: number): Gate {
  const waiters: Waiter[] = [];
  const pace = createPace({ minGapMs, random: Math.random, onChange: pump });
  let timer: NodeJS.Timeout | undefined;
  function pump(): void {
    clearTimeout(timer);
    for (let next = findReady(waiters, pace); next !== null; next = findReady(waiters, pace))
      leave(next, pace.grant());
    for (const late of waiters.filter(({ leftMs }) => leftMs() <= 0)) leave(late, null);
    if (waiters.length === 0) return;
    timer = setTimeout(pump, Math.min(Math.max(1, wakeInMs(waiters, pace)), MAX_TIMER_MS));
  }
  function leave(waiter: Waiter, turn: Turn | null): void {
    waiters.splice(waiters.indexOf(waiter), 1);
    waiter.settle(turn);
  }
  const enqueue = (wait: Wait, settle: Waiter['settle'], onAbort: () => void): void => {
    const { signal } = wait;
    const abort = (): void => {
      waiters.splice(waiters.indexOf(waiter), 1);
      onAbort();
      pump();
    };
    const waiter: Waiter = {
      ...wait,
      settle: (turn) => {
        signal.removeEventListener('abort', abort);
        settle(turn);
      },
    };
    signal.addEventListener('abort', abort, { once: true });
    waiters.push(waiter);
    pump();
  };
  return {
    take: (wait) =>
      new Promise((resolve, reject) => {
        wait.signal.throwIfAborted();
        enqueue(wait, resolve, () => {
          reject(wait.signal.reason as Error);
        });
      }),
    closed: pace.closed,
  };
}

/** The first of those that need not wait any longer. */
function findReady(waiters: readonly Waiter[], pace: Pace): Waiter | null {
  const ready = waiters.filter(({ ahead }) => pace.readyInMs(ahead) <= 0);
  const first = Math.min(...ready.map(({ priority }) => priority));
  return ready.find(({ priority }) => priority === first) ?? null;
}

function wakeInMs(waiters: readonly Waiter[], pace: Pace): number {
  return Math.min(
    ...waiters.flatMap(({ ahead, leftMs }) => [Math.max(0, pace.readyInMs(ahead)), leftMs()]),
  );
}

// A reading that was answered 429 waits for its next turn, while its caller has time.

/** Options of a reading. */
export interface ReadOptions {
  /** Aborting rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** How long it may wait for a turn, a 429 included. @default as long as a reading may take, and a 429 is thrown */
  readonly turn?: TurnOptions;
}

/** A reading that did not have its turn at once. */
export interface TurnWait {
  /** `quota`: a 429 had been answered; `pace`: readings follow one another no faster. */
  readonly cause: 'quota' | 'pace';
  readonly isGiven: boolean;
  readonly durationMs: number;
}

/** Who is notified of waits; what it throws is ignored. */
export type OnTurnWait = (wait: TurnWait) => void;

/** A reading that is to have its turn. */
export interface InTurn extends ReadOptions {
  readonly facts: CallFacts;
  /** How long a reading without options of its own waits, in milliseconds. */
  readonly patienceMs: number;
  readonly onTurnWait?: OnTurnWait | undefined;
}

/**
 * @param read one call; is called again after a 429
 * @throws DcsThrottledError, DcsReadLimitError when there was no turn; else what `read` throws
 */
export async function readInTurn(
  gate: Gate,
  { facts, signal, turn, patienceMs, onTurnWait }: InTurn,
  read: () => Promise<RawAnswer>,
): Promise<RawAnswer> {
  const startedAtMs = performance.now();
  const waitedMs = (): number => performance.now() - startedAtMs;
  const wait = { priority: 1, leftMs: () => patienceMs - waitedMs(), ...turn, signal };
  const timed = turn?.timed ?? ((run) => run());
  for (;;) {
    const granted = await timed(() => takeTurn(gate, wait, onTurnWait));
    if (granted === null) throw noTurn(gate, facts, waitedMs());
    const turnWaitMs = Math.floor(waitedMs());
    const answer = await inTurn(granted, turn !== undefined, read);
    if (answer !== null) return turnWaitMs === 0 ? answer : { ...answer, turnWaitMs };
  }
}

/** Least wait that is reported, in milliseconds: a turn that is free is given in microseconds. */
const MIN_WAIT_MS = 1;

async function takeTurn(gate: Gate, wait: Wait, onTurnWait?: OnTurnWait): Promise<Turn | null> {
  const startedAtMs = performance.now();
  const cause = gate.closed() === null ? 'pace' : 'quota';
  const turn = await gate.take(wait);
  const durationMs = performance.now() - startedAtMs;
  try {
    if (durationMs >= MIN_WAIT_MS) onTurnWait?.({ cause, isGiven: turn !== null, durationMs });
  } catch {
    // An observer's exception must not fail the call.
  }
  return turn;
}

/** @returns `null` for a 429 after which the reading may wait again */
async function inTurn(
  granted: Turn,
  mayWait: boolean,
  read: () => Promise<RawAnswer>,
): Promise<RawAnswer | null> {
  try {
    const answer = await read();
    granted.passed();
    return answer;
  } catch (error) {
    const throttle = error instanceof DcsError ? error.throttle : null;
    if (throttle === null) granted.failed();
    else granted.throttled(throttle);
    if (throttle === null || !mayWait) throw error;
    return null;
  }
}

function noTurn(gate: Gate, facts: CallFacts, waitedMs: number): DcsError {
  const closed = gate.closed();
  if (closed !== null) return new DcsThrottledError({ ...facts, delivery: 'answered' }, closed);
  return new DcsReadLimitError({ ...facts, delivery: 'never-sent' }, Math.round(waitedMs));
}
