/** Time limits that do not blame the other side for a stall of our own process. */

/** A limit that has begun to run. */
export interface Deadline {
  readonly cancel: () => void;
}

/** A timer that fires later than this shows that the process, or the whole machine, stood still. In milliseconds. */
const LATE_MS = 25;

/**
 * Calls back after so many milliseconds, unless it is cancelled. After a stall of the process its timers fire before its
 * sockets are read, and an answer that has long been there would count as late: so the sockets are read once more first.
 * And the other side may have stood still as well, on the same machine: the time lost is given once more.
 */
export function startDeadline(ms: number, onOver: () => void): Deadline {
  let isCancelled = false;
  let timer: NodeJS.Timeout;
  const readSockets = (turns: number): void => {
    setImmediate(() => {
      if (isCancelled) return;
      if (turns === 0) onOver();
      else readSockets(turns - 1);
    });
  };
  const wait = (waitMs: number, onTime: (lateMs: number) => void): void => {
    const dueMs = performance.now() + waitMs;
    timer = setTimeout(() => {
      onTime(performance.now() - dueMs);
    }, waitMs);
  };
  wait(ms, (lateMs) => {
    if (lateMs < LATE_MS) readSockets(1);
    else
      wait(Math.min(ms, lateMs), () => {
        readSockets(1);
      });
  });
  return {
    cancel: () => {
      isCancelled = true;
      clearTimeout(timer);
    },
  };
}
