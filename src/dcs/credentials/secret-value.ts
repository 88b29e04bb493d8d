import { DcsCredentialsError } from '../errors/dcs-credentials-error.js';

/** What may stand in a header; keys and tokens consist of it. */
const PRINTABLE = /^[\x21-\x7e]+$/;

/**
 * A key or token without the blanks around it: pasted and mounted ones often end in a line break, which
 * would be signed. `null` when nothing is left.
 *
 * @param name what holds the value, for the error; the value itself is never told
 * @throws DcsCredentialsError when a character is left that no key has
 */
export function toSecretValue(name: string, value: unknown): string | null {
  const trimmed = typeof value === 'string' ? value.trim() : '';
  if (trimmed === '') return null;
  if (!PRINTABLE.test(trimmed))
    throw new DcsCredentialsError(
      `${name} holds blanks, line breaks or other characters that no key or token has: it must hold the value alone.`,
    );
  return trimmed;
}

/** The same, where there has to be something. @throws DcsCredentialsError also when nothing is there */
export function requireSecretValue(name: string, value: unknown): string {
  const known = toSecretValue(name, value);
  if (known === null) throw new DcsCredentialsError(`${name} is empty or missing.`);
  return known;
}
