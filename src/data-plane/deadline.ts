/** Time limits that do not blame the other side for a stall of our own process. */

/** A limit that has begun to run. */
export interface Deadline {
  readonly cancel: () => void;
}

/**
 * Calls back after so many milliseconds, unless it is cancelled. After a stall of the process its timers fire before its
 * sockets are read, and an answer that has long been there would count as late: so the sockets are read once more first.
 */
export function startDeadline(ms: number, onOver: () => void): Deadline {
  let isCancelled = false;
  const lookAgain = (turns: number): void => {
    setImmediate(() => {
      if (isCancelled) return;
      if (turns === 0) onOver();
      else lookAgain(turns - 1);
    });
  };
  const timer = setTimeout(() => {
    lookAgain(1);
  }, ms);
  return {
    cancel: () => {
      isCancelled = true;
      clearTimeout(timer);
    },
  };
}
