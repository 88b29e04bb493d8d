/**
 * What a swap activity that did not report can have done. Pure; for the run itself and for whoever reads
 * its history later.
 */

/**
 * How an activity ended, or is left, without a report of its own.
 *
 * - `timeout`: the server gave it up. `run-ended`: its run was ended while it was open.
 * - `failure`: its worker reported a failure instead of a result. `other`: anything else.
 */
export interface SilentEnd {
  readonly by: 'timeout' | 'run-ended' | 'failure' | 'other';
  /** A heartbeat is on record. The swap activity has only one: its fence, right before the PUT. */
  readonly hasHeartbeat: boolean;
  /** Type and message of the failure; empty where there are none, or where they are encoded. */
  readonly failureType: string;
  readonly failureMessage: string;
}

/** Type of the failure by which the swap activity itself says that it has sent nothing. */
export const NOTHING_SENT = 'NothingSent';

/** What the SDK (1.24) says where it did not come to call the activity's function. */
const NEVER_CALLED: readonly { readonly type: string | null; readonly message: string }[] = [
  { type: 'NotFoundError', message: 'Activity function requestSwap is not registered' },
  { type: null, message: 'Failed to parse activity args for activity requestSwap' },
];

/**
 * Whether nothing was sent, and nothing can be sent any more. The server keeps the heartbeat by which the
 * fence is passed, and takes none for an activity that is closed: without one on record no execution of it
 * has passed, and none will. A failure proves it only in words that stand for "before the fence": the
 * record of heartbeats is gone when an activity has failed.
 */
export function hasSentNothing({
  by,
  hasHeartbeat,
  failureType,
  failureMessage,
}: SilentEnd): boolean {
  if (hasHeartbeat) return false;
  if (by === 'timeout' || by === 'run-ended') return true;
  if (by !== 'failure') return false;
  return (
    failureType === NOTHING_SENT ||
    NEVER_CALLED.some(
      ({ type, message }) =>
        (type === null || type === failureType) && failureMessage.startsWith(message),
    )
  );
}
