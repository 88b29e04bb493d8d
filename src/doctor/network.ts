import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';

import { otherOrigin } from '../config/index.js';
import type { ProjectConfig } from '../config/index.js';
import type { CredentialSettings } from '../dcs/index.js';
import { withoutBom } from '../util.js';

import { fail, ok, TooLateError, within } from './check.js';
import type { CheckFinding } from './check.js';
import type { SharedConfig } from './open-project.js';

// Opens a connection stage by stage, so that what is said of a failure names the stage: name, TCP, proxy,
// TLS. Sends no request to the service.

/** The stages of a connection, in order. */
type DialStage = 'DNS' | 'TCP' | 'proxy' | 'TLS';

/** Thrown when a stage does not come about. */
export class DialError extends Error {
  override readonly name = 'DialError';

  /** @param reason the system's code such as `ECONNREFUSED`, or the proxy's status */
  constructor(
    readonly stage: DialStage,
    readonly reason: string,
  ) {
    super(`${stage} failed (${reason})`);
  }
}

/** Where to, and how. */
interface DialOptions {
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

async function openSocket(host: string, port: number, timeoutMs: number): Promise<Duplex> {
  const socket = net.connect({ host, port });
  socket.setTimeout(timeoutMs, () => socket.destroy(coded('ETIMEDOUT')));
  // Stays permanently: what happens to a socket that no one listens to would end the process.
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
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

async function handshake(socket: Duplex, host: string, ca: string | null): Promise<string | null> {
  const secure = tls.connect({
    socket,
    ...(net.isIP(host) === 0 ? { servername: host } : { host }),
    ...(ca === null ? {} : { ca: [...tls.rootCertificates, ca] }),
  });
  secure.on('error', () => undefined);
  await once(secure, 'secureConnect');
  return secure.getProtocol();
}

async function stage<T>(name: DialStage, timeoutMs: number, work: Promise<T>): Promise<T> {
  try {
    return await within(timeoutMs, name, work);
  } catch (error) {
    throw new DialError(name, error instanceof TooLateError ? 'ETIMEDOUT' : reasonOf(error));
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

/** Longest time for one stage of a connection, in milliseconds. */
const STAGE_TIMEOUT_MS = 4_000;

/** A server that a project needs. */
export interface Destination {
  /** Id of its check. */
  readonly id: string;
  /** What it is, as text. */
  readonly what: string;
  readonly url: string;
  /** What to correct when it is the wrong one. */
  readonly setting: string;
  /** Variable or field that gives the endpoint by name. */
  readonly endpointSetting: string;
  readonly mayBeProxied: boolean;
}

/** Where the API of a project is. */
export function apiOf({ region, endpoint }: ProjectConfig): Destination {
  return {
    ...{ id: 'endpoint', what: `region ${region},`, url: endpoint, mayBeProxied: true },
    ...{ setting: 'DCS_REGION or DCS_ENDPOINT', endpointSetting: 'DCS_ENDPOINT' },
  };
}

const IAM_ENDPOINT_VARIABLE = 'HUAWEICLOUD_SDK_IAM_ENDPOINT';

/** Who issues the credentials of a source; no one, where they stand in an environment or a file. */
export function issuersOf(settings: CredentialSettings): Destination[] {
  const id = 'credential-issuer';
  const iam = (url: string): Destination => ({
    ...{ id, what: 'IAM', url, mayBeProxied: true },
    endpointSetting: IAM_ENDPOINT_VARIABLE,
    setting: `the IAM endpoint of this project (${IAM_ENDPOINT_VARIABLE})`,
  });
  switch (settings.source) {
    case 'iam-token':
      return [iam(settings.iamEndpoint)];
    case 'agency':
      return [...issuersOf(settings.base), iam(settings.iamEndpoint)];
    case 'metadata':
      return [
        {
          ...{ id, what: 'metadata service', url: settings.endpoint, mayBeProxied: false },
          endpointSetting: 'DCS_METADATA_ENDPOINT',
          setting: 'the credential source: this may be no cloud server, or one without an agency',
        },
      ];
    case 'environment':
    case 'files':
    case 'profile':
      return [];
  }
}

/** Whether a connection to it comes about. */
export async function checkReachable(
  destination: Destination,
  { proxyUrl, caFile }: SharedConfig,
): Promise<CheckFinding> {
  const { id, url, mayBeProxied } = destination;
  const options: DialOptions = {
    endpoint: new URL(url),
    proxy: proxyUrl === null || !mayBeProxied ? null : new URL(proxyUrl),
    ca: caFile === null ? null : withoutBom(readFileSync(caFile, 'utf8')),
    timeoutMs: STAGE_TIMEOUT_MS,
  };
  const way = describeRoute(destination, options);
  try {
    const { addresses, tlsVersion } = await dial(options);
    const where = addresses.length === 0 ? '' : ` at ${addresses.slice(0, 3).join(', ')}`;
    return ok(id, `${way} answers${where} (${tlsVersion ?? 'plain text'})`);
  } catch (error) {
    if (!(error instanceof DialError)) throw error;
    const fix = FIXES[error.stage](error.reason, options.endpoint, destination);
    return fail(id, `${way}: ${error.message}`, fix, 'unreachable');
  }
}

/** Where sources disagree on a region's host, the one that is not in use; else nothing. */
export function otherHostToTry(url: string, endpointSetting: string): string {
  const origin = otherOrigin(url);
  if (origin === null) return '';
  return ` Sources disagree on this region's host: try ${endpointSetting}=${origin} as well.`;
}

/** Of the proxy only host and port: its URL may hold a password. */
function describeRoute({ what, url }: Destination, { endpoint, proxy }: DialOptions): string {
  const isProxied = proxy !== null && endpoint.protocol === 'https:';
  const through = isProxied ? ` through the proxy ${hostOf(proxy)}:${portOf(proxy)}` : '';
  return `${what} ${url}${through}`;
}

const CERTIFICATE_NAME = 'ERR_TLS_CERT_ALTNAME_INVALID';
const CERTIFICATE_TIME = ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'];

type Fix = (reason: string, endpoint: URL, destination: Destination) => string;

const FIXES: Record<DialStage, Fix> = {
  DNS: (_, endpoint, { setting, endpointSetting }) =>
    `${hostOf(endpoint)} has no address here: correct ${setting}, or the DNS of this machine.${otherHostToTry(endpoint.href, endpointSetting)}`,
  TCP: (_, endpoint, { mayBeProxied, setting }) =>
    mayBeProxied
      ? `Open the route to ${hostOf(endpoint)}, TCP port ${portOf(endpoint)}, or set DCS_HTTPS_PROXY.`
      : `Correct ${setting}.`,
  proxy: (reason, endpoint) => {
    if (reason === 'status 407') return 'Correct the user and password in DCS_HTTPS_PROXY.';
    return reason.startsWith('status ')
      ? `Have the proxy allow CONNECT to ${hostOf(endpoint)}:${portOf(endpoint)}.`
      : 'Correct DCS_HTTPS_PROXY, or open the route to the proxy.';
  },
  TLS: (reason, endpoint, { setting, endpointSetting }) => {
    if (reason === CERTIFICATE_NAME)
      return `The certificate is not of ${hostOf(endpoint)}: correct ${setting}, or what stands between.${otherHostToTry(endpoint.href, endpointSetting)}`;
    return CERTIFICATE_TIME.includes(reason)
      ? 'Check the clock of this machine, and the certificate of the endpoint or of the proxy.'
      : 'Set DCS_CA_FILE to the certificate of the authority that signed it (often that of a proxy).';
  },
};
