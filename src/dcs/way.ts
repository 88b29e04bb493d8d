import type tls from 'node:tls';

import { parseProxy } from './proxy.js';
import type { Proxy } from './proxy.js';
import { trustedContext } from './trust.js';

/** How an origin is reached. */
export interface Way {
  readonly isTls: boolean;
  /** Only for TLS: plain HTTP is loopback, or a server's own metadata. */
  readonly proxy: Proxy | null;
  readonly secureContext: tls.SecureContext | undefined;
}

/**
 * The way to an endpoint.
 *
 * @throws DcsConfigurationError for an unusable proxy or certificate authority
 */
export function wayTo(
  endpoint: URL,
  settings: { readonly proxyUrl?: string | null; readonly ca?: string | null },
): Way {
  const isTls = endpoint.protocol === 'https:';
  const proxy = parseProxy(settings.proxyUrl ?? null);
  return {
    isTls,
    proxy: isTls ? proxy : null,
    secureContext: trustedContext(settings.ca ?? null),
  };
}
