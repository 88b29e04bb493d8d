/** Failures of the HTTP layer as errors of this client. */
import type { CallFacts } from './answer.js';
import { isBeforeRequest } from './errors/connection-reasons.js';
import { DcsConnectionError } from './errors/dcs-connection-error.js';
import type { DcsError, Delivery } from './errors.js';
import { DcsResponseError } from './errors/dcs-response-error.js';
import { HttpFailure } from './http.js';

/** Whether a failed reading can have left; it may be repeated either way. The PUT asks its connection instead. */
export function deliveryOfReading(error: unknown): Delivery {
  const neverLeft = error instanceof HttpFailure && isBeforeRequest(error.reason);
  return neverLeft ? 'never-sent' : 'maybe-sent';
}

/** Of an attempt whose response did not come, or not whole. */
export function toTransportError(error: unknown, facts: CallFacts, delivery: Delivery): DcsError {
  const { reason, status, isTooLarge } =
    error instanceof HttpFailure ? error : new HttpFailure('unknown reason', null, false);
  if (isTooLarge || status !== null)
    return new DcsResponseError(
      { ...facts, delivery: 'answered', status },
      isTooLarge ? 'larger than accepted' : 'cut off',
    );
  return new DcsConnectionError({ ...facts, delivery }, reason);
}
