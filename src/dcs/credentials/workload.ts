/** Keys for a workload that shows a token from a file: a pod of CCE, or whoever has an ID token. */
import { checkId } from '../endpoint.js';

import { isGranted, refusal, toTemporaryKey } from './issued.js';
import type { AskAuthority } from './issued.js';
import { readSmallFile } from './local.js';
import { cachedCredentials, requireSecretValue } from './source.js';
import type { CredentialSource, Issued, OidcSettings, PodIdentitySettings } from './source.js';

const AGENT_REMEDIES: Readonly<Record<number, string>> = {
  401: 'the token of the service account is not accepted',
  403: "associate this pod's service account with an agency that may be used here",
  404: "associate this pod's service account with an agency in the CCE console",
};

/** As the agent writes a temporary key. */
const AGENT_KEY = {
  part: 'credentials',
  accessKey: 'accessKeyId',
  secretKey: 'secretAccessKey',
  securityToken: 'securityToken',
  expiresAt: 'expiration',
};

const JSON_BODY = { 'Content-Type': 'application/json' } as const;

/** The temporary key of the agency that this pod's service account is associated with. */
export function podIdentityCredentials(
  { credentialsUri, tokenFile }: PodIdentitySettings,
  ask: AskAuthority,
): CredentialSource {
  const { origin, pathname } = new URL(credentialsUri);
  const name = `The pod identity agent ${origin}`;
  return cachedCredentials({
    description: `pod identity from ${credentialsUri}, token file ${tokenFile}`,
    issue: async () => {
      const token = await readToken(tokenFile);
      const headers = { ...JSON_BODY, Authorization: token };
      const request = { method: 'POST', path: pathname, headers, body: '{}' } as const;
      const response = await ask({ ...request, secrets: [token] });
      if (!isGranted(response)) throw refusal(name, response, AGENT_REMEDIES);
      return toTemporaryKey(name, response, AGENT_KEY);
    },
  });
}

/** Read at each renewal: the cluster writes a new one long before the old one ends. */
async function readToken(file: string): Promise<string> {
  return requireSecretValue(`Token file ${file}`, await readSmallFile('Token file', file));
}

const ID_TOKEN_PATH = '/v3.0/OS-AUTH/id-token/tokens';

/** Where IAM exchanges a role or a token for a temporary key. */
export const TEMPORARY_KEY_PATH = '/v3.0/OS-CREDENTIAL/securitytokens';

/** Life that is asked for, as in the vendor's SDKs. */
const LIFETIME_SECONDS = 6 * 60 * 60;

const ID_TOKEN_REMEDIES: Readonly<Record<number, string>> = {
  400: 'check the identity provider, and issuer and audience of the ID token',
  401: 'the ID token has expired, or issuer, audience or key are not those of the identity provider',
  403: 'no conversion rule of the identity provider admits the subject of the ID token',
  404: 'there is no such identity provider: check its name and the IAM endpoint',
};

/** A temporary key by an ID token, which IAM exchanges for a token of its own, and that for the key. */
export function oidcCredentials(settings: OidcSettings, ask: AskAuthority): CredentialSource {
  const { idpId, tokenFile, iamEndpoint } = settings;
  checkId('idpId', idpId);
  return cachedCredentials({
    description: `identity provider ${idpId} of IAM at ${iamEndpoint}, ID token from ${tokenFile}`,
    issue: async () => issueKey(settings, await readToken(tokenFile), ask),
  });
}

async function issueKey(
  { idpId, iamEndpoint }: OidcSettings,
  idToken: string,
  ask: AskAuthority,
): Promise<Issued> {
  const name = `IAM at ${iamEndpoint}`;
  const post = (path: string, auth: unknown, headers: Readonly<Record<string, string>>) => {
    const body = JSON.stringify({ auth });
    return ask({ method: 'POST', path, headers: { ...JSON_BODY, ...headers }, body, secrets });
  };
  // Also as they stand in a body, which may come back.
  const secrets = [idToken, JSON.stringify(idToken).slice(1, -1)];
  const login = await post(ID_TOKEN_PATH, { id_token: { id: idToken } }, { 'X-Idp-Id': idpId });
  if (!isGranted(login)) throw refusal(name, login, ID_TOKEN_REMEDIES);
  const what = `X-Subject-Token in the answer of ${name}`;
  const token = requireSecretValue(what, login.headers['x-subject-token']);
  secrets.push(token);
  const identity = { methods: ['token'], token: { id: token, duration_seconds: LIFETIME_SECONDS } };
  const response = await post(TEMPORARY_KEY_PATH, { identity }, {});
  if (!isGranted(response)) throw refusal(name, response, ID_TOKEN_REMEDIES);
  return toTemporaryKey(name, response);
}
