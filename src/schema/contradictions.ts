import { MIN_REISSUE_SETTLE_SECONDS, isExaminingMode } from '../contract/index.js';
import type { InputProblem } from '../contract/index.js';

import type { WellFormedInput } from './switchover-input.js';

const GOAL_FIELDS = ['target', 'expectedMasterNodeId', 'toggle'] as const;

/** Fields that say how a PUT may be sent; a mode that never sends one has no use for them. */
const SENDING_FIELDS = ['notAfter', 'compensateNotAfter'] as const;

/** Fields that are each well formed but make no sense together. */
export function findContradictions(input: WellFormedInput): InputProblem[] {
  return [
    ...(NEEDS_GOAL.includes(input.mode) ? goalProblems(input) : misplacedGoals(input)),
    ...resolutionProblems(input),
    ...examinationProblems(input),
    ...windowProblems(input),
    ...reissueProblems(input),
  ];
}

/** Modes that need to be told where the master should go. */
const NEEDS_GOAL: readonly WellFormedInput['mode'][] = ['switch', 'plan'];

function misplacedGoals(input: WellFormedInput): InputProblem[] {
  return misplaced(
    input,
    GOAL_FIELDS.filter((field) => input[field] !== undefined),
  );
}

/** What `verify` and `adopt` need, and what only they may be given. */
function examinationProblems(input: WellFormedInput): InputProblem[] {
  const { mode, baselineRunId, jobId } = input;
  const isExamining = isExaminingMode(mode);
  const given = (['baselineRunId', 'jobId'] as const).filter((field) => input[field] !== undefined);
  // A person's word may name the run that it is about.
  const needless = mode === 'resolve' ? given.filter((field) => field !== 'baselineRunId') : given;
  if (!isExamining) return misplaced(input, needless);
  const sending = SENDING_FIELDS.filter((field) => input[field] !== undefined);
  return [
    ...misplaced(input, mode === 'verify' && jobId !== undefined ? [...sending, 'jobId'] : sending),
    ...(mode === 'verify' && baselineRunId === undefined
      ? [
          {
            field: 'baselineRunId',
            problem: 'is missing',
            remedy: 'Give the run in question, as the command history lists it.',
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
  if (target.nodeId === undefined || target.nodeId !== expectedMasterNodeId) return [];
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
