import type { CredentialSettings } from '../../dcs/index.js';
import { iamEndpointOf } from '../endpoints.js';
import { firstSet } from '../environment.js';
import type { Environment } from '../environment.js';
import { wholeNumber } from '../numbers.js';
import { parseWith } from '../problems.js';
import type { Problems } from '../problems.js';

import { IAM_ENDPOINT, needed, settingOf } from './settings.js';
import type { ProjectSetting } from './settings.js';
import type { BaseSettings } from './sources.js';

/** Variables of the agency, which is assumed with the key of another source. */
export const AGENCY_VARIABLES = [
  'DCS_AGENCY_NAME',
  'DCS_AGENCY_DOMAIN_NAME',
  'DCS_AGENCY_DURATION_SECONDS',
] as const;

/** What IAM allows for the life of a temporary key, in seconds; and ours. */
export const AGENCY_DURATION = { min: 900, max: 86_400, fallback: 3_600 } as const;

/** The base itself, or the agency that `DCS_AGENCY_*` assumes with it; `null` after adding problems. */
export function withAgency(
  base: BaseSettings,
  env: Environment,
  { region }: ProjectSetting,
  problems: Problems,
): CredentialSettings | null {
  if (firstSet(env, AGENCY_VARIABLES) === undefined) return base;
  const agencyName = needed(env, 'DCS_AGENCY_NAME', problems);
  const domainName = needed(env, 'DCS_AGENCY_DOMAIN_NAME', problems);
  const { min, max, fallback } = AGENCY_DURATION;
  const durationSeconds = parseWith(
    wholeNumber(min, max).default(fallback),
    env['DCS_AGENCY_DURATION_SECONDS'],
    problems,
    () => 'DCS_AGENCY_DURATION_SECONDS',
  );
  const iamEndpoint = iamEndpointOf(settingOf(env, IAM_ENDPOINT), region, problems);
  if (agencyName === null || domainName === null || durationSeconds === null) return null;
  return { source: 'agency', base, agencyName, domainName, iamEndpoint, durationSeconds };
}
