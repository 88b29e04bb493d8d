import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';

import type { SilentEnd } from '../domain/silent-swap.js';

/** How an activity ended that gave no result, as plain facts. */
export function toSilentEnd(error: unknown): SilentEnd {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  const untold = { hasHeartbeat: false, failureType: '', failureMessage: '' };
  if (cause instanceof TimeoutFailure)
    return { ...untold, by: 'timeout', hasHeartbeat: cause.lastHeartbeatDetails !== undefined };
  if (!(cause instanceof ApplicationFailure)) return { ...untold, by: 'other' };
  const { type, message } = cause;
  return { ...untold, by: 'failure', failureType: type ?? '', failureMessage: message };
}
