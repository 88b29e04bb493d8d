import { authenticate } from '../authenticate.js';

import { refusal } from './authority.js';
import type { AskAuthority } from './authority.js';
import { cachedCredentials } from './cached.js';
import type { Issued } from './cached.js';
import type { CredentialSource } from './credentials.js';
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
  const { agencyName, domainName, durationSeconds, iamEndpoint } = settings;
  const role = {
    agency_name: agencyName,
    domain_name: domainName,
    duration_seconds: durationSeconds,
  };
  const identity = { methods: ['assume_role'], assume_role: role };
  const body = JSON.stringify({ auth: { identity } });
  const unsigned = {
    method: 'POST',
    path: PATH,
    query: [],
    headers: { Host: new URL(iamEndpoint).host },
    body,
  };
  const { headers, secrets } = authenticate(unsigned, await base.get());
  const response = await ask({ method: 'POST', path: PATH, headers, body, secrets });
  const name = `IAM at ${iamEndpoint}`;
  if (response.status === 201 || response.status === 200) return toTemporaryKey(name, response);
  if (response.status === 401) await base.refresh();
  throw refusal(name, response, REMEDIES);
}
