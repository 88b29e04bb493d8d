import { normaliseCode } from './codes.js';
import { sanitise } from './sanitise.js';

/** What an error body says. */
export interface ErrorBody {
  readonly code: string;
  readonly message: string;
  readonly requestId: string | null;
}

/** Spellings of code and message, in the order in which the vendor's SDK looks for them. */
const SPELLINGS = [
  ['error_code', 'error_msg'],
  ['errorCode', 'errorMsg'],
  ['code', 'message'],
] as const;

/** Bodies nest their error at most this deep (`{"error": {…}}`). */
const MAX_DEPTH = 3;

/**
 * Reads the error shapes of DCS V2 (flat), DCS V1 and IAM (nested) and the gateway (with
 * `request_id`); `null` for anything else, such as a load balancer's HTML page.
 */
export function parseErrorBody(text: string): ErrorBody | null {
  try {
    return findError(JSON.parse(text), MAX_DEPTH);
  } catch {
    return null;
  }
}

function findError(value: unknown, depth: number): ErrorBody | null {
  if (typeof value !== 'object' || value === null || depth === 0) return null;
  const body = value as Record<string, unknown>;
  for (const [codeKey, messageKey] of SPELLINGS) {
    const code = normaliseCode(body[codeKey]);
    if (code === null || !(messageKey in body)) continue;
    const requestId = body['request_id'];
    return {
      code,
      message: sanitise(body[messageKey]),
      requestId: typeof requestId === 'string' ? sanitise(requestId) : null,
    };
  }
  for (const nested of Object.values(body)) {
    const found = findError(nested, depth - 1);
    if (found !== null) return found;
  }
  return null;
}
