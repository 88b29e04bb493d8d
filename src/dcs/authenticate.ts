import type { Credentials } from './credentials/types.js';
import { sign, toSdkDate } from './signer.js';
import type { SignableRequest } from './signer.js';

/** A request that knows who sends it. */
export interface Authenticated {
  readonly headers: Readonly<Record<string, string>>;
  /** Values that must not come back to anybody in an answer's words. */
  readonly secrets: readonly string[];
  /** Whether the other side judges it by the clock. */
  readonly isSigned: boolean;
}

/** The credential as one text, to tell it from another; secret. */
export function identityOf(credentials: Credentials): string {
  if (credentials.kind === 'token') return credentials.token;
  const { accessKey, secretKey, securityToken } = credentials;
  return [accessKey, secretKey, securityToken ?? ''].join('\n');
}

/** Adds what proves the sender: a signature of this instant, or the token. */
export function authenticate(request: SignableRequest, credentials: Credentials): Authenticated {
  if (credentials.kind === 'token')
    return {
      headers: { ...request.headers, 'X-Auth-Token': credentials.token },
      secrets: [credentials.token],
      isSigned: false,
    };
  const { accessKey, secretKey, securityToken } = credentials;
  const headers = {
    ...request.headers,
    'X-Sdk-Date': toSdkDate(Date.now()),
    ...(securityToken === null ? {} : { 'X-Security-Token': securityToken }),
  };
  const { authorization } = sign({ ...request, headers }, credentials);
  const [, signature = ''] = authorization.split('Signature=');
  return {
    headers: { ...headers, Authorization: authorization },
    secrets: [accessKey, secretKey, securityToken ?? '', signature],
    isSigned: true,
  };
}
