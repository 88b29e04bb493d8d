/** How the file names instances. */
import { z } from 'zod';

import type { InstanceRule } from '../domain/policy.js';
import { UUID } from '../util.js';

/** Longest accepted text: what a person can still oversee. */
const MAX_TEXT_LENGTH = 1024;

/** A text of the file. */
export const text = z.string().min(1, 'is empty').max(MAX_TEXT_LENGTH, 'is too long');

/** One of the three ways to name instances; exactly one field is given. */
export const rule = z
  .strictObject({
    instanceId: z.string().regex(UUID, 'is not an instance id').optional(),
    name: text.optional(),
    tag: z
      .strictObject({ key: text, value: z.string().max(MAX_TEXT_LENGTH).optional() })
      .optional(),
  })
  .refine(
    (given) => Object.values(given).filter((value) => value !== undefined).length === 1,
    'must have exactly one of instanceId, name, tag',
  );

/** The schema has seen to it that exactly one field is there. */
export function toRule({ instanceId, name, tag }: z.output<typeof rule>): InstanceRule {
  if (instanceId !== undefined) return { instanceId };
  if (name !== undefined) return { name };
  return { tag: { key: tag?.key ?? '', value: tag?.value ?? null } };
}
