/** Reading what authorities issue. */
import { serverTimeOf } from '../answer.js';
import { DcsCredentialsError } from '../errors/dcs-credentials-error.js';
import type { HttpResponse } from '../http.js';

import type { Issued } from './cached.js';
import { requireSecretValue } from './secret-value.js';

type Row = Readonly<Record<string, unknown>>;

/**
 * A temporary key as IAM and the metadata service issue it: `{credential: {access, secret,
 * securitytoken, expires_at}}`.
 *
 * @throws DcsCredentialsError
 */
export function toTemporaryKey(name: string, response: HttpResponse): Issued {
  const row = partOf(name, response, 'credential');
  const valueOf = (field: string): string =>
    requireSecretValue(`${field} in the answer of ${name}`, row[field]);
  return {
    credentials: {
      kind: 'access-key',
      accessKey: valueOf('access'),
      secretKey: valueOf('secret'),
      securityToken: valueOf('securitytoken'),
    },
    lifetimeMs: lifetimeOf(name, response, row['expires_at']),
  };
}

/** The named object of an answer's body. @throws DcsCredentialsError */
export function partOf(name: string, { text }: HttpResponse, field: string): Row {
  try {
    const part = (JSON.parse(text) as Readonly<Record<string, unknown>>)[field];
    if (typeof part === 'object' && part !== null) return part as Row;
  } catch {
    // Told below, without the parser's words: they quote the text.
  }
  throw new DcsCredentialsError(`${name} answered without a usable ${field}.`);
}

/**
 * What is left until an instant, by the issuer's own clock where it shows it: ours may be off.
 *
 * @throws DcsCredentialsError when nothing is left
 */
export function lifetimeOf(name: string, response: HttpResponse, expiresAt: unknown): number {
  const endsAtMs = typeof expiresAt === 'string' ? Date.parse(expiresAt) : Number.NaN;
  const lifetimeMs = endsAtMs - (serverTimeOf(response) ?? Date.now());
  if (lifetimeMs > 0) return lifetimeMs;
  throw new DcsCredentialsError(
    Number.isNaN(lifetimeMs)
      ? `${name} answered without a usable expires_at.`
      : `${name} answered with a credential that has expired.`,
  );
}
