import { DEFAULT_TIMING } from '../contract/index.js';
import type { InputProblem, MaintenanceWindow } from '../contract/index.js';
import { findWindowProblems } from '../windows/index.js';

import type { WellFormedMaintenance } from './maintenance-input.js';

/** Fields of a plan that are each well formed but make no sense together. */
export function findMaintenanceContradictions(input: WellFormedMaintenance): InputProblem[] {
  return [
    ...instanceProblems(input),
    ...goalProblems(input),
    ...findWindowProblems(input.window as MaintenanceWindow),
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
  if (target.nodeId === undefined || instanceIds?.length === 1) return [];
  return [
    {
      field: 'target.nodeId',
      problem: 'is a node of one instance, but the plan may have more',
      remedy: 'Give availabilityZone or avoidAvailabilityZone, or exactly one instance id.',
    },
  ];
}

const NO_GOAL: InputProblem = {
  field: 'target',
  problem: 'is missing: nothing says where the masters should go',
  remedy: 'Give target or toggle: true.',
};

/** The way back is a swap like any other: its own pre-check would refuse it before the cool-down is over. */
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
      problem: `is below the cool-down of ${coolDownSeconds} s, so every way back would be refused`,
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
