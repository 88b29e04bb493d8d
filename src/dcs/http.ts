/**
 * The only importer of axios. One HTTP attempt per call; nothing here repeats or redirects anything. A
 * failure leaves as an error of our own, because an AxiosError carries the headers and so the credentials.
 */
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { Duplex } from 'node:stream';

import axios from 'axios';
import type { AxiosRequestConfig } from 'axios';

import { packageVersion } from '../package-version.js';
import { timeoutSignal } from '../util.js';

import { createConnect } from './route.js';
import type { ConnectTarget, Route } from './route.js';

/** Room for an IAM token in a response's headers; it grows with the user's roles. */
const MAX_HEADER_BYTES = 65_536;

/** One attempt. */
export interface HttpRequest {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly origin: string;
  /** Path and query, encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** @default none */
  readonly body?: string;
  readonly agent: http.Agent;
  readonly signal: AbortSignal;
  readonly maxResponseBytes: number;
  /** Called once the system has taken the whole request. */
  readonly onWritten?: (() => void) | undefined;
}

/** A complete response of any status. */
export interface HttpResponse {
  readonly status: number;
  /** By lower-case name; repeated ones left out. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Thrown when no complete response came. Holds nothing of the request. */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';

  /**
   * @param reason the system's code, such as `ECONNREFUSED`
   * @param status of the response that had begun, else `null`
   */
  constructor(
    readonly reason: string,
    readonly status: number | null,
    readonly isTooLarge: boolean,
  ) {
    super(reason);
  }
}

/** Sends one request. @throws HttpFailure */
export type SendHttp = (request: HttpRequest) => Promise<HttpResponse>;

/**
 * A sender of its own. What a host sets on the shared one must not reach a PUT: neither interceptors, such
 * as a retry, nor defaults (its timeout, its `Authorization`), which `axios.create` would inherit.
 */
export function createHttp(): SendHttp {
  const client = new axios.Axios({});
  const userAgent = toUserAgent(packageVersion());
  return async (request) => {
    try {
      const { status, headers, data } = await client.request<unknown>(toConfig(request, userAgent));
      return {
        status,
        headers: onlyTexts(headers),
        text: typeof data === 'string' ? data : '',
      };
    } catch (error) {
      throw toFailure(error);
    }
  };
}

/** Support asks for it: `dcs-switchover/{major}.{minor}`. */
function toUserAgent(version: string): string {
  return `dcs-switchover/${version.split('.').slice(0, 2).join('.')}`;
}

function toConfig(
  { origin, path, body, agent, ...request }: HttpRequest,
  userAgent: string,
): AxiosRequestConfig {
  return {
    method: request.method,
    baseURL: origin,
    url: path,
    allowAbsoluteUrls: false,
    adapter: 'http',
    transport: transportOf(origin.startsWith('https:') ? https : http, request.onWritten),
    // A proxy is the agent's affair; the environment's variables are not followed.
    proxy: false,
    maxRedirects: 0,
    maxContentLength: request.maxResponseBytes,
    maxBodyLength: Buffer.byteLength(body ?? ''),
    responseType: 'text',
    transformResponse: (text: unknown): unknown => text,
    validateStatus: () => true,
    // Without an explicit type axios would announce a form.
    headers: {
      'Content-Type': 'application/json',
      Accept: 'application/json',
      // What a proxy has kept says nothing of the present.
      'Cache-Control': 'no-cache',
      'User-Agent': userAgent,
      ...request.headers,
    },
    httpAgent: agent,
    httpsAgent: agent,
    signal: request.signal,
    ...(body === undefined ? {} : { data: body }),
  };
}

function transportOf({ request }: Pick<typeof http, 'request'>, onWritten = (): void => undefined) {
  return {
    request: (options: http.RequestOptions, onResponse: (got: http.IncomingMessage) => void) =>
      request({ ...options, maxHeaderSize: MAX_HEADER_BYTES }, onResponse).once(
        'finish',
        onWritten,
      ),
  };
}

function onlyTexts(headers: object): Record<string, string> {
  const texts = Object.entries(headers as Record<string, unknown>).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(texts);
}

function toFailure(error: unknown): HttpFailure {
  const { code } = error as { readonly code?: unknown };
  const status = axios.isAxiosError(error) ? (error.response?.status ?? null) : null;
  const isTooLarge = error instanceof Error && error.message.includes('maxContentLength');
  return new HttpFailure(typeof code === 'string' ? code : 'unknown reason', status, isTooLarge);
}

/** Sockets that the readings of one client may keep open. */
const MAX_SOCKETS = 20;

const POOL = { keepAlive: true, maxSockets: MAX_SOCKETS };

/** The pooled connections of the readings. `connectTimeoutMs` bounds the route through a proxy. */
export function createPool(way: Route, connectTimeoutMs: number): http.Agent {
  if (!way.isTls) return new http.Agent(POOL);
  const { secureContext } = way;
  const agent = new https.Agent({
    ...POOL,
    ...(secureContext === undefined ? {} : { secureContext }),
  });
  if (way.proxy === null) return agent;
  const connect = createConnect(way);
  const createConnection = (
    target: ConnectTarget,
    onCreate: (error: Error | null, socket: Duplex) => void,
  ): undefined => {
    connect(target, timeoutSignal(connectTimeoutMs)).then(
      ({ socket }) => {
        onCreate(null, socket);
      },
      (error: unknown) => {
        onCreate(error as Error, new net.Socket());
      },
    );
  };
  return Object.assign(agent, { createConnection });
}
