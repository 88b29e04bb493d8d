/** Validation at the edges (client, command, first activity). Never imported by workflow code. */
export { parseInput, toRequest } from './parse-input.js';
export type { ParsedInput } from './parse-input.js';
export { switchoverInputSchema } from './switchover-input.js';
export type { WellFormedInput } from './switchover-input.js';
