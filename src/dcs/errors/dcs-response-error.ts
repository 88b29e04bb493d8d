import { DcsError } from '../errors.js';
import type { DcsErrorFacts } from '../errors.js';

/** Thrown when a 2xx response cannot be used: malformed, cut off, too large, or without what it is for. */
export class DcsResponseError extends DcsError {
  override readonly name = 'DcsResponseError';

  constructor(facts: DcsErrorFacts, problem: string) {
    super(facts, `${facts.status ?? 'response'} ${problem}`);
  }
}
