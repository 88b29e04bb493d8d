/**
 * First contact with a live account: watches it while ordinary runs switch a throw-away instance there and back, and
 * answers what no document says. Reads only.
 */
export { claimFolder } from '../doctor/index.js';
export type { Answer } from './answer.js';
export type { Leg, Observations, SwapSeen } from './observations.js';
export { answersOf, writeFindings } from './report.js';
export type { Written } from './report.js';
export { openWitness } from './witness.js';
export type { SwapProgress, Witness } from './witness.js';
