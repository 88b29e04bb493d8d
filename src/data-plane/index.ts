/** What the Redis behind an instance itself says, over raw sockets. Knows neither Temporal nor the DCS API. */
export { addressOf, LOGIN_STYLES } from './access.js';
export type {
  DataPlaneAccess,
  DataPlaneOffer,
  DataPlaneSettings,
  DataPlaneSource,
} from './access.js';
export { parseNetwork } from './address.js';
export { readMemory, takeLook } from './look.js';
export type { LookResult, Memory } from './look.js';
export { startProbe } from './probe.js';
export type { ProbeFigures, ProbeOptions, RunningProbe } from './probe.js';
export { createDataPlaneSource } from './source.js';
export { PROBE_KEYS, probeKey } from './test-writes.js';
export { tryCommands } from './try-commands.js';
