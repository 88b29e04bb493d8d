import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { TLSSocket } from 'node:tls';

import { otherOrigin } from '../config/index.js';
import type { ProjectConfig } from '../config/index.js';
import { createConnect, routeTo, systemCodeOf, targetOf, TunnelError } from '../dcs/index.js';
import type { CredentialSettings, Route } from '../dcs/index.js';
import { timeoutSignal, withoutBom } from '../util.js';

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
  readonly proxyUrl: string | null;
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

/** Connects as the client does, and hangs up again. @throws DialError */
export async function dial(options: DialOptions): Promise<Dialled> {
  const { endpoint, proxyUrl, ca, timeoutMs } = options;
  const route = routeTo(endpoint, { proxyUrl, ca });
  // Of a host behind the proxy this machine need not know the address.
  if (route.proxy !== null)
    return { addresses: [], tlsVersion: await connectOnce('TLS', route, options) };
  const addresses = await resolve(hostOf(endpoint), timeoutMs);
  await connectOnce('TCP', { ...route, isTls: false }, options);
  const tlsVersion = route.isTls ? await connectOnce('TLS', route, options) : null;
  return { addresses, tlsVersion };
}

/** @returns the version of TLS; `null` for plain text */
async function connectOnce(
  stage: DialStage,
  route: Route,
  { endpoint, timeoutMs }: DialOptions,
): Promise<string | null> {
  const deadline = timeoutSignal(timeoutMs);
  try {
    const { socket } = await createConnect(route)(targetOf(endpoint), deadline);
    const version = socket instanceof TLSSocket ? socket.getProtocol() : null;
    socket.destroy();
    return version;
  } catch (error) {
    const code = deadline.aborted ? 'ETIMEDOUT' : systemCodeOf(error);
    if (!(error instanceof TunnelError)) throw new DialError(stage, code);
    throw new DialError('proxy', code.replace('PROXY_', '').replace(/^(?=\d)/, 'status '));
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

async function resolve(host: string, timeoutMs: number): Promise<string[]> {
  try {
    const found = await within(timeoutMs, host, lookup(host, { all: true }));
    return found.map(({ address }) => address);
  } catch (error) {
    throw new DialError('DNS', error instanceof TooLateError ? 'ETIMEDOUT' : systemCodeOf(error));
  }
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
    case 'oidc':
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
    case 'pod-identity':
      return [
        {
          ...{ id, what: 'pod identity agent', url: settings.credentialsUri, mayBeProxied: false },
          endpointSetting: 'HC_CONTAINER_CREDENTIALS_FULL_URI',
          setting:
            "the network policy, or the credential source: this node's agent does not answer",
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
    proxyUrl: mayBeProxied ? proxyUrl : null,
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
function describeRoute({ what, url }: Destination, { endpoint, proxyUrl }: DialOptions): string {
  if (proxyUrl === null || endpoint.protocol !== 'https:') return `${what} ${url}`;
  const proxy = new URL(proxyUrl);
  return `${what} ${url} through the proxy ${hostOf(proxy)}:${portOf(proxy)}`;
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
