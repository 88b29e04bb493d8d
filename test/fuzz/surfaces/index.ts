import type { Surface } from '../surface.js';
import { dcsAnswers } from './answers.js';
import { commandLines } from './arguments.js';
import { codecs } from './codecs.js';
import { histories } from './histories.js';
import { settings } from './settings.js';
import { messages } from './messages.js';
import { inputs } from './inputs.js';
import { webhooks } from './webhooks.js';

/** Every way into the product. */
export const SURFACES: readonly Surface<unknown>[] = [
  inputs,
  histories,
  messages,
  dcsAnswers,
  settings,
  commandLines,
  webhooks,
  codecs,
];
