import { provesNothingSent } from '../temporal/swap-trace.js';
import type { RunHistory } from '../temporal/run-history.js';

import type { UntoldCause } from '../temporal/run-ending.js';

/**
 * The outcome of a run that was ended from outside: REFUSED where its history proves that it sent nothing, and
 * that nothing can leave any more; else UNKNOWN. A failure that is none of ours was not ended from outside.
 */
export function untoldOutcome(cause: UntoldCause, history: RunHistory): 'REFUSED' | 'UNKNOWN' {
  return cause !== 'RUN_FAILED' && provesNothingSent(history) ? 'REFUSED' : 'UNKNOWN';
}
