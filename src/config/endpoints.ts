import { DcsConfigurationError, parseEndpoint, parseMetadataEndpoint } from '../dcs/index.js';

import type { Environment } from './environment.js';
import type { Problems } from './problems.js';
import { regionHost } from './regions.js';
import type { ServiceName } from './regions.js';

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
 * swap is, so it is `null`, and nobody asked, where neither is known. What serves DCS on loopback stands for STS too.
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
export const METADATA_ENDPOINT = 'http://169.254.169.254';

/** Endpoint of the instance metadata: the link-local address, or http on loopback. */
export function metadataEndpointOf({ where, value }: Setting, problems: Problems): string {
  return value === undefined
    ? METADATA_ENDPOINT
    : checkEndpoint(where, value, problems, parseMetadataEndpoint);
}

function checkEndpoint(
  where: string,
  value: string,
  problems: Problems,
  parse: (endpoint: string) => URL = parseEndpoint,
): string {
  try {
    parse(value);
  } catch (error) {
    if (!(error instanceof DcsConfigurationError)) throw error;
    problems.add(where, error.message.slice(error.setting.length + 1));
  }
  return value;
}
