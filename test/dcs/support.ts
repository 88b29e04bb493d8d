/** What the tests of the DCS client share: real servers on loopback, and clients of them. */
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { inspect } from 'node:util';

import { createDcsClient } from '../../src/dcs/index.js';
import type { DcsClient, DcsClientOptions } from '../../src/dcs/index.js';

export { makeCertificate } from '../support/certificate.js';

export const PROJECT_ID = '0ebd32bc6a0123456789abcdef012345';
export const INSTANCE_ID = '5560df16-cebf-4473-95c4-d1b573c16e79';
export const JOB_ID = '8abfa7aa88ad5aa50188aef7ec0936d1';

/** A limit that a test waits out; long enough for what has to happen before, on a loaded machine. */
export const LIMIT_MS = 1_500;

/** Must never show up in an error. */
export const CANARIES = {
  accessKey: 'AKCANARY4711',
  secretKey: 'SKCANARY4711',
  securityToken: 'TOKENCANARY4711',
} as const;

export interface Arrival {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly remotePort: number;
}

export interface TestServer {
  readonly origin: string;
  /** The requests whose head arrived. */
  readonly arrivals: readonly Arrival[];
  /** Bytes received per connection, in the order of the connections. */
  readonly bytes: readonly number[];
  /** How many connections have ended. */
  readonly closed: () => number;
}

export type Respond = (request: http.IncomingMessage, response: http.ServerResponse) => void;

const cleanups: (() => Promise<void>)[] = [];

/** Closes every server of this file. */
export async function stopServers(): Promise<void> {
  await Promise.all(cleanups.splice(0).map((close) => close()));
}

/** A server on a free loopback port; `tls` makes it one with a self-signed certificate. */
export async function startServer(
  respond: Respond,
  tls?: Pick<https.ServerOptions, 'key' | 'cert'>,
): Promise<TestServer> {
  const arrivals: Arrival[] = [];
  const bytes: number[] = [];
  let closed = 0;
  const listener: Respond = (request, response) => {
    const { method = '', url = '', headers, socket } = request;
    arrivals.push({ method, url, headers, remotePort: socket.remotePort ?? 0 });
    respond(request, response);
  };
  const server =
    tls === undefined ? http.createServer(listener) : https.createServer(tls, listener);
  server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: net.Socket) => {
    const index = bytes.push(0) - 1;
    socket.once('close', () => {
      closed += 1;
      bytes[index] = socket.bytesRead;
    });
  });
  const port = await listen(server);
  cleanups.push(() => {
    server.closeAllConnections();
    return close(server);
  });
  const origin = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  return { origin, arrivals, bytes, closed: () => closed };
}

export interface MuteServer {
  readonly port: number;
  /** How many came so far. */
  readonly connections: () => number;
  /** Resolves when all who came have left. */
  readonly deserted: () => Promise<void>;
}

/** A server that accepts connections and never says anything. */
export async function startMuteServer(): Promise<MuteServer> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.resume();
  });
  const port = await listen(server);
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    return close(server);
  });
  const left = async (socket: net.Socket): Promise<void> => {
    if (!socket.closed) await once(socket, 'close');
  };
  return {
    port,
    connections: () => sockets.size,
    deserted: async () => {
      await Promise.all([...sockets].map(left));
    },
  };
}

/** A server that accepts connections and leaves them to the test. */
export async function startImpatientServer(): Promise<{
  readonly port: number;
  readonly sockets: readonly net.Socket[];
}> {
  const sockets: net.Socket[] = [];
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined);
    sockets.push(socket);
  });
  const port = await listen(server);
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    return close(server);
  });
  return { port, sockets };
}

/** A port on which no one listens. */
export async function findDeafPort(): Promise<number> {
  const server = net.createServer();
  const port = await listen(server);
  await close(server);
  return port;
}

function listen(server: net.Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      resolve((server.address() as net.AddressInfo).port);
    });
  });
}

function close(server: net.Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}

/** A client with the canaries as its credentials. */
export function clientOf(endpoint: string, options: Partial<DcsClientOptions> = {}): DcsClient {
  return createDcsClient({
    endpoint,
    projectId: PROJECT_ID,
    credentials: {
      description: 'test',
      get: () => Promise.resolve({ kind: 'access-key', ...CANARIES }),
      refresh: () => Promise.resolve(),
    },
    readTimeoutMs: 10_000,
    swapTimeoutMs: 10_000,
    connectTimeoutMs: 10_000,
    ...options,
  });
}

export const json =
  (body: unknown, status = 200, headers: http.OutgoingHttpHeaders = {}): Respond =>
  (_, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };

/** Answers 200 and a body that grows a little all the time, and never ends. */
export const drip: Respond = (_, response) => {
  response.writeHead(200, { 'Content-Type': 'application/json' });
  const timer = setInterval(() => response.write(' '), 20);
  response.once('close', () => {
    clearInterval(timer);
  });
};

/** Answers 200 and breaks the connection in the middle of the body. */
export const cutOff: Respond = (request, response) => {
  response.writeHead(200, { 'Content-Length': '1000' });
  response.write('{"job_id":', () => request.socket.destroy());
};

/** Options of a reading that no one cancels. */
export const uncancelled = () => ({ signal: new AbortController().signal });

export const showInstance = (client: DcsClient) => client.showInstance(INSTANCE_ID, uncancelled());

/** Opens the swap's connection and sends, unless `maySend`, asked in between, says no. */
export const requestSwap = async (client: DcsClient, maySend = (): boolean => true) => {
  const swap = await client.openSwap(INSTANCE_ID, uncancelled());
  try {
    if (!maySend()) throw new Error('not wanted');
    return await swap.send();
  } finally {
    swap.close();
  }
};

/** What a promise was rejected with; fails when it was not. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('was not rejected');
}

/** Every text by which an error may end up in a log, a history or a console. */
export function textsOf(error: unknown): string {
  const { stack, message } = error as Error;
  return [
    inspect(error, { showHidden: true, depth: Infinity }),
    JSON.stringify(error),
    stack,
    message,
    String(error),
  ].join('\n');
}

export interface TestProxy {
  readonly origin: string;
  /** What was asked of it: `host:port` and the headers. */
  readonly asked: readonly {
    readonly authority: string;
    readonly headers: http.IncomingHttpHeaders;
  }[];
  /** Bytes that its clients sent after the tunnel stood, over all tunnels. */
  readonly tunnelled: () => number;
}

/** An HTTP proxy that opens tunnels to wherever it is asked, or says what `answer` says instead. */
export async function startProxy(answer: string | null = null): Promise<TestProxy> {
  const asked: { authority: string; headers: http.IncomingHttpHeaders }[] = [];
  const sockets = new Set<net.Socket>();
  let tunnelled = 0;
  const server = http.createServer((_, response) => response.writeHead(400).end());
  server.on('connect', ({ url: authority = '', headers }, client: net.Socket) => {
    asked.push({ authority, headers });
    sockets.add(client);
    client.on('error', () => undefined);
    if (answer !== null) {
      client.end(answer);
      return;
    }
    const { hostname, port } = new URL(`http://${authority}`);
    const upstream = net.connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.on('data', (chunk: Buffer) => (tunnelled += chunk.length));
      client.pipe(upstream).pipe(client);
    });
    sockets.add(upstream);
    upstream.on('error', () => client.destroy());
  });
  const port = await listen(server);
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.closeAllConnections();
    return close(server);
  });
  return { origin: `http://127.0.0.1:${port}`, asked, tunnelled: () => tunnelled };
}
