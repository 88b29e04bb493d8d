import { z } from 'zod';

import {
  DEFAULT_TIMING,
  MAINTENANCE_BOUNDS,
  MAX_MAINTENANCE_INSTANCES,
  PROBE_POLICIES,
} from '../contract/index.js';
import type { InputProblem, MaintenanceRequest } from '../contract/index.js';
import { findWindowProblems } from '../windows/index.js';

import {
  availabilityZone,
  instanceId,
  MAX_ID_LENGTH,
  MAX_TEXT_LENGTH,
  projectId,
  region,
  target,
  boundedText,
  textUpTo,
  timing,
  toTiming,
  wholeNumber,
  windowSchema,
} from './fields.js';
import { parse } from './problems.js';
import type { Parsed } from './problems.js';

const MAINTENANCE_ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** Most tags that a selector names; an instance has at most twenty. */
const MAX_TAGS = 20;
const MAX_TAG_VALUE_LENGTH = 255;

const bounded = (field: keyof typeof MAINTENANCE_BOUNDS): z.ZodExactOptional<z.ZodInt> =>
  wholeNumber(MAINTENANCE_BOUNDS[field]);

const selector = z.strictObject({
  tags: z
    .record(boundedText(MAX_ID_LENGTH), textUpTo(MAX_TAG_VALUE_LENGTH))
    .refine((tags) => Object.keys(tags).length <= MAX_TAGS, `has more than ${MAX_TAGS} tags`)
    .exactOptional(),
  namePattern: boundedText(MAX_ID_LENGTH).exactOptional(),
  masterAvailabilityZone: availabilityZone.exactOptional(),
});

const returnLeg = z.strictObject({
  soakSeconds: bounded('returnLeg.soakSeconds').unwrap(),
  withinSeconds: bounded('returnLeg.withinSeconds'),
});

const hooks = z.strictObject({
  taskQueue: boundedText(MAX_ID_LENGTH),
  before: boundedText(MAX_ID_LENGTH).exactOptional(),
  after: boundedText(MAX_ID_LENGTH).exactOptional(),
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
  again: z.boolean().exactOptional(),
  instanceIds: z
    .array(instanceId)
    .min(1, 'is empty')
    .max(MAX_MAINTENANCE_INSTANCES, `has more than ${MAX_MAINTENANCE_INSTANCES} instances`)
    .exactOptional(),
  selector: selector.exactOptional(),
  allowEmpty: z.boolean().exactOptional(),
  target: target.exactOptional(),
  toggle: z.boolean().exactOptional(),
  window: windowSchema,
  withinInstanceWindow: z.boolean().exactOptional(),
  expectedDurationSeconds: bounded('expectedDurationSeconds'),
  compensationReserveSeconds: bounded('compensationReserveSeconds'),
  requireApproval: z.boolean().exactOptional(),
  maxConcurrent: bounded('maxConcurrent'),
  canaryCount: bounded('canaryCount'),
  maxFailures: bounded('maxFailures'),
  compensation: z.enum(['swap-back', 'none']).default('swap-back'),
  probe: z.enum(PROBE_POLICIES).default('off'),
  timing: timing.exactOptional(),
  returnLeg: returnLeg.exactOptional(),
  hooks: hooks.exactOptional(),
  region: region.exactOptional(),
  reason: boundedText(MAX_TEXT_LENGTH).exactOptional(),
  requestedBy: boundedText(MAX_ID_LENGTH).exactOptional(),
  changeId: boundedText(MAX_ID_LENGTH).exactOptional(),
});

/** An input whose fields are well formed; how they fit together is checked separately. */
export type WellFormedMaintenance = z.output<typeof maintenanceInputSchema>;

/** Fields of a maintenance that are each well formed but make no sense together. */
function findMaintenanceContradictions(input: WellFormedMaintenance): InputProblem[] {
  return [
    ...instanceProblems(input),
    ...goalProblems(input),
    ...findWindowProblems(input.window),
    ...returnLegProblems(input),
    ...hookProblems(input),
  ];
}

function instanceProblems({ instanceIds, selector }: WellFormedMaintenance): InputProblem[] {
  if ((instanceIds === undefined) === (selector === undefined))
    return [
      {
        field: 'instanceIds',
        problem:
          instanceIds === undefined
            ? 'is missing: nothing says which instances are meant'
            : 'and selector are both given',
        remedy: 'Give either instanceIds or selector.',
      },
    ];
  const twice = instanceIds?.find((id, index) => instanceIds.indexOf(id) !== index);
  if (twice !== undefined)
    return [
      {
        field: 'instanceIds',
        problem: `names ${twice} twice`,
        remedy: 'Name each instance once: it is switched once.',
      },
    ];
  return selector === undefined ? [] : selectorProblems(selector);
}

