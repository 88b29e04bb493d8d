/** Servers that answer with whatever bytes a case asks for. */
import net from 'node:net';
import { gzipSync } from 'node:zlib';

import fc from 'fast-check';

import { edits, hostileText } from './hostile.js';
import { edited, toJsonText } from './recipe.js';
import type { Edit, Recipe } from './recipe.js';

/** One answer. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  /** What is changed of the body that would be accepted; a text stands for itself. */
  readonly body: readonly Edit[] | { readonly text: Recipe };
  /** How the end of the body is announced. */
  readonly frame:
    'length' | 'chunked' | 'close' | 'too-long' | 'too-short' | 'cut' | 'drip' | 'never';
  readonly coding: 'none' | 'gzip' | 'no-gzip' | 'unknown';
  /** How secrets of the request come back, where the body asks for them. */
  readonly echo: 'plain' | 'unicode' | 'percent';
}

/** Stands in a body for what the request carried. */
export const ECHO = '@ECHO@';

const STATUSES = [
  ...[200, 200, 200, 200, 201, 202, 204, 206, 299, 301, 302, 304, 307, 400, 401, 403, 404, 405],
  ...[408, 409, 418, 425, 429, 500, 501, 502, 503, 504, 599, 101, 103, 199, 999],
];

const HEADERS: readonly (readonly [string, string])[] = [
  ['Date', 'Sat, 13 Sep 275760 00:00:00 GMT'],
  ['Date', 'Thu, 01 Jan 1970 00:00:00 GMT'],
  ['Date', 'x'],
  ['Date', '-271821-04-20T00:00:00Z'],
  ['Retry-After', '1e309'],
  ['Retry-After', '99999999999999999999'],
  ['Retry-After', 'Sat, 13 Sep 275760 00:00:00 GMT'],
  ['Retry-After', '-1'],
  ['X-Request-Id', ECHO],
  ['X-Request-Id', '\u001b[31m'],
  ['__proto__', 'x'],
  ['constructor', 'x'],
  ['Location', 'http://127.0.0.1:9/'],
  ['Location', 'file:///etc/passwd'],
  ['Set-Cookie', 'a=b'],
  ['X-Subject-Token', 'x y'],
  ['X-Subject-Token', '\u00ff'],
  ['Content-Type', 'text/html'],
  ['Connection', 'upgrade'],
];

/** Bodies that are no change of a good one. */
const BODIES: readonly Recipe[] = [
  '',
  '<html>',
  'null',
  '[]',
  '{"error_code":"constructor","error_msg":"x"}',
  `{"error_code":"APIGW.0301","error_msg":"verify failed ${ECHO}"}`,
  `{"error_code":"X.1","error_msg":"${ECHO} ${ECHO}","request_id":"${ECHO}"}`,
  `{"error":{"code":"${ECHO}","message":"${ECHO}"}}`,
  '{"error_code":"APIGW.0308","error_msg":"policy user over ratelimit,limit:999999999,time:999999 day"}',
  '{"error_code":"DCS.4049","error_msg":"\\ud800"}',
  '{"job_id":"../../../v2/x"}',
  '{"job_id":9007199254740993}',
  { $repeat: ['[', 100_000] },
  { $repeat: ['{"a":', 50_000] },
  { $repeat: ['x', 1_100_000] },
  { $repeat: ['{"error_code":"', 30_000] },
];

/** Answers of any kind. */
export const answers: fc.Arbitrary<Answer> = fc.record({
  status: fc.constantFrom(...STATUSES),
  headers: fc.array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...HEADERS) },
      {
        weight: 1,
        arbitrary: fc.tuple(
          fc.constantFrom('X-Request-Id', 'Server', 'Date', 'Retry-After', 'X-Subject-Token'),
          fc.string({ maxLength: 200 }),
        ),
      },
    ),
    { maxLength: 4 },
  ),
  body: fc.oneof(
    { weight: 3, arbitrary: edits },
    { weight: 1, arbitrary: fc.constantFrom(...BODIES).map((text) => ({ text })) },
    { weight: 1, arbitrary: hostileText.map((text) => ({ text })) },
  ),
  frame: fc.oneof(
    { weight: 40, arbitrary: fc.constantFrom('length', 'chunked') },
    { weight: 9, arbitrary: fc.constantFrom('close', 'too-long', 'too-short', 'cut') },
    { weight: 1, arbitrary: fc.constantFrom('never', 'drip') },
  ),
  coding: fc.constantFrom('none', 'none', 'none', 'none', 'gzip', 'no-gzip', 'unknown'),
  echo: fc.constantFrom('plain', 'unicode', 'percent'),
});

