import { DcsConfigurationError } from './errors/dcs-configuration-error.js';

/** An HTTP proxy that opens tunnels (`CONNECT`). */
export interface Proxy {
  /** `http://host:port`, without the credentials. */
  readonly origin: string;
  /** For the proxy alone; the API never sees them. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Reads a proxy setting; user and password may stand in it, percent-encoded.
 *
 * @throws DcsConfigurationError that never repeats it
 */
export function parseProxy(proxyUrl: string | null): Proxy | null {
  if (proxyUrl === null) return null;
  const url = URL.canParse(proxyUrl) ? new URL(proxyUrl) : null;
  if (url?.protocol !== 'http:' || url.pathname !== '/' || url.search !== '' || url.hash !== '')
    throw new DcsConfigurationError('proxyUrl', 'must be like http://host:port');
  if (url.username === '' && url.password === '') return { origin: url.origin, headers: {} };
  const basic = Buffer.from(`${decode(url.username)}:${decode(url.password)}`).toString('base64');
  return { origin: url.origin, headers: { 'Proxy-Authorization': `Basic ${basic}` } };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new DcsConfigurationError('proxyUrl', 'has a user or password that is not encoded');
  }
}
