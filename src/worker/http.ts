import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Logger } from 'pino';

import { ConfigurationError } from '../config/index.js';
import type { WorkerConfig } from '../config/index.js';
import { entryOf, visible } from '../util.js';

import type { Health } from './health.js';
import { createExporter, installRuntime } from './runtime.js';
import type { Exposition } from './runtime.js';

/** What a path answers. */
interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Answers by path. */
export type HttpRoutes = Readonly<Record<string, () => HttpAnswer | Promise<HttpAnswer>>>;

/** A listening server. */
export interface HttpServer {
  readonly host: string;
  readonly port: number;
  /** Stops listening and ends open connections. */
  close(): Promise<void>;
}

/** Nothing here is large or slow; sizes in bytes, times in milliseconds. */
const LIMITS = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
} as const;

/** More probes and scrapers than this at the same time are a mistake. */
const MAX_CONNECTIONS = 100;

/** Time for answers on their way when the server closes, in milliseconds. */
const CLOSE_GRACE_MS = 500;

/**
 * Serves GET and HEAD of the given paths; 404 for others, 405 for other methods. Bodies of requests
 * are not read.
 *
 * @throws ConfigurationError naming the variable when the address cannot be used
 */
export async function startHttpServer(
  address: { readonly host: string; readonly port: number },
  routes: HttpRoutes,
): Promise<HttpServer> {
  const server = createServer(LIMITS, (request, response) => {
    void respond(request, response, routes);
  });
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new ConfigurationError([describeListenError(error, address)]));
    });
    server.listen(address.port, address.host, resolve);
  });
  return {
    host: address.host,
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        const timer = setTimeout(() => {
          server.closeAllConnections();
        }, CLOSE_GRACE_MS);
        server.close(() => {
          clearTimeout(timer);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

function describeListenError(
  { code }: NodeJS.ErrnoException,
  { host, port }: { readonly host: string; readonly port: number },
): string {
  if (code === 'EADDRINUSE')
    return `DCS_SWITCHOVER_HTTP_PORT ${port} is taken on ${host}: choose another one, or stop what listens there`;
  if (code === 'EACCES')
    return `DCS_SWITCHOVER_HTTP_PORT ${port} is not allowed for this user: choose one above 1023`;
  return `DCS_SWITCHOVER_HTTP_HOST ${host} cannot be listened on (${code ?? 'unknown error'})`;
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  routes: HttpRoutes,
): Promise<void> {
  const { status, contentType, body } = await answerTo(request, routes);
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...(status === 405 ? { allow: 'GET, HEAD' } : {}),
    // What a client wants to send beyond its headers is not waited for.
    ...(hasBody(request) ? { connection: 'close' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

async function answerTo(request: IncomingMessage, routes: HttpRoutes): Promise<HttpAnswer> {
  const [path = ''] = (request.url ?? '').split('?', 1);
  const route = entryOf(routes, path);
  if (route === undefined) return plain(404, 'not found');
  if (request.method !== 'GET' && request.method !== 'HEAD') return plain(405, 'only GET');
  try {
    return await route();
  } catch {
    return plain(500, 'this answer could not be made');
  }
}

function plain(status: number, body: string): HttpAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${body}\n` };
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/** The three paths of a worker: 200 when all is well, 503 with the reason otherwise. */
export function createRoutes(health: Health, scrape: () => Promise<Exposition>): HttpRoutes {
  return {
    '/healthz': () => {
      const liveness = health.liveness();
      return json(liveness.alive, liveness);
    },
    '/readyz': async () => {
      const readiness = await health.readiness();
      return json(readiness.ready, readiness);
    },
    '/metrics': async () => {
      const { contentType, text } = await scrape();
      return { status: 200, contentType, body: text };
    },
  };
}

function json(isWell: boolean, body: object): HttpAnswer {
  const contentType = 'application/json; charset=utf-8';
  return { status: isWell ? 200 : 503, contentType, body: visible(`${JSON.stringify(body)}\n`) };
}

/**
 * Runs `run` while the port of the settings, where there is one, answers probes and scrapes. Installs the SDK's
 * runtime before `run`, and after the port is open: a runtime that nothing uses would keep a process alive that
 * cannot start.
 */
export async function servePort(
  { config: { http }, health, logger }: Served,
  run: () => Promise<void>,
): Promise<void> {
  const exporter = createExporter();
  const server =
    http === null ? null : await startHttpServer(http, createRoutes(health, exporter.scrape));
  try {
    if (server === null) installRuntime(logger, null);
    else {
      logger.info({ host: server.host, port: server.port }, 'http server listening');
      await exporter.start((address) => {
        installRuntime(logger, address);
      });
    }
    await run();
  } finally {
    await server?.close();
  }
}

interface Served {
  readonly config: Pick<WorkerConfig, 'http'>;
  readonly health: Health;
  readonly logger: Logger;
}
