import { MAINTENANCE_BOUNDS } from '../contract/index.js';
import type { InputProblem, MaintenanceRequest, Target } from '../contract/index.js';

import { dropNulls } from './drop-nulls.js';
import { findMaintenanceContradictions } from './maintenance-contradictions.js';
import { maintenanceInputSchema } from './maintenance-input.js';
import type { WellFormedMaintenance } from './maintenance-input.js';
import { toProblems } from './problems.js';
import { toTiming } from './timing.js';

/** Outcome of {@link parseMaintenanceInput}. */
export type ParsedMaintenance =
  | { readonly ok: true; readonly input: WellFormedMaintenance }
  | { readonly ok: false; readonly problems: readonly InputProblem[] };

/**
 * Checks the input of a plan: field by field, then how the fields fit together. Reads no clock.
 *
 * @param raw anything; `null` fields count as absent, unknown fields are refused by name
 */
export function parseMaintenanceInput(raw: unknown): ParsedMaintenance {
  const parsed = maintenanceInputSchema.safeParse(dropNulls(raw));
  if (!parsed.success) return { ok: false, problems: toProblems(parsed.error) };
  const problems = findMaintenanceContradictions(parsed.data);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, input: parsed.data };
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
  const { maintenanceId, projectId, mode, compensation } = input;
  return {
    ...{ maintenanceId, projectId, mode, compensation },
    target: (input.target as Target | undefined) ?? null,
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
