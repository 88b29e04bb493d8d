import type { InputProblem } from '../contract/index.js';

import type { WellFormedInput } from './switchover-input.js';

const GOAL_FIELDS = ['target', 'expectedMasterNodeId', 'toggle'] as const;

/** Fields that are each well formed but make no sense together. */
export function findContradictions(input: WellFormedInput): InputProblem[] {
  return [
    ...(input.mode === 'resolve' ? misplacedGoals(input) : goalProblems(input)),
    ...resolutionProblems(input),
    ...windowProblems(input),
  ];
}

function misplacedGoals(input: WellFormedInput): InputProblem[] {
  return GOAL_FIELDS.filter((field) => input[field] !== undefined).map((field) => ({
    field,
    problem: 'has no meaning with mode "resolve"',
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
  if (Object.values(target).filter((value) => value !== undefined).length !== 1)
    return [
      {
        field: 'target',
        problem: 'must have exactly one field',
        remedy: 'Give one of availabilityZone, nodeId, avoidAvailabilityZone.',
      },
    ];
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
