import { z } from 'zod';

import type {
  InputProblem,
  MaintenanceMessage,
  MaintenanceUpdate,
  SkipMessage,
} from '../contract/index.js';

import { dropNulls } from './drop-nulls.js';
import { MAX_ID_LENGTH, MAX_TEXT_LENGTH, instanceId, text } from './fields.js';
import { toProblems } from './problems.js';

const by = text(MAX_ID_LENGTH);
const why = text(MAX_TEXT_LENGTH);

/** Shape of a message of which the reason may be left out. */
export const messageSchema = z.strictObject({ by, why: why.optional() });

/** Shape of a message that has to give its reason. */
export const reasonedMessageSchema = z.strictObject({ by, why });

/** Shape of `skip`. */
export const skipMessageSchema = z.strictObject({ by, why, instanceId });

/** Shape of the argument of each update. */
export const MESSAGE_SCHEMAS = {
  approve: messageSchema,
  reject: reasonedMessageSchema,
  pause: messageSchema,
  resume: messageSchema,
  skip: skipMessageSchema,
  abort: reasonedMessageSchema,
} as const satisfies Record<MaintenanceUpdate, z.ZodType>;

/** What {@link parseMessage} gives for each update. */
export type ParsedMessage<U extends MaintenanceUpdate = MaintenanceUpdate> =
  | { readonly ok: true; readonly message: U extends 'skip' ? SkipMessage : MaintenanceMessage }
  | { readonly ok: false; readonly problems: readonly InputProblem[] };

/**
 * Checks the argument of an update before it is sent. The plan itself checks again, by the same rules.
 *
 * @param raw anything; `null` fields count as absent, unknown fields are refused by name
 */
export function parseMessage<U extends MaintenanceUpdate>(
  update: U,
  raw: unknown,
): ParsedMessage<U> {
  const parsed = MESSAGE_SCHEMAS[update].safeParse(dropNulls(raw));
  if (!parsed.success) return { ok: false, problems: toProblems(parsed.error) };
  return { ok: true, message: parsed.data as never };
}
