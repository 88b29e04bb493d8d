/**
 * Turns of the readings of one client: as fast as its configured limit allows, and after a 429 as fast as the
 * quota allows that the gateway told of. The PUT never waits here: that would make its last look old.
 */
import { createPace } from './pace.js';
import type { Closed, Pace, Turn } from './pace.js';

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
export interface Gate {
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
 * @param random from 0 to 1
 */
export function createGate(minGapMs: number, random: () => number = Math.random): Gate {
  const waiters: Waiter[] = [];
  const pace = createPace({ minGapMs, random, onChange: pump });
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