/** Whether such an answer does not come to its end. */
export function isEndless({ frame }: Answer): boolean {
  return frame === 'never' || frame === 'drip';
}

/** A server of answers, while one case runs. */
export interface AnswerServer {
  readonly origin: string;
  /** The requests so far: `GET /path`. */
  readonly requests: readonly string[];
}

/**
 * A server for one case that answers each request once and then closes the connection: what an earlier case has given
 * up, and comes late, meets no one.
 */
export async function withAnswerServer<T>(
  { answer, good }: { readonly answer: Answer; readonly good: Recipe },
  use: (server: AnswerServer) => Promise<T>,
): Promise<T> {
  const requests: string[] = [];
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    let received = '';
    let isAnswered = false;
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString();
      if (isAnswered || !received.includes('\r\n\r\n')) return;
      isAnswered = true;
      requests.push(received.slice(0, received.indexOf(' HTTP/')));
      send(socket, answer, good, received);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  try {
    return await use({ origin: `http://127.0.0.1:${port}`, requests });
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** Between two bytes of an answer that drips. */
const DRIP_MS = 20;

function send(socket: net.Socket, answer: Answer, good: Recipe, request: string): void {
  if (answer.frame === 'never') return;
  const bytes = toBytes(answer, good, request);
  if (answer.frame !== 'drip') {
    socket.end(bytes);
    return;
  }
  let sent = 0;
  const timer = setInterval(() => {
    // The last one never comes.
    if (sent < bytes.length - 1) socket.write(bytes.subarray(sent, (sent += 1)));
  }, DRIP_MS);
  socket.once('close', () => {
    clearInterval(timer);
  });
}

function toBytes(answer: Answer, good: Recipe, request: string): Buffer {
  const { status, headers, frame } = answer;
  const clean = (text: string): string => withEcho(text, request, answer.echo);
  const body = encoded(answer, Buffer.from(clean(textOf(answer, good))));
  const lines = [
    `HTTP/1.1 ${status} X`,
    ...headers.map(([name, value]) => `${name}: ${clean(value).replace(/[\r\n\0]/g, ' ')}`),
    ...codingLines(answer),
    ...frameLines(frame, body.length),
  ];
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  if (frame !== 'chunked') return Buffer.concat([head, body]);
  const size = Buffer.from(`${body.length.toString(16)}\r\n`);
  const end = body.length === 0 ? '\r\n' : '\r\n0\r\n\r\n';
  return Buffer.concat([head, size, body, Buffer.from(end)]);
}

function textOf({ body }: Answer, good: Recipe): string {
  if (!('text' in body)) return toJsonText(edited(good, body));
  const { text } = body;
  return typeof text === 'string' ? text : (JSON.parse(toJsonText(text)) as string);
}

function codingLines({ coding }: Answer): string[] {
  if (coding === 'none') return [];
  return [`Content-Encoding: ${coding === 'unknown' ? 'x-zip' : 'gzip'}`];
}

function encoded({ coding }: Answer, body: Buffer): Buffer {
  return coding === 'gzip' ? gzipSync(body) : body;
}

function frameLines(frame: Answer['frame'], length: number): string[] {
  switch (frame) {
    case 'length':
    case 'drip':
      return [`Content-Length: ${length}`];
    case 'too-long':
    case 'cut':
      return [`Content-Length: ${length + 10}`];
    case 'too-short':
      return [`Content-Length: ${Math.max(0, length - 1)}`];
    case 'chunked':
      return ['Transfer-Encoding: chunked'];
    case 'close':
    case 'never':
      return ['Connection: close'];
  }
}

/** The values of the request's headers that hold secrets, as a service might give them back. */
function withEcho(text: string, request: string, echo: Answer['echo']): string {
  if (!text.includes(ECHO)) return text;
  const values = [
    ...request.matchAll(/^(?:authorization|x-[\w-]*token|webhook-signature): (.*)$/gim),
  ];
  const secrets = values.map(([, value = '']) => value.trim()).join(' ');
  return text.replaceAll(ECHO, () => ESCAPES[echo](`${secrets} ${request.split('\r\n\r\n')[1]}`));
}

const ESCAPES: Readonly<Record<Answer['echo'], (text: string) => string>> = {
  plain: (text) => JSON.stringify(text).slice(1, -1),
  unicode: (text) =>
    text.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  percent: encodeURIComponent,
};
