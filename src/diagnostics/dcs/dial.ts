/**
 * Opens a connection stage by stage, so that what is said of a failure names the stage: name, TCP, proxy,
 * TLS. Sends no request to the service.
 */
import { lookup } from 'node:dns/promises';
import http from 'node:http';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';

/** The stages of a connection, in order. */
export type DialStage = 'DNS' | 'TCP' | 'proxy' | 'TLS';

/** Thrown when a stage does not come about. */
export class DialError extends Error {
  override readonly name = 'DialError';

  /** @param reason the system's word such as `ECONNREFUSED`, or the proxy's status */
  constructor(
    readonly stage: DialStage,
    readonly reason: string,
  ) {
    super(`${stage} failed (${reason})`);
  }
}

/** Where to, and how. */
export interface DialOptions {
  readonly endpoint: URL;
  /** Used for https endpoints only, as the client does; may hold a password. */
  readonly proxy: URL | null;
  /** PEM text of authorities to trust besides the built-in ones. */
  readonly ca: string | null;
  /** Of each stage, in milliseconds. */
  readonly timeoutMs: number;
}

/** What was reached. */
export interface Dialled {
  readonly addresses: readonly string[];
  /** `TLSv1.3`; `null` for plain text. */
  readonly tlsVersion: string | null;
}

/** Connects and hangs up again. @throws DialError */
export async function dial(options: DialOptions): Promise<Dialled> {
  const { endpoint, proxy, timeoutMs } = options;
  const isTls = endpoint.protocol === 'https:';
  const isProxied = isTls && proxy !== null;
  const [host, port] = [hostOf(endpoint), portOf(endpoint)];
  const addresses = isProxied ? [] : await stage('DNS', timeoutMs, resolve(host));
  const socket = isProxied
    ? await stage('proxy', timeoutMs, openTunnel(proxy, host, port, timeoutMs))
    : await stage('TCP', timeoutMs, openSocket(host, port, timeoutMs));
  try {
    const tlsVersion = isTls
      ? await stage('TLS', timeoutMs, handshake(socket, host, options.ca))
      : null;
    return { addresses, tlsVersion };
  } finally {
    socket.destroy();
  }
}

/** Host of a URL, without the brackets of an IPv6 address. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

/** Port of a URL, also where it is the usual one. */
export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}

async function resolve(host: string): Promise<string[]> {
  const found = await lookup(host, { all: true });
  return found.map(({ address }) => address);
}

function openSocket(host: string, port: number, timeoutMs: number): Promise<Duplex> {
  return new Promise((done, reject) => {
    const socket = net.connect({ host, port });
    socket.setTimeout(timeoutMs, () => socket.destroy(coded('ETIMEDOUT')));
    socket.once('connect', () => {
      done(socket);
    });
    // Stays for good: what happens to a socket that nobody listens to would end the process.
    socket.on('error', reject);
  });
}

function openTunnel(proxy: URL, host: string, port: number, timeoutMs: number): Promise<Duplex> {
  return new Promise((done, reject) => {
    const target = `${net.isIPv6(host) ? `[${host}]` : host}:${port}`;
    const request = http.request({
      host: hostOf(proxy),
      port: portOf(proxy),
      method: 'CONNECT',
      path: target,
      headers: { Host: target, ...authorizationOf(proxy) },
      agent: false,
    });
    request.setTimeout(timeoutMs, () => request.destroy(coded('ETIMEDOUT')));
    request.once('connect', ({ statusCode = 0 }, socket) => {
      socket.on('error', reject);
      if (statusCode === 200) done(socket);
      else {
        socket.destroy();
        reject(coded(`status ${statusCode}`));
      }
    });
    request.once('response', ({ statusCode = 0 }) =>
      request.destroy(coded(`status ${statusCode}`)),
    );
    request.on('error', reject);
    request.end();
  });
}

function authorizationOf({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'Proxy-Authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

function handshake(socket: Duplex, host: string, ca: string | null): Promise<string | null> {
  return new Promise((done, reject) => {
    const secure = tls.connect({
      socket,
      ...(net.isIP(host) === 0 ? { servername: host } : { host }),
      ...(ca === null ? {} : { ca: [...tls.rootCertificates, ca] }),
    });
    secure.once('secureConnect', () => {
      done(secure.getProtocol());
    });
    secure.on('error', reject);
  });
}

async function stage<T>(name: DialStage, timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(coded('ETIMEDOUT'));
    }, timeoutMs);
  });
  try {
    return await Promise.race([work, tooLate]);
  } catch (error) {
    throw new DialError(name, reasonOf(error));
  } finally {
    clearTimeout(timer);
  }
}

function coded(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function reasonOf(error: unknown): string {
  const { code, errors } = (error ?? {}) as { readonly code?: unknown; readonly errors?: unknown };
  if (typeof code === 'string' && code !== '') return code;
  return Array.isArray(errors) && errors.length > 0 ? reasonOf(errors[0]) : 'unknown reason';
}
