import type { IncomingMessage } from 'node:http';
import type { FaultPlan } from '../faults/script.js';
import type { SignedRequest } from '../gateway/signature.js';
import type { CallRecord, Draft } from '../ledger.js';
import type { RouteMatch } from './routes.js';

/** One request on its way through the simulator. */
export interface Call {
  readonly request: IncomingMessage;
  readonly match: RouteMatch;
  readonly query: URLSearchParams;
  readonly record: Draft<CallRecord>;
  readonly plan: FaultPlan;
}

/** Largest request body that the gateway takes: 12 MB (API gateway, error codes). */
const MAX_BODY_BYTES = 12 * 1024 * 1024;

/** Reads a request's body; `null` when it is too large. */
export async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Read to its end all the same: leaving the loop would cut the connection before the answer.
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return size <= MAX_BODY_BYTES ? Buffer.concat(chunks) : null;
}

/** What a signature covers. */
export function toSignedRequest(request: IncomingMessage, body: Buffer): SignedRequest {
  const { method = '', url = '', headers } = request;
  return { method, rawUrl: url, headers, body };
}
