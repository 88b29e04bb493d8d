import { explainReason } from './connection-reasons.js';
import { DcsError } from '../errors.js';
import type { DcsErrorFacts } from '../errors.js';

/** Thrown when no connection came about (`never-sent`) or it broke before a response (`maybe-sent`). */
export class DcsConnectionError extends DcsError {
  override readonly name = 'DcsConnectionError';

  /** @param reason the system's word, such as `ECONNREFUSED`, or `PROXY_407` */
  constructor(
    facts: DcsErrorFacts,
    readonly reason: string,
  ) {
    super(
      facts,
      facts.delivery === 'never-sent'
        ? `no connection (${explainReason(reason)})`
        : `connection lost (${explainReason(reason)})`,
    );
  }
}
