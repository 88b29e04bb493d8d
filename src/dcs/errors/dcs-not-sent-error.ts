import { DcsError } from './dcs-error.js';
import type { DcsErrorFacts } from './dcs-error.js';

/** Thrown when the connection stood, but the caller did not want the PUT to leave any more. */
export class DcsNotSentError extends DcsError {
  override readonly name = 'DcsNotSentError';

  constructor(facts: DcsErrorFacts) {
    super(facts, 'not sent: the caller no longer allowed it');
  }
}
