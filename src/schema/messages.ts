import { z } from 'zod';

import type { InputProblem, MaintenanceMessage, MaintenanceMessages } from '../contract/index.js';

import { boundedText, instanceId, instant, MAX_ID_LENGTH, MAX_TEXT_LENGTH } from './fields.js';
import { parse } from './problems.js';
import type { Parsed } from './problems.js';

const by = boundedText(MAX_ID_LENGTH);
const why = boundedText(MAX_TEXT_LENGTH);

/** Shape of a message of which the reason may be left out. */
export const messageSchema = z.strictObject({ by, why: why.exactOptional() });

/** Shape of a message that has to give its reason. */
export const reasonedMessageSchema = z.strictObject({ by, why });

/** Shape of `skip`. */
export const skipMessageSchema = z.strictObject({ by, why, instanceId });

/** What people say: the argument of each update, and what is done without one. */
export interface Messages extends MaintenanceMessages {
  readonly cancel: MaintenanceMessage;
  readonly thaw: MaintenanceMessage;
}

/** Shape of each message. */
export const MESSAGE_SCHEMAS: { readonly [M in keyof Messages]: z.ZodType<Messages[M]> } = {
  cancel: messageSchema,
  thaw: messageSchema,
  approve: messageSchema,
  reject: reasonedMessageSchema,
  pause: messageSchema,
  resume: messageSchema,
  skip: skipMessageSchema,
  abort: reasonedMessageSchema,
};

/** Checks a message before it is sent. A maintenance itself checks again, by the same rules. */
export function parseMessage<M extends keyof Messages>(
  message: M,
  raw: unknown,
): Parsed<Messages[M]> {
  return parse(MESSAGE_SCHEMAS[message], raw);
}

const DAY_MS = 86_400_000;

/** Bounds a mistyped year. */
const MAX_FREEZE_DAYS = 366;

/** Shape of a freeze. */
export const freezeSchema = z.strictObject({
  until: instant,
  reason: boundedText(MAX_TEXT_LENGTH),
  by: boundedText(MAX_ID_LENGTH),
});

/**
 * Checks a freeze before it is put in force.
 *
 * @param nowMs epoch milliseconds
 */
export function parseFreeze(raw: unknown, nowMs: number): Parsed<z.output<typeof freezeSchema>> {
  return parse(freezeSchema, raw, ({ until }) => untilProblems(Date.parse(until) - nowMs));
}

function untilProblems(leftMs: number): InputProblem[] {
  const field = 'until';
  if (leftMs <= 0)
    return [
      { field, problem: 'has passed', remedy: 'Give a later instant; to end a freeze, thaw.' },
    ];
  if (leftMs <= MAX_FREEZE_DAYS * DAY_MS) return [];
  return [
    {
      field,
      problem: `is more than ${MAX_FREEZE_DAYS} days away`,
      remedy: 'Give an earlier instant; a freeze can be prolonged by another.',
    },
  ];
}
