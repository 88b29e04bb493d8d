import { DcsError } from '../errors.js';
import type { DcsErrorFacts } from '../errors.js';

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
