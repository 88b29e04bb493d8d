import { readFileSync } from 'node:fs';

import { otherOrigin } from '../config/index.js';
import type { ProjectConfig } from '../config/index.js';
import type { CredentialSettings } from '../dcs/index.js';
import { withoutBom } from '../without-bom.js';
import { fail, ok } from './check.js';
import type { Finding } from './check.js';

import { DialError, dial, hostOf, portOf } from '../diagnostics/dcs/dial.js';
import type { DialOptions, DialStage } from '../diagnostics/dcs/dial.js';
import type { SharedConfig } from './open-project.js';

/** Longest time for one stage of a connection, in milliseconds. */
const STAGE_TIMEOUT_MS = 4_000;

/** A server that a project needs. */
export interface Destination {
  /** Id of its check. */
  readonly id: string;
  /** What it is, in words. */
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

/** Who issues the credentials of a source; nobody, where they stand in an environment or a file. */
export function issuersOf(settings: CredentialSettings): Destination[] {
  const iam = (url: string): Destination => {
    const endpointSetting = 'HUAWEICLOUD_SDK_IAM_ENDPOINT';
    const setting = `the IAM endpoint of this project (${endpointSetting})`;
    return {
      ...{ id: 'credential-issuer', what: 'IAM', url, setting, endpointSetting },
      mayBeProxied: true,
    };
  };
  switch (settings.source) {
    case 'iam-token':
      return [iam(settings.iamEndpoint)];
    case 'agency':
      return [...issuersOf(settings.base), iam(settings.iamEndpoint)];
    case 'metadata': {
      const what = 'metadata service';
      const setting =
        'the credential source: this may be no cloud server, or one without an agency';
      const { endpoint: url } = settings;
      const endpointSetting = 'DCS_METADATA_ENDPOINT';
      return [
        { id: 'credential-issuer', what, url, setting, endpointSetting, mayBeProxied: false },
      ];
    }
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
): Promise<Finding> {
  const { id, url, mayBeProxied } = destination;
  const options: DialOptions = {
    endpoint: new URL(url),
    proxy: proxyUrl === null || !mayBeProxied ? null : new URL(proxyUrl),
    ca: caFile === null ? null : withoutBom(readFileSync(caFile, 'utf8')),
    timeoutMs: STAGE_TIMEOUT_MS,
  };
  const way = describeWay(destination, options);
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
function describeWay({ what, url }: Destination, { endpoint, proxy }: DialOptions): string {
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
      ? `Open the way out to ${hostOf(endpoint)}, TCP port ${portOf(endpoint)}, or set DCS_HTTPS_PROXY.`
      : `Correct ${setting}.`,
  proxy: (reason, endpoint) => {
    if (reason === 'status 407') return 'Correct the user and password in DCS_HTTPS_PROXY.';
    return reason.startsWith('status ')
      ? `Have the proxy allow CONNECT to ${hostOf(endpoint)}:${portOf(endpoint)}.`
      : 'Correct DCS_HTTPS_PROXY, or open the way to the proxy.';
  },
  TLS: (reason, endpoint, { setting, endpointSetting }) => {
    if (reason === CERTIFICATE_NAME)
      return `The certificate is not of ${hostOf(endpoint)}: correct ${setting}, or what stands between.${otherHostToTry(endpoint.href, endpointSetting)}`;
    return CERTIFICATE_TIME.includes(reason)
      ? 'Check the clock of this machine, and the certificate of the endpoint or of the proxy.'
      : 'Set DCS_CA_FILE to the certificate of the authority that signed it (often that of a proxy).';
  },
};
