/** What a switchover is asked for, as data. A request id stands for one goal, no matter who asks and in whatever words. */
import type { Target } from '../contract/index.js';

import { fieldsOf, isRecord, textOf } from '../util.js';

import { describeTarget } from './identity.js';

/**
 * Where the master should be, or from where it should move. Who asks, why, in what time and with what policy is no
 * part of it.
 */
export interface Goal {
  readonly target: Target | null;
  /** Part of the goal: "away from A" and "away from B" are opposite swaps. */
  readonly expectedMasterNodeId: string | null;
  /** A bare toggle; beside one of the others the word asks for nothing more. */
  readonly isBareToggle: boolean;
}

/** The parts of an input that a goal is made of; `null` and absent are the same. */
export interface AskedGoal {
  readonly target?: Target | null | undefined;
  readonly expectedMasterNodeId?: string | null | undefined;
}

/** The goal of a validated input. */
export function toGoal({ target, expectedMasterNodeId }: AskedGoal): Goal {
  const wanted = target ?? null;
  const guard = expectedMasterNodeId ?? null;
  return {
    target: wanted,
    expectedMasterNodeId: guard,
    isBareToggle: wanted === null && guard === null,
  };
}

/** Whether two goals are the same. */
export function isSameGoal(one: Goal, other: Goal): boolean {
  return keyOf(one) === keyOf(other);
}

/** A target has exactly one field. */
function keyOf({ target, expectedMasterNodeId }: Goal): string {
  return JSON.stringify([Object.entries(target ?? {}), expectedMasterNodeId]);
}

/** What the argument of a run says of its request, whoever wrote it. */
export interface AskedRequest {
  readonly mode: string;
  readonly requestId: string | null;
  /** `null` where it cannot be read. */
  readonly goal: Goal | null;
}

/** Reads the argument of a run as it came; it was valid for the version that ran it, no more is known of it. */
export function readAskedRequest(input: unknown): AskedRequest {
  const asked = fieldsOf(input);
  const target = readTarget(asked['target']);
  return {
    mode: textOf(asked['mode']) ?? 'switch',
    requestId: textOf(asked['requestId']),
    goal:
      target === undefined
        ? null
        : toGoal({ target, expectedMasterNodeId: textOf(asked['expectedMasterNodeId']) }),
  };
}

/** `null` where none is asked for; `undefined` where it has not exactly one field, or none of this version. */
export function readTarget(value: unknown): Target | null | undefined {
  if (value === null || value === undefined) return null;
  if (!isRecord(value)) return undefined;
  const given = Object.entries(value).filter(([, field]) => field !== null);
  const [[name, field] = ['', null], ...others] = given;
  if (typeof field !== 'string' || others.length > 0) return undefined;
  const text = field.trim();
  if (name === 'availabilityZone') return { availabilityZone: text };
  if (name === 'nodeId') return { nodeId: text };
  return name === 'avoidAvailabilityZone' ? { avoidAvailabilityZone: text } : undefined;
}

/**
 * A goal as text, such as `switch so that the master is in AZ az2`.
 *
 * @param prefix put before the verb, such as `plan to `
 */
export function describeGoal(
  { target, expectedMasterNodeId, isBareToggle }: Goal,
  prefix = '',
): string {
  const verb = isBareToggle ? 'swap master and replica' : 'switch';
  const where = target === null ? '' : ` so that the master is ${describeTarget(target)}`;
  const guard = expectedMasterNodeId === null ? '' : ` while the master is ${expectedMasterNodeId}`;
  return `${prefix}${verb}${where}${guard}`;
}

/**
 * Whether two request ids are the same: by their characters, however these are encoded (NFC), spaces around them
 * apart. Case counts.
 */
export function isSameRequestId(one: string, other: string): boolean {
  return canonical(one) === canonical(other);
}

function canonical(requestId: string): string {
  return requestId.trim().normalize('NFC');
}
