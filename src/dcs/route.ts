import { X509Certificate } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { ClientRequest } from 'node:http';
import net from 'node:net';
import tls from 'node:tls';

import { HttpsProxyAgent } from 'https-proxy-agent';

import { DcsConfigurationError } from './errors.js';

/** Thrown when the proxy did not open the way; no byte of TLS or of a request has left. */
export class TunnelError extends Error {
  /** @param code `PROXY_` and the status or the system's code: `PROXY_407`, `PROXY_ECONNREFUSED` */
  constructor(readonly code: string) {
    super(code);
  }
}

/** Where a tunnel leads. */
export type TunnelTarget = tls.ConnectionOptions & { readonly host: string; readonly port: number };

/**
 * Asks the proxy for a way to the target and begins TLS on it. The agent serves for this one dialling:
 * it would otherwise hand on whatever a refusing proxy says as if the target had said it.
 *
 * @returns a TLS socket whose handshake has begun
 * @throws TunnelError
 */
async function openTunnel(
  proxy: Proxy,
  target: TunnelTarget,
  signal: AbortSignal,
): Promise<net.Socket> {
  const dialling = new AbortController();
  const stop = (): void => {
    dialling.abort();
  };
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop);
  const agent = new HttpsProxyAgent<string>(proxy.origin, {
    headers: { ...proxy.headers },
    signal: dialling.signal,
  });
  let status = 0;
  agent.once('proxyConnect', ({ statusCode }: { readonly statusCode: number }) => {
    status = statusCode;
  });
  try {
    const socket = await agent.connect(NO_REQUEST(), {
      ...target,
      // Node would check an address against the proxy's name.
      checkServerIdentity: (_, certificate) => tls.checkServerIdentity(target.host, certificate),
      secureEndpoint: true,
    });
    if (status === 200) return socket;
    socket.destroy();
  } catch (error) {
    throw new TunnelError(`PROXY_${reasonOf(error)}`);
  } finally {
    signal.removeEventListener('abort', stop);
  }
  throw new TunnelError(`PROXY_${status}`);
}

/** The agent wants a request to report its progress to; ours listens to the agent itself. */
const NO_REQUEST = (): ClientRequest => new EventEmitter() as unknown as ClientRequest;

function reasonOf(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? code : 'CLOSED';
}

/** What Node's agents say of a connection that they want. */
export type ConnectTarget = tls.ConnectionOptions & net.NetConnectOpts;

/** A connection that stands. */
export interface Connection {
  /** What a request is written to. */
  readonly socket: net.Socket;
  /**
   * Ends it so that what has not been delivered never is: a closed connection goes on resending for a
   * minute or more. What a proxy has taken in is out of reach.
   */
  readonly breakOff: () => void;
}

/**
 * Opens one connection, ready for a request: TLS included, through the proxy where there is one. It has
 * carried no byte of a request. The signal ends the attempt.
 */
export type Connect = (target: ConnectTarget, signal: AbortSignal) => Promise<Connection>;

/** The opener of connections by a way. */
export function createConnect({ isTls, proxy, secureContext }: Route): Connect {
  return async (target, signal) => {
    const trusting = { ...target, ...(secureContext === undefined ? {} : { secureContext }) };
    if (isTls && proxy !== null) {
      const tunnel = await openTunnel(proxy, { ...trusting, ...placeOf(target) }, signal);
      const socket = await established(tunnel, 'secureConnect', signal);
      return { socket, breakOff: () => socket.destroy() };
    }
    const below = await established(net.connect(target), 'connect', signal);
    const breakOff = (): void => {
      below.resetAndDestroy();
    };
    if (!isTls) return { socket: below, breakOff };
    const above = tls.connect({ ...trusting, socket: below });
    return { socket: await established(above, 'secureConnect', signal), breakOff };
  };
}