function selectorProblems(
  selector: NonNullable<WellFormedMaintenance['selector']>,
): InputProblem[] {
  const { tags = {}, namePattern, masterAvailabilityZone } = selector;
  const isEmpty =
    Object.keys(tags).length === 0 &&
    namePattern === undefined &&
    masterAvailabilityZone === undefined;
  if (!isEmpty) return [];
  return [
    {
      field: 'selector',
      problem: 'is empty, so it would mean every instance of the project',
      remedy: 'Give tags, namePattern or masterAvailabilityZone; namePattern "*" means every one.',
    },
  ];
}

function goalProblems(input: WellFormedMaintenance): InputProblem[] {
  const { target, toggle, instanceIds } = input;
  if (target === undefined) return toggle === true ? [] : [NO_GOAL];
  const field = 'target';
  if (toggle === true)
    return [{ field, problem: 'and toggle are both given', remedy: 'Leave one of the two out.' }];
  if (!('nodeId' in target) || instanceIds?.length === 1) return [];
  return [
    {
      field: 'target.nodeId',
      problem: 'is a node of one instance, but the maintenance may have more',
      remedy: 'Give availabilityZone or avoidAvailabilityZone, or exactly one instance id.',
    },
  ];
}

const NO_GOAL: InputProblem = {
  field: 'target',
  problem: 'is missing: nothing says where the masters should go',
  remedy: 'Give target or toggle: true.',
};

/** The return leg is a swap like any other: its own pre-check would refuse it before the cool-down is over. */
function returnLegProblems({ returnLeg, timing }: WellFormedMaintenance): InputProblem[] {
  const coolDownSeconds = timing?.coolDownSeconds ?? DEFAULT_TIMING.coolDownSeconds;
  return returnLeg === undefined ? [] : findShortSoak(returnLeg.soakSeconds, coolDownSeconds);
}

/**
 * The problem of a soak that ends before the cool-down does.
 *
 * @param coolDownSeconds of the input, or of the worker's settings where those ask for more
 */
export function findShortSoak(soakSeconds: number, coolDownSeconds: number): InputProblem[] {
  if (soakSeconds >= coolDownSeconds) return [];
  return [
    {
      field: 'returnLeg.soakSeconds',
      problem: `is below the cool-down of ${coolDownSeconds} s, so every return leg would be refused`,
      remedy: `Give at least ${coolDownSeconds}, or lower timing.coolDownSeconds as far as the worker's settings allow.`,
    },
  ];
}

function hookProblems({ hooks }: WellFormedMaintenance): InputProblem[] {
  if (hooks === undefined || hooks.before !== undefined || hooks.after !== undefined) return [];
  return [
    {
      field: 'hooks',
      problem: 'names a queue but no activity',
      remedy: 'Give before or after, or leave hooks out.',
    },
  ];
}

/** Checks the input of a maintenance. Reads no clock. */
export function parseMaintenanceInput(raw: unknown): Parsed<WellFormedMaintenance> {
  return parse(maintenanceInputSchema, raw, findMaintenanceContradictions);
}

/**
 * Fills in every default.
 *
 * @param input a well-formed input
 * @param region the worker's region for the project, used where the input names none
 */
export function toMaintenanceRequest(
  input: WellFormedMaintenance,
  region: string,
): MaintenanceRequest {
  const { maintenanceId, projectId, mode, compensation, probe } = input;
  return {
    ...{ maintenanceId, projectId, mode, compensation, probe },
    target: input.target ?? null,
    toggle: input.toggle ?? false,
    allowEmpty: input.allowEmpty ?? false,
    region: input.region ?? region,
    requireApproval: input.requireApproval ?? false,
    ...toNumbers(input),
    timing: toTiming(input.timing),
    returnLeg: toReturnLeg(input),
    hooks: toHooks(input),
    reason: input.reason ?? null,
    requestedBy: input.requestedBy ?? null,
    changeId: input.changeId ?? null,
  };
}

function toNumbers(input: WellFormedMaintenance) {
  const of = (
    field:
      | 'expectedDurationSeconds'
      | 'compensationReserveSeconds'
      | 'maxConcurrent'
      | 'canaryCount'
      | 'maxFailures',
  ): number => input[field] ?? MAINTENANCE_BOUNDS[field].default;
  return {
    expectedDurationSeconds: of('expectedDurationSeconds'),
    compensationReserveSeconds: of('compensationReserveSeconds'),
    maxConcurrent: of('maxConcurrent'),
    canaryCount: of('canaryCount'),
    maxFailures: of('maxFailures'),
  };
}

function toReturnLeg({ returnLeg }: WellFormedMaintenance): MaintenanceRequest['returnLeg'] {
  if (returnLeg === undefined) return null;
  const { soakSeconds, withinSeconds = MAINTENANCE_BOUNDS['returnLeg.withinSeconds'].default } =
    returnLeg;
  return { soakSeconds, withinSeconds };
}

function toHooks({ hooks }: WellFormedMaintenance): MaintenanceRequest['hooks'] {
  if (hooks === undefined) return null;
  const {
    taskQueue,
    before = null,
    after = null,
    timeoutSeconds = MAINTENANCE_BOUNDS['hooks.timeoutSeconds'].default,
  } = hooks;
  return { taskQueue, before, after, timeoutSeconds };
}
