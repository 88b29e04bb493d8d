import type { ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { Clock } from '../clock.js';
import type { Answer } from './answer.js';
import type { Call } from './call.js';

/** Sends an answer, spoiled as the plan says; a caller that has left gets none. */
export function sendAnswer(
  call: Call,
  response: ServerResponse,
  answer: Answer,
  { clock }: { readonly clock: Clock },
): void {
  const { plan, record, request } = call;
  if (!request.socket.writable) return;
  const bytes = Buffer.from(plan.malformedBody ? spoil(answer.text) : answer.text);
  record.status = answer.status;
  const own = {
    'Content-Type': answer.contentType,
    'Content-Length': bytes.length,
    'X-Request-Id': record.requestId,
    Date: new Date(clock.now()).toUTCString(),
  };
  // One by one, so that a scripted header replaces ours however it is spelled.
  for (const headers of [own, answer.headers ?? {}, plan.headers ?? {}]) {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  }
  response.writeHead(answer.status);
  if (!plan.truncatedBody) {
    response.end(bytes);
    return;
  }
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => request.socket.destroy());
}

/** Breaks the connection with a TCP reset instead of an answer; over TLS, which cannot, by closing it. */
export function resetConnection({ request, record }: Call): void {
  if (request.socket.destroyed) return;
  record.status = 'reset';
  if (request.socket instanceof TLSSocket) request.socket.destroy();
  else request.socket.resetAndDestroy();
}

/** Turns a body into something that is not JSON, whatever it was. */
function spoil(text: string): string {
  return `${text.slice(0, -1)},,`;
}
