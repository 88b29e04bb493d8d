import { DcsConfigurationError } from './errors/dcs-configuration-error.js';

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Shapes of the ids that may become part of a path; checked before anything else is done with them. */
const ID_SHAPES = {
  projectId: /^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/,
  instanceId: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  jobId: /^[0-9a-zA-Z-]{16,64}$/,
} as const;

/** Name of an id in a path template. */
export type IdName = keyof typeof ID_SHAPES;

/**
 * Checks an endpoint: https, or http on loopback only; a bare origin without user, path or query.
 *
 * @throws DcsConfigurationError
 */
export function parseEndpoint(endpoint: string): URL {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : null;
  if (url === null) throw new DcsConfigurationError('endpoint', 'is not a URL');
  const isPlainLoopback = url.protocol === 'http:' && LOOPBACK.test(url.hostname);
  if (url.protocol !== 'https:' && !isPlainLoopback)
    throw new DcsConfigurationError('endpoint', 'must be https (http only on loopback)');
  if (
    url.username !== '' ||
    url.password !== '' ||
    url.pathname !== '/' ||
    url.search !== '' ||
    url.hash !== ''
  )
    throw new DcsConfigurationError('endpoint', 'must be a bare origin such as https://host');
  return url;
}

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
