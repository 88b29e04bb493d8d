import { z } from 'zod';

import { TIMING_BOUNDS } from '../contract/index.js';
import type { Timing } from '../contract/index.js';

/** Longest accepted text, so that a run's history stays readable. */
const MAX_TEXT_LENGTH = 1024;
const MAX_ID_LENGTH = 128;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** As in `src/dcs/endpoint.ts`, where the id becomes part of a path. */
const JOB_ID = /^[0-9a-zA-Z-]{16,64}$/;
const PROJECT_ID =
  /^(?:[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;
const NODE_ID = /^[0-9a-f-]{8,64}$/;
const REGION = /^[a-z]{2}-[a-z]+-[0-9]{1,3}$/;
const AVAILABILITY_ZONE = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/;

/** Control characters, line separators and direction marks: what can forge a line or hide a word. */
const FORGING = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u;

/** Texts end up in tables, logs and messages. */
const text = (max: number): z.ZodString =>
  z
    .string()
    .trim()
    .min(1, 'is empty')
    .max(max, `is longer than ${max} characters`)
    .refine((value) => !FORGING.test(value.replace(/[\n\t]/g, '')), 'has control characters');

const instant = z.iso
  .datetime({ offset: true, message: 'is not an RFC 3339 instant with a zone' })
  .max(40);

const nodeId = z.string().max(64, 'is too long').regex(NODE_ID, 'is not a node id in lower case');
const availabilityZone = z
  .string()
  .max(64, 'is too long')
  .regex(AVAILABILITY_ZONE, 'is not an AZ code');

const target = z.strictObject({
  availabilityZone: availabilityZone.optional(),
  nodeId: nodeId.optional(),
  avoidAvailabilityZone: availabilityZone.optional(),
});

function bounded(field: keyof Timing): z.ZodOptional<z.ZodInt> {
  const { min, max } = TIMING_BOUNDS[field];
  return z
    .int('is not a whole number')
    .min(min, `is below ${min}`)
    .max(max, `is above ${max}`)
    .optional();
}

const timing = z.strictObject({
  jobTimeoutSeconds: bounded('jobTimeoutSeconds'),
  settleSeconds: bounded('settleSeconds'),
  verifySamples: bounded('verifySamples'),
  verifyIntervalSeconds: bounded('verifyIntervalSeconds'),
  verifyTimeoutSeconds: bounded('verifyTimeoutSeconds'),
  busyWaitSeconds: bounded('busyWaitSeconds'),
  coolDownSeconds: bounded('coolDownSeconds'),
});

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
  projectId: z
    .string()
    .max(36, 'is too long')
    .regex(PROJECT_ID, 'is not a project id (32 hex digits, lower case)'),
  instanceId: z
    .string()
    .max(36, 'is too long')
    .regex(UUID, 'is not an instance id (a UUID in lower case)'),
  mode: z.enum(['switch', 'plan', 'resolve', 'verify', 'adopt']).default('switch'),
  target: target.optional(),
  expectedMasterNodeId: nodeId.optional(),
  toggle: z.boolean().optional(),
  region: z.string().max(32, 'is too long').regex(REGION, 'is not a region name').optional(),
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
