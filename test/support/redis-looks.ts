/** Looks at a Redis that does not exist: what they show is said. */
import type { Look } from '../../src/contract/index.js';
import type { DataPlaneSource, LookResult } from '../../src/data-plane/index.js';

/** A master, long before a swap. */
export const LOOK: Look = {
  ...{ at: '2026-01-01T00:00:00Z', role: 'master', runId: 'process-a', uptimeSeconds: 1e6 },
  ...{ replid: 'history-1', replid2: null, offset: 5_000, secondOffset: null },
};

/** The promoted replica. */
export const MOVED: Look = {
  ...LOOK,
  ...{ runId: 'process-b', replid: 'history-2', replid2: 'history-1', secondOffset: 5_001 },
};

/** What one project is given, and its worker. */
export function redisShowing(now: LookResult | (() => LookResult)): {
  readonly dataPlane: DataPlaneSource;
  readonly takeLook: () => Promise<LookResult>;
} {
  const access = {
    ...{ host: '192.0.2.1', port: 6379, username: null, password: 'secret', tls: null },
    login: 'acl' as const,
  };
  const measure = { periodMs: 50, write: true };
  return {
    dataPlane: {
      asksForTags: () => false,
      offerFor: () => Promise.resolve({ access, binding: 'password', measure }),
    },
    takeLook: () => Promise.resolve(typeof now === 'function' ? now() : now),
  };
}
