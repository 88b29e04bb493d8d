import { z } from 'zod';

import {
  DEFAULT_NOT_AFTER_SECONDS,
  isExaminingMode,
  MIN_REISSUE_SETTLE_SECONDS,
  PROBE_POLICIES,
} from '../contract/index.js';
import type { InputProblem, SwitchoverRequest } from '../contract/index.js';
import { runBoundSeconds } from '../domain/timing.js';
import { JOB_ID, UUID } from '../util.js';

import {
  instanceId,
  instant,
  MAX_ID_LENGTH,
  MAX_TEXT_LENGTH,
  nodeId,
  projectId,
  region,
  target,
  boundedText,
  timing,
  toTiming,
} from './fields.js';
import { parse } from './problems.js';
import type { Parsed } from './problems.js';

const resolution = z.strictObject({
  outcome: z.enum(['SUCCEEDED', 'FAILED_UNCHANGED', 'COMPENSATED']),
  statement: boundedText(MAX_TEXT_LENGTH),
  resolvedBy: boundedText(MAX_ID_LENGTH),
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
  target: target.exactOptional(),
  expectedMasterNodeId: nodeId.exactOptional(),
  toggle: z.boolean().exactOptional(),
  region: region.exactOptional(),
  notAfter: instant.exactOptional(),
  reason: boundedText(MAX_TEXT_LENGTH).exactOptional(),
  requestedBy: boundedText(MAX_ID_LENGTH).exactOptional(),
  requestId: boundedText(MAX_ID_LENGTH).exactOptional(),
  changeId: boundedText(MAX_ID_LENGTH).exactOptional(),
  compensation: z.enum(['swap-back', 'none']).default('swap-back'),
  compensateNotAfter: instant.exactOptional(),
  reissue: z.enum(['never', 'once']).default('never'),
  probe: z.enum(PROBE_POLICIES).default('off'),
  timing: timing.exactOptional(),
  resolution: resolution.exactOptional(),
  examinedRunId: z
    .string()
    .max(36, 'is too long')
    .regex(UUID, 'is not a run id (a UUID in lower case)')
    .exactOptional(),
  jobId: z
    .string()
    .max(64, 'is too long')
    .regex(JOB_ID, 'is not a job id (16 to 64 letters, digits, hyphens)')
    .exactOptional(),
});

/** An input whose fields are well formed; how they fit together is checked separately. */
export type WellFormedInput = z.output<typeof switchoverInputSchema>;

const GOAL_FIELDS = ['target', 'expectedMasterNodeId', 'toggle'] as const;

/** Fields that say how a PUT may be sent; a mode that never sends one has no use for them. */
const SENDING_FIELDS = ['notAfter', 'compensateNotAfter'] as const;

/** Fields that are each well formed but make no sense together. */
function findContradictions(input: WellFormedInput): InputProblem[] {
  return [
    ...(NEEDS_GOAL.includes(input.mode) ? goalProblems(input) : misplacedGoals(input)),
    ...resolutionProblems(input),
    ...examinationProblems(input),
    ...windowProblems(input),
    ...reissueProblems(input),
    ...probeProblems(input),
  ];
}

/** Modes that need to know where the master should go. */
const NEEDS_GOAL: readonly WellFormedInput['mode'][] = ['switch', 'plan'];

function misplacedGoals(input: WellFormedInput): InputProblem[] {
  return misplaced(
    input,
    GOAL_FIELDS.filter((field) => input[field] !== undefined),
  );
}

