import { DcsCredentialsError } from '../errors/dcs-credentials-error.js';

import { refusal } from './authority.js';
import type { AskAuthority } from './authority.js';
import { cachedCredentials } from './cached.js';
import type { Issued } from './cached.js';
import type { CredentialSource } from './types.js';
import { toTemporaryKey } from './issued.js';
import { requireSecretValue } from './secret-value.js';
import type { MetadataSettings } from './settings.js';

/** Answers that say "no session tokens here" (vendor's SDKs). */
const WITHOUT_SESSIONS = [404, 405, 503];

/** One session serves for one key. */
const SESSION_SECONDS = '60';

const REMEDIES: Readonly<Record<number, string>> = {
  401: 'assign an agency to this server in the ECS console',
  403: 'assign an agency to this server in the ECS console',
  404: 'assign an agency to this server in the ECS console, or run on a cloud server',
};

/** The temporary key of the agency that this cloud server carries. */
export function metadataCredentials(
  { endpoint }: MetadataSettings,
  ask: AskAuthority,
): CredentialSource {
  return cachedCredentials({
    description: `agency of this server, from its metadata service ${endpoint}`,
    issue: () => issueKey(`The metadata service ${endpoint}`, ask),
  });
}

async function issueKey(name: string, ask: AskAuthority): Promise<Issued> {
  const session = await openSession(name, ask);
  const response = await ask({
    method: 'GET',
    path: '/openstack/latest/securitykey',
    headers: session === null ? {} : { 'X-Metadata-Token': session },
    secrets: session === null ? [] : [session],
  });
  if (response.status !== 200) throw refusal(name, response, REMEDIES);
  return toTemporaryKey(name, response);
}

/** A session token where the service offers them (the second version), else `null`. */
async function openSession(name: string, ask: AskAuthority): Promise<string | null> {
  const response = await ask({
    method: 'PUT',
    path: '/meta-data/latest/api/token',
    headers: { 'X-Metadata-Token-Ttl-Seconds': SESSION_SECONDS },
    secrets: [],
  });
  if (WITHOUT_SESSIONS.includes(response.status)) return null;
  if (response.status !== 200) throw refusal(name, response, REMEDIES);
  if (response.text.length > 4_096)
    throw new DcsCredentialsError(`${name} answered with a session token that is none.`);
  return requireSecretValue(`The session token of ${name}`, response.text);
}
