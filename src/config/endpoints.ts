import {
  checkId,
  DcsConfigurationError,
  parseCredentialsUri,
  parseEndpoint,
  parseMetadataEndpoint,
} from '../dcs/index.js';

import type { Environment, Problems } from './problems.js';

// Where the services of a region are, and who says so.

/** A service that a worker calls. */
type ServiceName = 'dcs' | 'iam' | 'sts';

/** Host of a service in a region. */
interface RegionHost {
  readonly host: string;
  /** Who says so, for people who question it. */
  readonly source: string;
}

const COM = 'myhuaweicloud.com';
const EU = 'myhuaweicloud.eu';

/** Names the region list of the vendor's SDKs, which has one host per region and service. */
const SDK_REGIONS = 'region list of the vendor SDKs';

/** Regions of `DcsRegion` (Python SDK 3.1.219, Go SDK 0.1.207, Java SDK 3.1.130); others need `DCS_ENDPOINT`. */
export const DCS_REGIONS: readonly string[] = [
  ...['ae-ad-1', 'af-north-1', 'af-south-1', 'me-east-1', 'tr-west-1'],
  ...['ap-southeast-1', 'ap-southeast-2', 'ap-southeast-3', 'ap-southeast-4', 'ap-southeast-5'],
  ...['cn-east-2', 'cn-east-3', 'cn-east-4', 'cn-east-5'],
  ...['cn-north-1', 'cn-north-2', 'cn-north-4', 'cn-north-9', 'cn-north-11', 'cn-north-12'],
  ...['cn-south-1', 'cn-south-2', 'cn-south-4', 'cn-southwest-2', 'cn-southwest-3'],
  ...['eu-west-0', 'eu-west-101', 'la-north-2', 'la-south-2', 'my-kualalumpur-1', 'na-mexico-1'],
  ...['ru-moscow-1', 'ru-northwest-2', 'sa-brazil-1'],
];

/** Hosts that do not follow the pattern `{service}.{region}.myhuaweicloud.com`, or whose domain is doubted. */
const EXCEPTIONS: Readonly<
  Record<string, Partial<Record<ServiceName, { readonly domain: string; readonly source: string }>>>
> = {
  'eu-west-101': {
    dcs: {
      domain: COM,
      source: `${SDK_REGIONS}; the Terraform provider sends this region's services to .eu`,
    },
    iam: { domain: EU, source: 'IamRegion of the vendor SDKs and the manuals of this region' },
    sts: { domain: EU, source: 'as IAM of this region; no source names it' },
  },
};

/** The host of a service in a known region; `null` for a region that is not known. */
function regionHost(service: ServiceName, region: string): RegionHost | null {
  if (!DCS_REGIONS.includes(region)) return null;
  const { domain = COM, source = SDK_REGIONS } = EXCEPTIONS[region]?.[service] ?? {};
  return { host: `${service}.${region}.${domain}`, source };
}

/**
 * The other host that may be meant, where sources disagree: the same name in the vendor's other domain.
 *
 * @param url an endpoint in use
 * @returns an origin to try, or `null` where they agree
 */
export function otherOrigin(url: string): string | null {
  const { hostname } = new URL(url);
  const [, name = '', domain = ''] = /^([a-z]+\.eu-west-1\d*)\.(.+)$/.exec(hostname) ?? [];
  const other = { [COM]: EU, [EU]: COM }[domain];
  return other === undefined ? null : `https://${name}.${other}`;
}

/** A value and the variable or field that holds it. */
export interface Setting {
  readonly where: string;
  readonly value: string | undefined;
}

/** A region and the variable or field that names it. */
export interface RegionSetting {
  readonly where: string;
  readonly value: string;
}

/**
 * DCS endpoint of a region: the explicit one, else the first of the vendor SDKs' variable, else the
 * pattern of the known regions. Empty after adding a problem.
 */
export function dcsEndpointOf(
  explicit: Setting,
  region: RegionSetting,
  env: Environment,
  problems: Problems,
): string {
  if (explicit.value !== undefined) return checkEndpoint(explicit.where, explicit.value, problems);
  const variable = `HUAWEICLOUD_SDK_REGION_DCS_${region.value.toUpperCase().replaceAll('-', '_')}`;
  const first = (env[variable] ?? '').split(',')[0]?.trim() ?? '';
  if (first !== '') return checkEndpoint(variable, first, problems);
  return patternOf('dcs', explicit, region, problems);
}

/** IAM endpoint of a region: the explicit one, else the pattern of the known regions. */
export function iamEndpointOf(
  explicit: Setting,
  region: RegionSetting,
  problems: Problems,
): string {
  if (explicit.value !== undefined) return checkEndpoint(explicit.where, explicit.value, problems);
  return patternOf('iam', explicit, region, problems);
}

/**
 * STS endpoint of a region: the explicit one, else the pattern of the known regions. Only there to find out whose a
 * swap is, so it is `null`, and no one asked, where neither is known. What serves DCS on loopback stands for STS too.
 */
export function stsEndpointOf(
  explicit: Setting,
  region: RegionSetting,
  dcsEndpoint: string,
  problems: Problems,
): string | null {
  if (explicit.value !== undefined) return checkEndpoint(explicit.where, explicit.value, problems);
  if (dcsEndpoint.startsWith('http:')) return dcsEndpoint;
  const known = regionHost('sts', region.value);
  return known === null ? null : `https://${known.host}`;
}

function patternOf(
  service: ServiceName,
  explicit: Setting,
  region: RegionSetting,
  problems: Problems,
): string {
  const known = regionHost(service, region.value);
  if (known !== null) return `https://${known.host}`;
  problems.add(
    region.where,
    `${region.value} is not a known region. Correct it, or set ${explicit.where} as well`,
  );
  return '';
}

/** The vendor's address of the instance metadata, which has no TLS and never leaves the machine. */
const METADATA_ENDPOINT = 'http://169.254.169.254';

/** Endpoint of the instance metadata: the link-local address, or http on loopback. */
export function metadataEndpointOf({ where, value }: Setting, problems: Problems): string {
  return value === undefined
    ? METADATA_ENDPOINT
    : checkEndpoint(where, value, problems, parseMetadataEndpoint);
}

/** Where the agent of pod identities is, as the cluster says. */
export function checkCredentialsUri(where: string, value: string, problems: Problems): string {
  return checkEndpoint(where, value, problems, parseCredentialsUri);
}

/** The name of an identity provider, which becomes a header. */
export function checkIdpId(where: string, value: string, problems: Problems): string {
  return checkEndpoint(where, value, problems, (id) => checkId('idpId', id));
}

function checkEndpoint(
  where: string,
  value: string,
  problems: Problems,
  parse: (endpoint: string) => unknown = parseEndpoint,
): string {
  try {
    parse(value);
  } catch (error) {
    if (!(error instanceof DcsConfigurationError)) throw error;
    problems.add(where, error.message.slice(error.setting.length + 1));
  }
  return value;
}
