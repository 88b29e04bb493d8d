import { isDeepStrictEqual } from 'node:util';

import { authenticate } from '../authenticate.js';
import type { HttpResponse } from '../http.js';

import { refusal } from './authority.js';
import type { AskAuthority } from './authority.js';
import { cachedCredentials } from './cached.js';
import type { Issued } from './cached.js';
import type { CredentialSource, Credentials } from './types.js';
import { toTemporaryKey } from './issued.js';
import type { AgencySettings } from './settings.js';

const PATH = '/v3.0/OS-CREDENTIAL/securitytokens';

const REMEDIES: Readonly<Record<number, string>> = {
  400: 'check the names of agency and account, and the duration',
  401: 'the base credential is wrong or has expired',
  403: 'the base credential lacks the role Agent Operator, or is not of the account that the agency trusts',
  404: 'there is no such agency: check the names of agency and account',
};

/**
 * A temporary key for an agency, taken on with another credential (IAM API
 * CreateTemporaryAccessKeyByAgency), renewed before it ends.
 */
export function agencyCredentials(
  settings: AgencySettings,
  base: CredentialSource,
  ask: AskAuthority,
): CredentialSource {
  const { agencyName, domainName, iamEndpoint } = settings;
  return cachedCredentials({
    description: `agency ${agencyName} of account ${domainName} from ${iamEndpoint}, taken on by: ${base.description}`,
    issue: () => issueKey(settings, base, ask),
  });
}

async function issueKey(
  settings: AgencySettings,
  base: CredentialSource,
  ask: AskAuthority,
): Promise<Issued> {
  const credentials = await base.get();
  const response = await assumeRole(settings, credentials, ask);
  if (response.status !== 401) return toKey(settings, response);
  await base.refresh();
  const renewed = await base.get();
  // The same one would be refused again, and that counts towards its lock.
  if (isDeepStrictEqual(renewed, credentials)) return toKey(settings, response);
  return toKey(settings, await assumeRole(settings, renewed, ask));
}

function assumeRole(
  { agencyName, domainName, durationSeconds, iamEndpoint }: AgencySettings,
  credentials: Credentials,
  ask: AskAuthority,
): Promise<HttpResponse> {
  const role = {
    agency_name: agencyName,
    domain_name: domainName,
    duration_seconds: durationSeconds,
  };
  const identity = { methods: ['assume_role'], assume_role: role };
  const body = JSON.stringify({ auth: { identity } });
  const host = { Host: new URL(iamEndpoint).host };
  const unsigned = { method: 'POST', path: PATH, query: [], headers: host, body };
  const { headers, secrets } = authenticate(unsigned, credentials);
  return ask({ method: 'POST', path: PATH, headers, body, secrets });
}

function toKey({ iamEndpoint }: AgencySettings, response: HttpResponse): Issued {
  const name = `IAM at ${iamEndpoint}`;
  if (response.status === 201 || response.status === 200) return toTemporaryKey(name, response);
  throw refusal(name, response, REMEDIES);
}
