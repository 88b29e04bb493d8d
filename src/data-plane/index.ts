/** What the Redis behind an instance itself says, over raw sockets. Knows neither Temporal nor the DCS API. */
export type { DataPlaneAccess } from './access.js';
export { takeLook } from './look.js';
export type { LookResult } from './look.js';
export { tryCommands } from './try-commands.js';
export type { TriedCommand } from './try-commands.js';
