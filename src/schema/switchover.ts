import { DEFAULT_NOT_AFTER_SECONDS } from '../contract/index.js';
import type { InputProblem, SwitchoverRequest, Target } from '../contract/index.js';
import { runBoundSeconds } from '../domain/run-bound.js';

import { findContradictions } from './contradictions.js';
import { dropNulls } from './drop-nulls.js';
import { toProblems } from './problems.js';
import { switchoverInputSchema } from './switchover-input.js';
import type { WellFormedInput } from './switchover-input.js';
import { toTiming } from './timing.js';

/** Outcome of {@link parseInput}. */
export type ParsedInput =
  | { readonly ok: true; readonly input: WellFormedInput }
  | { readonly ok: false; readonly problems: readonly InputProblem[] };

/**
 * Checks a caller's input: field by field, then how the fields fit together. Reads no clock, so the
 * client, the command and the first activity all come to the same answer.
 *
 * @param raw anything; `null` fields count as absent, unknown fields are refused by name
 */
export function parseInput(raw: unknown): ParsedInput {
  const parsed = switchoverInputSchema.safeParse(dropNulls(raw));
  if (!parsed.success) return { ok: false, problems: toProblems(parsed.error) };
  const problems = findContradictions(parsed.data);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, input: parsed.data };
}

/**
 * Fills in every default.
 *
 * @param input a well-formed input
 * @param startedAtMs start of the run, epoch milliseconds
 * @param region the worker's region for the project, used where the input names none
 */
export function toRequest(
  input: WellFormedInput,
  startedAtMs: number,
  region: string,
): SwitchoverRequest {
  const timing = toTiming(input.timing);
  const notAfterMs = toMs(input.notAfter) ?? startedAtMs + DEFAULT_NOT_AFTER_SECONDS * 1000;
  return {
    ...toGoal(input),
    ...toLabels(input),
    projectId: input.projectId,
    instanceId: input.instanceId,
    region: input.region ?? region,
    notAfterMs,
    compensation: input.compensation,
    compensateNotAfterMs:
      toMs(input.compensateNotAfter) ?? notAfterMs + runBoundSeconds(timing) * 1000,
    reissue: input.reissue,
    timing,
  };
}

function toGoal(input: WellFormedInput) {
  return {
    mode: input.mode,
    target: (input.target as Target | undefined) ?? null,
    expectedMasterNodeId: input.expectedMasterNodeId ?? null,
    toggle: input.toggle ?? false,
    resolution: input.resolution ?? null,
    baselineRunId: input.baselineRunId ?? null,
    jobId: input.jobId ?? null,
  };
}

function toLabels(input: WellFormedInput) {
  return {
    reason: input.reason ?? null,
    requestedBy: input.requestedBy ?? null,
    requestId: input.requestId ?? null,
    changeId: input.changeId ?? null,
  };
}

function toMs(instant: string | undefined): number | undefined {
  return instant === undefined ? undefined : Date.parse(instant);
}
