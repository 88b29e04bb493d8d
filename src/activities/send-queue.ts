/**
 * The runs of one worker, one at a time between fence and PUT. Of a run whose worker is killed there no one knows
 * whether it has sent, so there must not be many of them, nor one at most times.
 */

/**
 * Between a PUT and the next run's turn. From fence to PUT are some milliseconds: with such a pause a worker that is
 * killed amid hundreds of runs is seldom between them. Ten PUTs a second are more than any quota allows.
 */
export const SEND_PAUSE_MS = 100;

/** Lets one in at a time, in the order in which they came. */
export interface SendQueue {
  /**
   * Waits for its turn and works. The turn ends {@link SEND_PAUSE_MS} after it leaves, or with work that has not left.
   *
   * @param signal ends the wait, not the work
   * @param work gets what it calls once it has sent
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
      const turn = openTurn();
      // Whoever gives up has left, and yet no one overtakes those before it.
      last = before.then(() => turn.over);
      try {
        return (await hasCome(before, signal)) ? await work(turn.leave) : null;
      } finally {
        turn.end();
      }
    },
  };
}

/** A turn; once it was left it ends by itself, whatever ends meanwhile. */
function openTurn() {
  let hasLeft = false;
  let resolve = (): void => undefined;
  const over = new Promise<void>((end) => {
    resolve = end;
  });
  const leave = (): void => {
    hasLeft = true;
    setTimeout(resolve, SEND_PAUSE_MS);
  };
  const end = (): void => {
    if (!hasLeft) resolve();
  };
  return { over, leave, end };
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
