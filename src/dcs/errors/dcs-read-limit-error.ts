import { DcsError } from '../errors.js';
import type { DcsErrorFacts } from '../errors.js';

/** Thrown when a reading got no turn under the client's own read limit within its time; nothing was sent. */
export class DcsReadLimitError extends DcsError {
  override readonly name = 'DcsReadLimitError';

  constructor(facts: DcsErrorFacts, timeoutMs: number) {
    super(facts, `no turn within ${timeoutMs} ms under this project's maxReadsPerSecond; not sent`);
  }
}
