/** How the DCS API and IAM are reached: proxy and certificate authorities. */
import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';

import type { Environment } from './environment.js';
import type { Problems } from './problems.js';

/** What the callers of IAM read of it, too. */
const MAX_CA_BYTES = 1_048_576;

/**
 * `DCS_HTTPS_PROXY`: `http://host:port`, perhaps with user and password, which are secret; so a
 * problem never repeats the value.
 */
export function proxyUrlOf(env: Environment, problems: Problems): string | null {
  const value = env['DCS_HTTPS_PROXY'];
  if (value === undefined) return null;
  const url = URL.canParse(value) ? new URL(value) : null;
  const isBare = url !== null && url.pathname === '/' && url.search === '' && url.hash === '';
  if (url?.protocol === 'http:' && url.hostname !== '' && isBare && isDecodable(url)) return value;
  problems.add(
    'DCS_HTTPS_PROXY',
    'is not of the form http://host:port or http://user:password@host:port, the latter percent-encoded',
  );
  return null;
}

function isDecodable({ username, password }: URL): boolean {
  try {
    return decodeURIComponent(username + password).length >= 0;
  } catch {
    return false;
  }
}

/** `DCS_CA_FILE`: PEM certificates that are trusted beside the system's. */
export function caFileOf(env: Environment, problems: Problems): string | null {
  const file = env['DCS_CA_FILE'];
  if (file === undefined) return null;
  const problem = caProblem(file);
  if (problem !== null) problems.add('DCS_CA_FILE', `${file} ${problem}`);
  return file;
}

function caProblem(file: string): string | null {
  try {
    const stats = statSync(file);
    const { size } = stats;
    // A pipe would hold the start up for ever.
    if (!stats.isFile()) return 'is not a file';
    if (size > MAX_CA_BYTES)
      return `has ${size} bytes; certificates need less than ${MAX_CA_BYTES}`;
    return pemProblem(readFileSync(file, 'utf8'));
  } catch (error) {
    return `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})`;
  }
}

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

function pemProblem(text: string): string | null {
  const certificates = text.match(PEM_CERTIFICATE) ?? [];
  if (certificates.length === 0) return 'holds no PEM certificate (-----BEGIN CERTIFICATE-----)';
  const isReadable = (pem: string): boolean => {
    try {
      return new X509Certificate(pem).raw.length > 0;
    } catch {
      return false;
    }
  };
  const broken = certificates.findIndex((pem) => !isReadable(pem));
  return broken < 0 ? null : `holds a certificate that cannot be parsed: number ${broken + 1}`;
}
