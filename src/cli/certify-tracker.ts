/** What `certify` sees of one swap while its run is followed. */
import type { SwapProgress, SwapSeen } from '../certify/index.js';
import type { RunStatus } from '../client.js';
import type { SwitchoverResult } from '../contract/index.js';

import type { Follower } from './follow.js';

/** Of a run that no one waited for to its end. */
const NOT_AWAITED = { outcome: 'NOT_AWAITED', cause: null, message: '' } as const;

/** What the looks at a run have shown of its swap. */
export interface SwapTracker {
  readonly progress: () => SwapProgress;
  /** A client whose looks are noted. */
  readonly watching: (client: Follower) => Follower;
  /** Its run has ended, with these jobs. */
  readonly ended: (jobIds: readonly string[]) => void;
  /** @param result `null`: no one waited for it */
  readonly seen: (result: SwitchoverResult | null) => Omit<SwapSeen, 'leg'>;
  /** Whoever waits for it waits no longer. */
  readonly abandon: () => void;
}

/** Learns from the looks at a run when its PUT was accepted, and with which job. */
export function trackSwap(nowMs: () => number): SwapTracker {
  let state: SwapProgress = {
    ...{ jobId: null, notBeforeMs: nowMs(), notAfterMs: Infinity },
    ...{ mayHaveLeft: false, endedAtMs: null },
  };
  // An unresolved outcome is known before its run ends.
  let outcome: RunStatus['outcome'] | null = null;
  const sawJobs = ([jobId]: readonly string[]): void => {
    if (jobId !== undefined && state.jobId === null)
      state = { ...state, jobId, notAfterMs: nowMs() };
  };
  return {
    progress: () => state,
    watching: (client) => ({
      result: client.result,
      status: async (run) => {
        const askedAtMs = nowMs();
        const status = await client.status(run);
        // What a run reports comes after what it did: only before the sending phase nothing can have left.
        if (status.phase === 'PREFLIGHT') state = { ...state, notBeforeMs: askedAtMs };
        else state = { ...state, mayHaveLeft: true };
        sawJobs(status.jobIds);
        outcome = status.outcome ?? null;
        return status;
      },
    }),
    ended: (jobIds) => {
      sawJobs(jobIds);
      state = { ...state, mayHaveLeft: true, endedAtMs: nowMs() };
    },
    seen: (result) => {
      const { cause, message } = result ?? NOT_AWAITED;
      const dataPlane = result?.dataPlane ?? null;
      const { jobId, notBeforeMs, notAfterMs } = state;
      const word = result?.outcome ?? outcome ?? NOT_AWAITED.outcome;
      return { outcome: word, cause, message, jobId, notBeforeMs, notAfterMs, dataPlane };
    },
    abandon: () => {
      state = { ...state, jobId: null, endedAtMs: nowMs() };
    },
  };
}
