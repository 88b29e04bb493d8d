import { JOB_ID, PROJECT_ID, UUID } from '../util.js';

import { DcsConfigurationError } from './errors.js';

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Shapes of the ids that may become part of a request; checked before anything else is done with them. */
const ID_SHAPES = {
  projectId: PROJECT_ID,
  instanceId: UUID,
  jobId: JOB_ID,
  /** Of IAM; it becomes a header. */
  idpId: /^[\x21-\x7e]{1,64}$/,
} as const;

/** Name of an id in a path template. */
export type IdName = keyof typeof ID_SHAPES;

/**
 * Checks an endpoint: https, or http on loopback only; a bare origin without user, path or query.
 *
 * @param setting its name, for the error
 * @throws DcsConfigurationError
 */
export function parseEndpoint(endpoint: string, setting = 'endpoint'): URL {
  return parseOrigin(setting, endpoint, (url) =>
    url.protocol === 'https:' || isPlainLoopback(url)
      ? null
      : 'must be https (http only on loopback)',
  );
}

/** Link-local: what is said there stays on the host. */
const METADATA_ORIGIN = 'http://169.254.169.254';

/**
 * Checks where the metadata service is said to be: its fixed address, or loopback. Any other host would
 * be asked for a key in plain text.
 *
 * @throws DcsConfigurationError
 */
export function parseMetadataEndpoint(endpoint: string): URL {
  return parseOrigin('metadata endpoint', endpoint, (url) =>
    url.origin === METADATA_ORIGIN || isPlainLoopback(url)
      ? null
      : `must be ${METADATA_ORIGIN} (or http on loopback)`,
  );
}

const LINK_LOCAL = /^169\.254(?:\.\d{1,3}){2}$/;

/**
 * Checks where the agent of pod identities is said to be: https, or http on an address that does not leave
 * the node. Any other host would be sent the token of the service account in plain text.
 *
 * @throws DcsConfigurationError
 */
export function parseCredentialsUri(uri: string): URL {
  return parseUrl('credentials URI', uri, (url) => {
    const staysHere = url.protocol === 'http:' && LINK_LOCAL.test(url.hostname);
    return url.protocol === 'https:' || staysHere || isPlainLoopback(url)
      ? null
      : 'must be https (http only on 169.254.0.0/16 and loopback)';
  });
}

function isPlainLoopback({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && LOOPBACK.test(hostname);
}

type FindProblem = (url: URL) => string | null;

function parseOrigin(setting: string, endpoint: string, findProblem: FindProblem): URL {
  return parseUrl(
    setting,
    endpoint,
    (url) =>
      findProblem(url) ??
      (url.pathname === '/' && isPlain(url) ? null : 'must be a bare origin such as https://host'),
  );
}

function parseUrl(setting: string, text: string, findProblem: FindProblem): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) throw new DcsConfigurationError(setting, 'is not a URL');
  const problem = findProblem(url);
  if (problem !== null) throw new DcsConfigurationError(setting, problem);
  if (!isPlain(url)) throw new DcsConfigurationError(setting, 'must have no user, query or hash');
  return url;
}

const isPlain = ({ username, password, search, hash }: URL): boolean =>
  [username, password, search, hash].every((part) => part === '');

/**
 * Checks an id's shape.
 *
 * @throws DcsConfigurationError without the value, which may be hostile
 */
export function checkId(name: IdName, value: string): string {
  if (!ID_SHAPES[name].test(value))
    throw new DcsConfigurationError(name, 'does not have the shape of such an id');
  return value;
}

/** A path template with its ids filled in; the ids were checked, so encoding must change nothing. */
export function fillPath(route: string, ids: Readonly<Partial<Record<IdName, string>>>): string {
  const path = route.replace(/\{(\w+)\}/g, (_, name: IdName) =>
    encodeURIComponent(checkId(name, ids[name] ?? '')),
  );
  if (new URL(path, 'http://localhost').pathname !== path)
    throw new DcsConfigurationError('path', 'does not survive URL parsing');
  return path;
}

/** Longest text of the service that is passed on. */
const MAX_TEXT_LENGTH = 512;

/** From here on the gateway echoes the request that it could not verify, signed header values included. */
const ECHO = /(?:canonicalRequest|x-security-token|x-auth-token|authorization)\b[\s\S]*/i;

/** `ak:…` names an access key in the gateway's words. */
const ACCESS_KEY = /\b(ak|access)([:=]\s*)[^\s,;|]+/gi;

/** Text of the service, fit for messages, history and logs: one line, bounded, without echoes. */
export function sanitise(text: unknown): string {
  if (typeof text !== 'string') return '';
  return sanitisedLine(
    text
      .slice(0, 8 * MAX_TEXT_LENGTH)
      .replace(ECHO, '[redacted]')
      .replace(ACCESS_KEY, '$1$2[redacted]'),
  );
}

/** What breaks a line, hides, or is half a character. */
const UNFIT = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]+/gu;

/** A name that people chose: one line, bounded, and no word of it taken for an echo. */
export function sanitisedLine(text: string): string {
  const line = text
    .slice(0, 8 * MAX_TEXT_LENGTH)
    .replace(UNFIT, ' ')
    .trim();
  // Cut in between, a character would be half of one.
  return line.slice(0, MAX_TEXT_LENGTH).replace(/\p{Cs}$/u, '');
}
