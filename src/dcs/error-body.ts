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

/** `DCS.4049`, `APIGW.0301`, `IAM.0011`, `111400063`. */
const SERVICE_CODE = /^(?:[A-Z]{2,8}\.\d{3,8}|\d{9})$/;

/**
 * Whether a code has the shape of the service's own. Others, such as the bare status that IAM and many a proxy give,
 * may be anybody's: they prove nothing of what became of a PUT.
 */
export function isServiceCode(code: string | null): boolean {
  return code !== null && SERVICE_CODE.test(code);
}

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
  const own = readError(body, depth === MAX_DEPTH);
  if (own !== null) return own;
  for (const nested of Object.values(body)) {
    const found = findError(nested, depth - 1);
    if (found !== null) return found;
  }
  return null;
}

function readError(body: Record<string, unknown>, isOutermost: boolean): ErrorBody | null {
  for (const [codeKey, messageKey] of SPELLINGS) {
    const code = normaliseCode(body[codeKey]);
    if (code === null || !(messageKey in body)) continue;
    // A bare `code` and `message` is anybody's error; the service's own codes have a shape.
    if (codeKey === 'code' && isOutermost && !isServiceCode(code)) continue;
    const requestId = body['request_id'];
    return {
      code,
      message: sanitise(body[messageKey]),
      requestId: typeof requestId === 'string' ? sanitise(requestId) : null,
    };
  }
  return null;
}
