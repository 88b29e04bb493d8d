/** When a run of a maintenance hands over to the next one of its chain. */

/**
 * Events after which a run ends, long before the server suggests it (4,096): a worker that has lost its cache
 * replays all of them in one workflow task, whatever CPU it has. An instance takes 5 to 8.
 */
const MAX_EVENTS = 1_000;

/**
 * History size after which it ends, in bytes. Above the 2 MB that input and carried state of a thousand instances
 * may take, so that each run gets something done.
 */
const MAX_BYTES = 3 * 1024 * 1024;

/** What Temporal says of a run's history so far. */
export interface HistorySoFar {
  readonly historyLength: number;
  /** In bytes. */
  readonly historySize: number;
  readonly continueAsNewSuggested: boolean;
}

/** Whether the history has grown beyond what a slow worker replays in time, though the server would bear more. */
export function isLongHistory({ historyLength, historySize }: HistorySoFar): boolean {
  return historyLength >= MAX_EVENTS || historySize >= MAX_BYTES;
}
