import { DcsError } from './dcs-error.js';
import type { DcsErrorFacts } from './dcs-error.js';

/** Thrown when a call was not done in time, connect to last byte. */
export class DcsTimeoutError extends DcsError {
  override readonly name = 'DcsTimeoutError';

  constructor(
    facts: DcsErrorFacts,
    readonly timeoutMs: number,
  ) {
    super(facts, `no answer within ${timeoutMs} ms`);
  }
}
