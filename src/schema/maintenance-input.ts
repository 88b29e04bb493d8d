import { z } from 'zod';

import { MAINTENANCE_BOUNDS, MAX_MAINTENANCE_INSTANCES } from '../contract/index.js';

import {
  MAX_ID_LENGTH,
  MAX_TEXT_LENGTH,
  availabilityZone,
  instanceId,
  projectId,
  region,
  target,
  text,
  timing,
  wholeNumber,
} from './fields.js';
import { windowSchema } from './window-input.js';

const MAINTENANCE_ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** Most tags that a selector names; an instance has at most twenty. */
const MAX_TAGS = 20;

const bounded = (field: keyof typeof MAINTENANCE_BOUNDS): z.ZodOptional<z.ZodInt> =>
  wholeNumber(MAINTENANCE_BOUNDS[field]);

const selector = z.strictObject({
  tags: z
    .record(text(MAX_ID_LENGTH), z.string().max(255, 'is longer than 255 characters'))
    .refine((tags) => Object.keys(tags).length <= MAX_TAGS, `has more than ${MAX_TAGS} tags`)
    .optional(),
  namePattern: text(MAX_ID_LENGTH).optional(),
  masterAvailabilityZone: availabilityZone.optional(),
});

const returnLeg = z.strictObject({
  soakSeconds: bounded('returnLeg.soakSeconds').unwrap(),
  withinSeconds: bounded('returnLeg.withinSeconds'),
});

const hooks = z.strictObject({
  taskQueue: text(MAX_ID_LENGTH),
  before: text(MAX_ID_LENGTH).optional(),
  after: text(MAX_ID_LENGTH).optional(),
  timeoutSeconds: bounded('hooks.timeoutSeconds'),
});

/**
 * Shape of the argument of `dcsMaintenance`, the one source of its validation. Applied after `null`s were
 * dropped. How the fields fit together is checked apart.
 */
export const maintenanceInputSchema = z.strictObject({
  maintenanceId: z
    .string()
    .max(64, 'is longer than 64 characters')
    .regex(MAINTENANCE_ID, 'is not 1 to 64 of a-z 0-9 . _ - with a letter or digit first'),
  projectId,
  mode: z.enum(['run', 'plan']).default('run'),
  again: z.boolean().optional(),
  instanceIds: z
    .array(instanceId)
    .min(1, 'is empty')
    .max(MAX_MAINTENANCE_INSTANCES, `has more than ${MAX_MAINTENANCE_INSTANCES} instances`)
    .optional(),
  selector: selector.optional(),
  allowEmpty: z.boolean().optional(),
  target: target.optional(),
  toggle: z.boolean().optional(),
  window: windowSchema,
  withinInstanceWindow: z.boolean().optional(),
  expectedDurationSeconds: bounded('expectedDurationSeconds'),
  compensationReserveSeconds: bounded('compensationReserveSeconds'),
  requireApproval: z.boolean().optional(),
  maxConcurrent: bounded('maxConcurrent'),
  canaryCount: bounded('canaryCount'),
  maxFailures: bounded('maxFailures'),
  compensation: z.enum(['swap-back', 'none']).default('swap-back'),
  timing: timing.optional(),
  returnLeg: returnLeg.optional(),
  hooks: hooks.optional(),
  region: region.optional(),
  reason: text(MAX_TEXT_LENGTH).optional(),
  requestedBy: text(MAX_ID_LENGTH).optional(),
  changeId: text(MAX_ID_LENGTH).optional(),
});

/** An input whose fields are well formed; how they fit together is checked separately. */
export type WellFormedMaintenance = z.output<typeof maintenanceInputSchema>;
