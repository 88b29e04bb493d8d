/** A webhook on loopback: keeps what it is sent, answers what it is reported. */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Webhook } from 'standardwebhooks';

import { showed } from './shown.js';

/** Something that was posted. */
export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly path: string;
  readonly body: string;
}

/** What it answers; `hang`: never. */
export type Reply = number | 'hang' | readonly [status: number, headers: Record<string, string>];

/** A receiver that listens. */
export interface Receiver {
  readonly url: string;
  readonly secret: string;
  readonly received: readonly Received[];
  /** The events, in the order in which they came, each verified by the standard's own library. */
  readonly events: () => ReceivedEvent[];
  /** Answers of the next calls, in order; afterwards 204 again. */
  readonly replyWith: (...replies: Reply[]) => void;
  /** Answers all calls so, until reported otherwise. */
  readonly replyAlways: (reply: Reply) => void;
  readonly close: () => Promise<void>;
}

/** A CloudEvent as it came. */
export interface ReceivedEvent {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly subject: string;
  readonly time: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A secret as the standard writes it. */
export function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

/** Starts one on a free port. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const next: Reply[] = [];
  const secret = newSecret();
  let always: Reply = 204;
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      received.push({ headers: request.headers, path: request.url ?? '', body: showed(body) });
      const reply = next.shift() ?? always;
      if (reply === 'hang') return;
      const [status, headers] = typeof reply === 'number' ? [reply, {}] : reply;
      response.writeHead(status, headers).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hooks/token-of-the-url`,
    secret,
    received,
    events: () => received.map(({ headers, body }) => verified(secret, headers, body)),
    replyWith: (...replies) => next.push(...replies),
    replyAlways: (reply) => {
      always = reply;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function verified(secret: string, headers: IncomingHttpHeaders, body: string): ReceivedEvent {
  return new Webhook(secret).verify(body, headers as Record<string, string>) as ReceivedEvent;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
