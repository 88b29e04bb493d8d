import type { Surface } from '../surface.js';
import { dcsAnswers } from './answers.js';
import { histories } from './histories.js';
import { settings } from './settings.js';
import { messages } from './messages.js';
import { inputs } from './inputs.js';

/** Every way into the product. */
export const SURFACES: readonly Surface<unknown>[] = [
  inputs,
  histories,
  messages,
  dcsAnswers,
  settings,
];
