import { activityInfo, cancellationSignal } from '@temporalio/activity';

import { DcsError } from '../dcs/index.js';
import { MAX_PREFLIGHT_ATTEMPTS } from '../domain/budgets.js';
import type { Sighted, Unreadable } from '../domain/facts.js';
import { classifyRead } from '../domain/retry-classification.js';

import { TooManyRefusedRunsError, TooManyRunsError } from './errors.js';
import { explainWithoutId } from './explain.js';
import { toRetryableFailure } from './to-application-failure.js';
import { isWithoutTurn } from './turns.js';

/** Readings of which the first that fails for good becomes a finding. */
export interface Readings {
  /**
   * Reads, unless an earlier reading failed for good.
   *
   * @returns `null` where it was not read; the reason is in `unreadable`
   * @throws ApplicationFailure (retryable) while another attempt of the activity may help
   */
  readonly attempt: <T>(read: () => Promise<T>) => Promise<T | null>;
  readonly unreadable: readonly Unreadable[];
  /** Why no turn was left for a reading, while a quota of the API was spent; at most one. */
  readonly throttled: readonly Sighted<string>[];
}

/** Starts the readings of one activity execution. */
export function startReadings(): Readings {
  const unreadable: Unreadable[] = [];
  const throttled: Sighted<string>[] = [];
  return {
    unreadable,
    throttled,
    attempt: async (read) => {
      // After one reading failed for good, the others would only add failures to a credential's count.
      if (unreadable.length + throttled.length > 0) return null;
      try {
        return await read();
      } catch (error) {
        // It has waited for as long as the run may; another attempt would wait no longer.
        if (!cancellationSignal().aborted && error instanceof DcsError && isWithoutTurn(error))
          throttled.push({ value: explainWithoutId(error), requestId: null });
        else unreadable.push(settleReading(error));
        return null;
      }
    },
  };
}

/** Throws while another attempt may help; afterwards the failure is a finding. */
function settleReading(error: unknown): Unreadable {
  const signal = cancellationSignal();
  if (signal.aborted) throw signal.reason as Error;
  const isFinal =
    error instanceof DcsError && ['STOP', 'REFRESH_CREDENTIALS'].includes(classifyRead(error));
  const { attempt } = activityInfo();
  if (!isFinal && attempt < MAX_PREFLIGHT_ATTEMPTS) throw toRetryableFailure(error, attempt);
  const requestId = error instanceof DcsError ? error.requestId : null;
  return { value: explainWithoutId(error), requestId, mayPass: !isFinal && !isLasting(error) };
}

/** What no waiting mends, though each attempt reads anew. */
function isLasting(error: unknown): boolean {
  return error instanceof TooManyRunsError || error instanceof TooManyRefusedRunsError;
}