/** What to connect to for an origin, as Node's agents would say it. */
export function targetOf({ protocol, hostname, port }: URL): ConnectTarget {
  const host = hostname.replace(/^\[|\]$/g, '');
  return {
    host,
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
    noDelay: true,
    // An address is no name that a server could be asked for.
    servername: net.isIP(host) === 0 ? host : '',
  };
}

/** The system's code for why no connection came about. */
export function systemCodeOf(error: unknown): string {
  const { code } = Object(error) as { readonly code?: unknown };
  return typeof code === 'string' ? code : 'unknown reason';
}

function placeOf(target: ConnectTarget): { host: string; port: number } {
  const { host = '', port = 443 } = target as tls.ConnectionOptions;
  return { host, port };
}

function established(
  socket: net.Socket,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      socket.destroy(new Error('given up'));
    };
    // Stays permanently: between here and the HTTP layer's own listener an error must not end the process.
    socket.on('error', reject);
    socket.once('close', () => {
      signal.removeEventListener('abort', stop);
      reject(new Error('closed'));
    });
    socket.once(event, () => {
      signal.removeEventListener('abort', stop);
      resolve(socket);
    });
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
  });
}

/** An HTTP proxy that opens tunnels (`CONNECT`). */
interface Proxy {
  /** `http://host:port`, without the credentials. */
  readonly origin: string;
  /** For the proxy alone; the API never sees them. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Reads a proxy setting; user and password may stand in it, percent-encoded.
 *
 * @throws DcsConfigurationError that never repeats it
 */
export function parseProxy(proxyUrl: string | null): Proxy | null {
  if (proxyUrl === null) return null;
  const url = URL.canParse(proxyUrl) ? new URL(proxyUrl) : null;
  if (url?.protocol !== 'http:' || url.pathname !== '/' || url.search !== '' || url.hash !== '')
    throw new DcsConfigurationError('proxyUrl', 'must be like http://host:port');
  if (url.username === '' && url.password === '') return { origin: url.origin, headers: {} };
  const basic = Buffer.from(`${decode(url.username)}:${decode(url.password)}`).toString('base64');
  return { origin: url.origin, headers: { 'Proxy-Authorization': `Basic ${basic}` } };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new DcsConfigurationError('proxyUrl', 'has a user or password that is not encoded');
  }
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * Whom TLS connections trust: the authorities of the PEM text besides the built-in ones. Built once,
 * because reading all of them takes milliseconds. `undefined` leaves the platform's default.
 *
 * @param pem `null`: no one else
 * @throws DcsConfigurationError when the text holds no usable certificate
 */
function trustedContext(pem: string | null): tls.SecureContext | undefined {
  if (pem === null) return undefined;
  const certificates = pem.match(CERTIFICATE) ?? [];
  if (certificates.length === 0 || !certificates.every(isReadable))
    throw new DcsConfigurationError('ca', 'holds no certificate, or one that cannot be read');
  return tls.createSecureContext({ ca: [...tls.rootCertificates, ...certificates] });
}

function isReadable(certificate: string): boolean {
  try {
    return new X509Certificate(certificate).raw.length > 0;
  } catch {
    return false;
  }
}

/** How an origin is reached. */
export interface Route {
  readonly isTls: boolean;
  /** Only for TLS: plain HTTP is loopback, or a server's own metadata. */
  readonly proxy: Proxy | null;
  readonly secureContext: tls.SecureContext | undefined;
}

/**
 * The way to an endpoint.
 *
 * @throws DcsConfigurationError for an unusable proxy or certificate authority
 */
export function routeTo(
  endpoint: URL,
  settings: { readonly proxyUrl?: string | null; readonly ca?: string | null },
): Route {
  const isTls = endpoint.protocol === 'https:';
  const proxy = parseProxy(settings.proxyUrl ?? null);
  return {
    isTls,
    proxy: isTls ? proxy : null,
    secureContext: trustedContext(settings.ca ?? null),
  };
}
