import { validateHeaderName, validateHeaderValue } from 'node:http';
import { duration, expect, flag, isPlainObject, isWhole, oneOf, shapeOf, text } from '../basics.js';
import type { Check } from '../basics.js';
import { ERROR_SHAPES } from '../http/answer.js';
import { ROUTE_NAMES } from '../http/routes.js';
import { ROLE_VIEWS } from './spec.js';
import type { FaultSpec, JobScript, ScriptedResponse, TaskRowScript } from './spec.js';

const isHeader = ([name, value]: [string, unknown]): boolean => {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value as string);
    return typeof value === 'string';
  } catch {
    return false;
  }
};

const anything: Check = () => null;
const textOrNull: Check = (value, name) => (value === null ? null : text(value, name));
const status = expect('an HTTP status from 200 to 599', (value) => {
  return isWhole(value, 200) && Number(value) < 600;
});
const callNumber = expect('a whole number from 1', (value) => isWhole(value, 1));
const headers = expect('an object of valid HTTP headers', (value) => {
  return isPlainObject(value) && Object.entries(value).every(isHeader);
});
const RESPONSE: Record<keyof ScriptedResponse, Check> = {
  status,
  execute: flag,
  shape: oneOf(ERROR_SHAPES),
  code: text,
  message: text,
  body: anything,
  headers,
};

const JOB: Record<keyof JobScript, Check> = {
  outcome: oneOf(['SUCCESS', 'FAIL']),
  changesRoles: flag,
  neverEnds: flag,
  failReason: text,
  initMs: duration,
  runMs: duration,
  status: text,
  newMasterStatus: oneOf(['Active', 'Inactive']),
};

const TASK_ROW: Record<keyof TaskRowScript, Check> = {
  delayMs: duration,
  never: flag,
  withoutJobId: flag,
  otherId: flag,
  userName: textOrNull,
  userId: textOrNull,
};

const callRange = shapeOf({ from: callNumber, to: callNumber }, ['from']);

const calls: Check = (value, name) => {
  if (!Array.isArray(value)) return (isPlainObject(value) ? callRange : callNumber)(value, name);
  const problems = value.map((one) => callNumber(one, `every entry of ${name}`));
  return problems.find((problem) => problem !== null) ?? null;
};

const FAULT: Record<keyof FaultSpec, Check> = {
  route: oneOf(ROUTE_NAMES),
  instanceId: text,
  calls,
  delayMs: duration,
  delayResponseMs: duration,
  hold: flag,
  respond: shapeOf(RESPONSE, ['status']),
  headers,
  malformedBody: flag,
  truncatedBody: flag,
  reset: oneOf(['before', 'after']),
  roles: oneOf(ROLE_VIEWS),
  job: shapeOf(JOB),
  taskRow: shapeOf(TASK_ROW),
  foreignSwapBefore: flag,
  foreignSwapAfterMs: duration,
};

/** Actions that mean something for some routes only. */
const ROUTES_OF_ACTION: Partial<Record<keyof FaultSpec, readonly string[]>> = {
  roles: ['listNodes', 'listAllNodes', 'listGroups'],
  job: ['asyncSwap'],
  taskRow: ['asyncSwap'],
};

const checkFault = shapeOf(FAULT, ['route']);

/** @throws Error that names the unknown, wrong or misplaced field of a fault */
export function assertFaultSpec(spec: unknown, name = 'fault'): asserts spec is FaultSpec {
  const problem = checkFault(spec, name) ?? findMisplaced(spec as FaultSpec, name);
  if (problem !== null) throw new Error(problem);
}

/**
 * The faults of a parsed file: an array, or an object with the array `faults`.
 *
 * @throws Error that names the entry and its field, as in `faults[2].respond.status`
 */
export function parseFaults(value: unknown): readonly FaultSpec[] {
  const list = isPlainObject(value) ? value['faults'] : value;
  if (!Array.isArray(list)) throw new Error('Faults are an array, or {"faults": […]}.');
  return list.map((spec: unknown, index) => {
    assertFaultSpec(spec, `faults[${String(index)}]`);
    return spec;
  });
}

function findMisplaced(spec: FaultSpec, name: string): string | null {
  for (const [action, routes] of Object.entries(ROUTES_OF_ACTION)) {
    if (Object.hasOwn(spec, action) && !routes.includes(spec.route)) {
      return `${name}.${action} has no effect on ${spec.route}; it belongs to ${routes.join(', ')}`;
    }
  }
  return null;
}
