import { isExaminingMode } from '../contract/index.js';
import type { Mode, Target } from '../contract/index.js';
import { describeTarget } from '../domain/roles.js';
import { isRecord } from '../is-record.js';
import { parseInput } from '../schema/index.js';
import type { WellFormedInput } from '../schema/index.js';

/** What a run was asked to do, and by whom; `null` where its input does not say. */
export interface Asked {
  /** In words, such as `switch so that the master is in AZ az2`. */
  readonly goal: string | null;
  /** `switch` where the input does not say. */
  readonly mode: Mode;
  /** The run that it is about (`verify`, `adopt`). */
  readonly baselineRunId: string | null;
  readonly requestId: string | null;
  readonly requestedBy: string | null;
  readonly reason: string | null;
  readonly changeId: string | null;
}

/** Reads the argument of a run, whoever started it; nothing of it is taken for granted. */
export function readAsked(rawInput: unknown): Asked {
  const parsed = parseInput(rawInput);
  const input: Readonly<Record<string, unknown>> = isRecord(rawInput) ? rawInput : {};
  return {
    goal: parsed.ok ? describeGoal(parsed.input) : null,
    mode: parsed.ok ? parsed.input.mode : 'switch',
    baselineRunId: textOf(input['baselineRunId']),
    requestId: textOf(input['requestId']),
    requestedBy: textOf(input['requestedBy']),
    reason: textOf(input['reason']),
    changeId: textOf(input['changeId']),
  };
}

/** The goal of an input in words. */
export function describeGoal(input: WellFormedInput): string {
  const { mode, target, expectedMasterNodeId, resolution } = input;
  if (mode === 'resolve')
    return `record that the unresolved run ended ${resolution?.outcome ?? 'somehow'}`;
  if (isExaminingMode(mode)) return describeExamination(input);
  const isBareToggle = target === undefined && expectedMasterNodeId === undefined;
  const action = isBareToggle ? 'swap master and replica' : 'switch';
  const verb = mode === 'plan' ? `plan to ${action}` : action;
  const where =
    target === undefined ? '' : ` so that the master is ${describeTarget(asTarget(target))}`;
  const guard =
    expectedMasterNodeId === undefined ? '' : ` while the master is ${expectedMasterNodeId}`;
  return `${verb}${where}${guard}`;
}

function describeExamination({ mode, baselineRunId, jobId }: WellFormedInput): string {
  const run = baselineRunId === undefined ? 'the run in doubt' : `run ${baselineRunId}`;
  return mode === 'verify'
    ? `find out what ${run} did, by reading`
    : `follow job ${jobId ?? 'unknown'} and find out what ${run} did, by reading`;
}

/** Whether two inputs ask for the same, so that one run may serve both. */
export function isSameGoal(a: WellFormedInput, b: WellFormedInput): boolean {
  return JSON.stringify(goalOf(a)) === JSON.stringify(goalOf(b));
}

function goalOf(input: WellFormedInput) {
  const { mode, target, expectedMasterNodeId, toggle, resolution, baselineRunId, jobId } = input;
  return [mode, target, expectedMasterNodeId, toggle ?? false, resolution, baselineRunId, jobId];
}

/** The schema's fields are optional one by one; together they are exactly one. */
function asTarget(target: NonNullable<WellFormedInput['target']>): Target {
  return target as Target;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
