import { DcsConfigurationError, parseEndpoint } from '../dcs/index.js';

import type { Environment } from './environment.js';
import type { Problems } from './problems.js';
import { DCS_REGIONS } from './regions.js';

/** A setting and where it stands, for messages. */
export interface Setting {
  readonly where: string;
  readonly value: string | undefined;
}

/**
 * Endpoint of a region: the explicit one, else the first of the vendor SDKs' variable, else the pattern
 * of the known regions. Empty after adding a problem.
 */
export function endpointOf(
  explicit: Setting,
  region: { readonly where: string; readonly value: string },
  env: Environment,
  problems: Problems,
): string {
  if (explicit.value !== undefined) return checked(explicit.where, explicit.value, problems);
  const variable = `HUAWEICLOUD_SDK_REGION_DCS_${region.value.toUpperCase().replaceAll('-', '_')}`;
  const first = (env[variable] ?? '').split(',')[0]?.trim() ?? '';
  if (first !== '') return checked(variable, first, problems);
  if (DCS_REGIONS.includes(region.value)) return `https://dcs.${region.value}.myhuaweicloud.com`;
  problems.add(
    region.where,
    `${region.value} is not a known region. Correct it, or set ${explicit.where} as well`,
  );
  return '';
}

function checked(where: string, value: string, problems: Problems): string {
  try {
    parseEndpoint(value);
  } catch (error) {
    if (!(error instanceof DcsConfigurationError)) throw error;
    problems.add(where, error.message.replace(/^\w+ /, ''));
  }
  return value;
}
