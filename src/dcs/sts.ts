/** The one question that is put to STS (STS API, "Obtaining the Caller Identity"); it needs no permission. */
import { authenticate } from './authenticate.js';
import type { AskIdentity, CloudUser } from './caller-identity.js';
import { createAuthority, refusal } from './credentials/authority.js';
import { parseEndpoint } from './endpoint.js';
import { wayTo } from './way.js';

const PATH = '/v5/caller-identity';

/** Longest question, connect to last byte, in milliseconds: nothing depends on the answer alone. */
const STS_TIMEOUT_MS = 3_000;

/** `iam::{account}:user:{name}`; whoever is no user, such as an assumed agency, has another shape. */
const USER_URN = /^iam::[^:]+:user:(.+)$/;

/**
 * A caller of STS.
 *
 * @throws DcsConfigurationError for an unusable endpoint, proxy or certificate authority
 */
export function createAskIdentity(
  stsEndpoint: string,
  edge: { readonly proxyUrl?: string | null; readonly ca?: string | null },
): AskIdentity {
  const endpoint = parseEndpoint(stsEndpoint, 'stsEndpoint');
  const way = wayTo(endpoint, edge);
  const name = `STS at ${endpoint.origin}`;
  const timeoutMs = STS_TIMEOUT_MS;
  const ask = createAuthority({ name, endpoint, timeoutMs, way: () => Promise.resolve(way) });
  return async (credentials) => {
    const request = { method: 'GET', path: PATH, query: [], body: '' } as const;
    const { headers, secrets } = authenticate(
      { ...request, headers: { Host: endpoint.host } },
      credentials,
    );
    const response = await ask({ method: 'GET', path: PATH, headers, secrets });
    if (response.status !== 200) throw refusal(name, response, {});
    return toUser(JSON.parse(response.text) as unknown);
  };
}

function toUser(body: unknown): CloudUser | null {
  const { principal_urn: urn, principal_id: id } = Object(body) as Record<string, unknown>;
  const [, userName] = USER_URN.exec(typeof urn === 'string' ? urn : '') ?? [];
  if (userName === undefined) return null;
  return { userName, userId: typeof id === 'string' && id !== '' ? id : null };
}
