/** When our own process stood still: what did not arrive then may have been there. */

/** From the last sign of life to the next; monotonic milliseconds. */
export interface Stall {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Watches until it is stopped. */
export interface StallWatch {
  /** In order of time. */
  readonly stalls: readonly Stall[];
  readonly stop: () => void;
}

const TICK_MS = 10;
/** Two ticks further apart show a stall. Less than the shortest period: what goes unnoticed must not look like a late answer. */
const LATE_MS = 18;
/** More than an hour's on a machine that is good for measuring. */
const MAX_STALLS = 20_000;

/** Begins to watch, by a tick that must not be late. */
export function watchStalls(): StallWatch {
  const stalls: Stall[] = [];
  let lastMs = performance.now();
  const timer = setInterval(() => {
    const nowMs = performance.now();
    if (nowMs - lastMs > LATE_MS) addStall(stalls, { fromMs: lastMs, toMs: nowMs });
    lastMs = nowMs;
  }, TICK_MS).unref();
  return {
    stalls,
    stop: () => {
      clearInterval(timer);
    },
  };
}

/** Where there are too many the last one covers all that follow: less is claimed then, never more. */
function addStall(stalls: Stall[], stall: Stall): void {
  const last = stalls.at(-1);
  if (stalls.length < MAX_STALLS || last === undefined) stalls.push(stall);
  else stalls[stalls.length - 1] = { fromMs: last.fromMs, toMs: stall.toMs };
}

/** How long the process stood still within a time, in milliseconds. */
export function stalledMs(stalls: readonly Stall[], fromMs: number, toMs: number): number {
  let sumMs = 0;
  for (let index = firstAfter(stalls, fromMs); index < stalls.length; index += 1) {
    const stall = stalls[index];
    if (stall === undefined || stall.fromMs >= toMs) break;
    sumMs += Math.min(stall.toMs, toMs) - Math.max(stall.fromMs, fromMs);
  }
  return sumMs;
}

/** Index of the first that ends after an instant. */
function firstAfter(stalls: readonly Stall[], ms: number): number {
  let [low, high] = [0, stalls.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((stalls[middle]?.toMs ?? 0) <= ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
