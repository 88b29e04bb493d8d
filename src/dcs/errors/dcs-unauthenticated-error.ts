import { DcsCredentialsError } from './dcs-credentials-error.js';
import { DcsError } from '../errors.js';
import type { DcsErrorFacts } from '../errors.js';

/** Thrown when there was no credential to make the call with; nothing was sent. */
export class DcsUnauthenticatedError extends DcsError {
  override readonly name = 'DcsUnauthenticatedError';

  /** @param cause what the credential source threw; only our own error's words are passed on */
  constructor(facts: DcsErrorFacts, cause: unknown) {
    super(facts, `not sent: ${explain(cause)}`);
  }
}

function explain(cause: unknown): string {
  if (cause instanceof DcsCredentialsError) return cause.message;
  return `the credential source failed (${cause instanceof Error ? cause.name : 'unknown error'})`;
}
