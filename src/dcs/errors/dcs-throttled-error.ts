import type { Closed } from '../pace.js';

import { DcsError } from '../errors.js';
import type { DcsErrorFacts } from '../errors.js';

/** Thrown when the quota of the API left a call no turn within its time. */
export class DcsThrottledError extends DcsError {
  override readonly name = 'DcsThrottledError';

  constructor(facts: DcsErrorFacts, { sinceMs, throttle }: Closed) {
    const retryAfterMs = throttle.askedMs ?? throttle.windowMs;
    super(
      { ...facts, delivery: 'answered', status: 429, throttle, retryAfterMs },
      `no turn: 429 since ${new Date(sinceMs).toISOString().slice(11, 16)} UTC (${describe(throttle)}); ` +
        'others use the same quota, or this worker uses more than there is',
    );
  }
}

function describe({ policy, limit, windowMs }: Closed['throttle']): string {
  const window = windowMs === 60_000 ? 'minute' : `${(windowMs ?? 60_000) / 1000} s`;
  const words = [
    ...(policy === null ? [] : [`policy ${policy}`]),
    ...(limit === null ? [] : [`limit ${limit} per ${window}`]),
  ];
  return words.length === 0 ? 'its limit was not told' : words.join(', ');
}
