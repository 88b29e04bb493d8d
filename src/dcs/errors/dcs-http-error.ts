import { DcsError } from '../errors.js';
import type { DcsErrorFacts } from '../errors.js';

/** Thrown when the service, the gateway or something between answered with another status than 2xx. */
export class DcsHttpError extends DcsError {
  override readonly name = 'DcsHttpError';

  /** @param text the body's own words, already sanitised; empty when there were none */
  constructor(facts: DcsErrorFacts & { readonly status: number }, text: string) {
    super(facts, [facts.status, facts.code, text].filter(Boolean).join(' '));
  }
}