/** What `verify` and `adopt` need, and what only they may be given. */
function examinationProblems(input: WellFormedInput): InputProblem[] {
  const { mode, examinedRunId, jobId } = input;
  const isExamining = isExaminingMode(mode);
  const given = (['examinedRunId', 'jobId'] as const).filter((field) => input[field] !== undefined);
  // An operator's statement may name the run that it is about.
  const needless = mode === 'resolve' ? given.filter((field) => field !== 'examinedRunId') : given;
  if (!isExamining) return misplaced(input, needless);
  const sending = SENDING_FIELDS.filter((field) => input[field] !== undefined);
  return [
    ...misplaced(input, mode === 'verify' && jobId !== undefined ? [...sending, 'jobId'] : sending),
    ...(mode === 'verify' && examinedRunId === undefined
      ? [
          {
            field: 'examinedRunId',
            problem: 'is missing',
            remedy: 'Give the examined run, as the command history lists it.',
          },
        ]
      : []),
    ...(mode === 'adopt' && jobId === undefined
      ? [{ field: 'jobId', problem: 'is missing', remedy: 'Give the job that was started.' }]
      : []),
  ];
}

function misplaced({ mode }: WellFormedInput, fields: readonly string[]): InputProblem[] {
  return fields.map((field) => ({
    field,
    problem: `has no meaning with mode "${mode}"`,
    remedy: 'Leave it out.',
  }));
}

function goalProblems({ target, expectedMasterNodeId, toggle }: WellFormedInput): InputProblem[] {
  if (target === undefined) {
    if (expectedMasterNodeId !== undefined || toggle === true) return [];
    return [
      {
        field: 'target',
        problem: 'is missing: nothing says where the master should go',
        remedy: 'Give target, expectedMasterNodeId or toggle: true.',
      },
    ];
  }
  if (!('nodeId' in target) || target.nodeId !== expectedMasterNodeId) return [];
  return [
    {
      field: 'expectedMasterNodeId',
      problem: 'is the target node itself, so this can never switch',
      remedy: 'Leave one of the two out.',
    },
  ];
}

function resolutionProblems({ mode, resolution }: WellFormedInput): InputProblem[] {
  const field = 'resolution';
  if (mode === 'resolve' && resolution === undefined)
    return [{ field, problem: 'is missing', remedy: 'Give {outcome, statement, resolvedBy}.' }];
  if (mode !== 'resolve' && resolution !== undefined)
    return [
      { field, problem: `has no meaning with mode "${mode}"`, remedy: 'Use mode "resolve".' },
    ];
  return [];
}

function windowProblems({ notAfter, compensateNotAfter }: WellFormedInput): InputProblem[] {
  if (notAfter === undefined || compensateNotAfter === undefined) return [];
  if (Date.parse(compensateNotAfter) >= Date.parse(notAfter)) return [];
  return [
    {
      field: 'compensateNotAfter',
      problem: 'is before notAfter',
      remedy: 'A compensation comes after the swap; compensation "none" forbids it.',
    },
  ];
}

/** A second PUT while the first may still be on its way is what `once` must not become. */
function reissueProblems({ reissue, timing }: WellFormedInput): InputProblem[] {
  const seconds = timing?.settleSeconds;
  if (reissue !== 'once' || seconds === undefined || seconds >= MIN_REISSUE_SETTLE_SECONDS)
    return [];
  return [
    {
      field: 'timing.settleSeconds',
      problem: `is too short for reissue "once": the first PUT may still arrive`,
      remedy: `Give at least ${MIN_REISSUE_SETTLE_SECONDS}, or leave reissue out.`,
    },
  ];
}

/** Only a PUT interrupts; a dry run says whether that could be measured. */
function probeProblems(input: WellFormedInput): InputProblem[] {
  if (input.probe === 'off' || NEEDS_GOAL.includes(input.mode)) return [];
  return misplaced(input, ['probe']);
}

/**
 * Checks the input of a switchover. Reads no clock, so the client, the command and the first activity all come to
 * the same answer.
 */
export function parseInput(raw: unknown): Parsed<WellFormedInput> {
  return parse(switchoverInputSchema, raw, findContradictions);
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
    probe: input.probe,
    timing,
  };
}

function toGoal(input: WellFormedInput) {
  return {
    mode: input.mode,
    target: input.target ?? null,
    expectedMasterNodeId: input.expectedMasterNodeId ?? null,
    toggle: input.toggle ?? false,
    resolution: input.resolution ?? null,
    examinedRunId: input.examinedRunId ?? null,
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
