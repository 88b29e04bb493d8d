/**
 * The real parts on a developer's machine and in CI: finding or fetching them, and a Temporal server.
 * Only `dev`, demo and tests import this; nothing that runs in production does.
 */
export { PartUnavailableError } from './run.js';
export { resolveRedisServer, resolveTemporalCli, resolveTimeSkippingServer } from './parts.js';
export { startTemporalServer } from './temporal-server.js';
export type { TemporalServer, TemporalServerOptions } from './temporal-server.js';
