import type { Surface } from '../surface.js';
import { histories } from './histories.js';
import { inputs } from './inputs.js';

/** Every way into the product. */
export const SURFACES: readonly Surface<unknown>[] = [inputs, histories];
