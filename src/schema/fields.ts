/** Shapes that the inputs have in common, so that one field is judged alike wherever it stands. */
import { z } from 'zod';

import { DAYS_OF_WEEK, DEFAULT_TIMING, TIMING_BOUNDS } from '../contract/index.js';
import type { RolesSnapshot, Target, Timing } from '../contract/index.js';
import { readTarget } from '../domain/goal.js';
import { canForge, isInstant } from '../domain/text.js';
import { PROJECT_ID, UUID } from '../util.js';

/** Longest accepted text, so that a run's history stays readable. */
export const MAX_TEXT_LENGTH = 1024;

/** Longest accepted name of someone or something. */
export const MAX_ID_LENGTH = 128;

const NODE_ID = /^[0-9a-f-]{8,64}$/;
const REGION = /^[a-z]{2}-[a-z]+-[0-9]{1,3}$/;
const AVAILABILITY_ZONE = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/;

const fitText = (schema: z.ZodString, max: number): z.ZodString =>
  schema
    .max(max, `is longer than ${max} characters`)
    .refine((value) => !canForge(value), 'has control characters');

/** Text of up to `max` characters; texts end up in tables, logs and messages. */
export const textUpTo = (max: number): z.ZodString => fitText(z.string(), max);

/** Text of 1 to `max` characters, trimmed. */
export const boundedText = (max: number): z.ZodString =>
  fitText(z.string().trim().min(1, 'is empty'), max);

const NO_INSTANT = 'is not an RFC 3339 instant with a zone';

/** RFC 3339 with seconds and zone. */
export const instant = z.iso
  .datetime({ offset: true, message: NO_INSTANT, abort: true })
  .max(40)
  .refine(isInstant, NO_INSTANT);

/** 32 hex digits, or a UUID. */
export const projectId = z
  .string()
  .max(36, 'is too long')
  .regex(PROJECT_ID, 'is not a project id (32 hex digits, lower case)');

/** A UUID. */
export const instanceId = z
  .string()
  .max(36, 'is too long')
  .regex(UUID, 'is not an instance id (a UUID in lower case)');

/** As the API shows a node. */
export const nodeId = z
  .string()
  .max(64, 'is too long')
  .regex(NODE_ID, 'is not a node id in lower case');

/** As the API shows a zone. */
export const availabilityZone = z
  .string()
  .max(64, 'is too long')
  .regex(AVAILABILITY_ZONE, 'is not an AZ code');

/** Such as `eu-west-101`. */
export const region = z.string().max(32, 'is too long').regex(REGION, 'is not a region name');

/** Where the master should be, by exactly one field. */
export const target = z
  .strictObject({
    availabilityZone: availabilityZone.exactOptional(),
    nodeId: nodeId.exactOptional(),
    avoidAvailabilityZone: availabilityZone.exactOptional(),
  })
  .transform((fields, context): Target => {
    const read = readTarget(fields);
    if (read) return read;
    // A misspelt or malformed field is reported alone: which one was meant is known by that.
    if (context.issues.length === 0) context.addIssue('must have exactly one field');
    return z.NEVER;
  });

/** A whole number within bounds; may be absent. */
export function wholeNumber({
  min,
  max,
}: {
  readonly min: number;
  readonly max: number;
}): z.ZodExactOptional<z.ZodInt> {
  return z
    .int({ error: ({ input }) => (input === undefined ? undefined : 'is not a whole number') })
    .min(min, `is below ${min}`)
    .max(max, `is above ${max}`)
    .exactOptional();
}

const bounded = (field: keyof Timing): z.ZodExactOptional<z.ZodInt> =>
  wholeNumber(TIMING_BOUNDS[field]);

/** Time limits of one switchover, in seconds. */
export const timing = z.strictObject({
  jobTimeoutSeconds: bounded('jobTimeoutSeconds'),
  settleSeconds: bounded('settleSeconds'),
  verifySamples: bounded('verifySamples'),
  verifyIntervalSeconds: bounded('verifyIntervalSeconds'),
  verifyTimeoutSeconds: bounded('verifyTimeoutSeconds'),
  busyWaitSeconds: bounded('busyWaitSeconds'),
  quotaPatienceSeconds: bounded('quotaPatienceSeconds'),
  coolDownSeconds: bounded('coolDownSeconds'),
});

/** Longest list of dates; a year of days and the leap day. */
const MAX_DATES = 366;

const LOCAL_TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
const ZONE = /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/;

const localTime = z.string().regex(LOCAL_TIME, 'is not a local time HH:MM, 00:00 to 23:59');

const date = z.iso.date('is not a date YYYY-MM-DD');

const dates = z.array(date).min(1, 'is empty').max(MAX_DATES, `has more than ${MAX_DATES} dates`);

/** A window that recurs in local time. Whether the zone exists is checked apart. */
const localWindowSchema = z.strictObject({
  timeZone: z.string().regex(ZONE, 'is not the name of a time zone'),
  start: localTime,
  end: localTime,
  daysOfWeek: z
    .array(z.enum(DAYS_OF_WEEK))
    .min(1, 'is empty')
    .max(7, 'is longer than a week')
    .exactOptional(),
  dates: dates.exactOptional(),
  blackoutDates: dates.exactOptional(),
});

/** A window between two instants. */
const fixedWindowSchema = z.strictObject({
  opensAt: instant.exactOptional(),
  closesAt: instant,
});

/** Either kind of window. */
export const windowSchema = z.union([localWindowSchema, fixedWindowSchema]);

const recorded = z.string().nullable();

/** The roles of an instance as an activity has recorded them; what later versions add is left out. */
export const rolesSchema = z.object({
  observedAt: z.string(),
  groups: z.array(
    z.object({
      groupId: z.string(),
      nodes: z.array(
        z.object({
          ...{ nodeId: recorded, replicationId: recorded, ip: recorded },
          role: z.enum(['master', 'replica']),
          ...{ availabilityZone: recorded, status: recorded, priority: z.number().nullable() },
        }),
      ),
    }),
  ),
});

/** Roles that were recorded; without any node where they cannot be read, so that none are the same as they. */
export function readRoles(value: unknown): RolesSnapshot {
  return rolesSchema.safeParse(value).data ?? { observedAt: '', groups: [] };
}

/** Time limits with every default filled in. */
export function toTiming(given: Partial<Timing> | undefined): Timing {
  return { ...DEFAULT_TIMING, ...given };
}
