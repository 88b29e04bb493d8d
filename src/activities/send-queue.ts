/**
 * The runs of one worker, one at a time between fence and PUT. Of a run whose worker is killed there no one knows
 * whether it has sent, so there must not be many of them.
 */

/** Lets one in at a time, in the order in which they came. */
export interface SendQueue {
  /**
   * Waits for its turn and works, until it leaves or the work has ended, however that ends.
   *
   * @param signal ends the wait, not the work
   * @param work gets what ends its turn before its end
   * @returns `null`: the signal came before its turn, and nothing was done
   */
  readonly inTurn: <T>(
    signal: AbortSignal,
    work: (leave: () => void) => Promise<T>,
  ) => Promise<T | null>;
}

/** No one is waiting. To be made once for each worker. */
export function createSendQueue(): SendQueue {
  let last = Promise.resolve();
  return {
    inTurn: async (signal, work) => {
      const before = last;
      let leave = (): void => undefined;
      const left = new Promise<void>((resolve) => {
        leave = resolve;
      });
      // Whoever gives up has left, and yet no one overtakes those before it.
      last = before.then(() => left);
      try {
        return (await hasCome(before, signal)) ? await work(leave) : null;
      } finally {
        leave();
      }
    },
  };
}

/** Whether a turn comes before the signal. */
function hasCome(turn: Promise<void>, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const giveUp = (): void => {
      resolve(false);
    };
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    void turn.then(() => {
      signal.removeEventListener('abort', giveUp);
      resolve(true);
    });
  });
}
