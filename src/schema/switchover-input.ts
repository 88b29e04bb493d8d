import { z } from 'zod';

import { JOB_ID } from '../domain/job-id.js';

import {
  MAX_ID_LENGTH,
  MAX_TEXT_LENGTH,
  UUID,
  instanceId,
  instant,
  nodeId,
  projectId,
  region,
  target,
  text,
  timing,
} from './fields.js';

const resolution = z.strictObject({
  outcome: z.enum(['SUCCEEDED', 'FAILED_UNCHANGED', 'COMPENSATED']),
  statement: text(MAX_TEXT_LENGTH),
  resolvedBy: text(MAX_ID_LENGTH),
});

/**
 * Shape of the workflow's argument, the one source of its validation. Applied after `null`s were
 * dropped. Lives outside `domain` because a schema library must never reach the workflow sandbox:
 * it multiplies the heap of each cached workflow.
 */
export const switchoverInputSchema = z.strictObject({
  projectId,
  instanceId,
  mode: z.enum(['switch', 'plan', 'resolve', 'verify', 'adopt']).default('switch'),
  target: target.optional(),
  expectedMasterNodeId: nodeId.optional(),
  toggle: z.boolean().optional(),
  region: region.optional(),
  notAfter: instant.optional(),
  reason: text(MAX_TEXT_LENGTH).optional(),
  requestedBy: text(MAX_ID_LENGTH).optional(),
  requestId: text(MAX_ID_LENGTH).optional(),
  changeId: text(MAX_ID_LENGTH).optional(),
  compensation: z.enum(['swap-back', 'none']).default('swap-back'),
  compensateNotAfter: instant.optional(),
  reissue: z.enum(['never', 'once']).default('never'),
  timing: timing.optional(),
  resolution: resolution.optional(),
  baselineRunId: z
    .string()
    .max(36, 'is too long')
    .regex(UUID, 'is not a run id (a UUID in lower case)')
    .optional(),
  jobId: z
    .string()
    .max(64, 'is too long')
    .regex(JOB_ID, 'is not a job id (16 to 64 letters, digits, hyphens)')
    .optional(),
});

/** An input whose fields are well formed; how they fit together is checked separately. */
export type WellFormedInput = z.output<typeof switchoverInputSchema>;
