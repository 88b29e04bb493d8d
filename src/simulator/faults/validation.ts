import { validateHeaderName, validateHeaderValue } from 'node:http';
import { ERROR_SHAPES } from '../http/answer.js';
import { ROUTE_NAMES } from '../http/routes.js';
import { ROLE_VIEWS } from './spec.js';
import type { FaultSpec, JobScript, ScriptedResponse, TaskRowScript } from './spec.js';

/** Tells what is wrong with a value, or `null`. */
type Check = (value: unknown, name: string) => string | null;

const expect =
  (what: string, accepts: (value: unknown) => boolean): Check =>
  (value, name) =>
    accepts(value) ? null : `${name} must be ${what}`;

const isWhole = (value: unknown, least: number): boolean =>
  Number.isInteger(value) && Number(value) >= least;
const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isHeader = ([name, value]: [string, unknown]): boolean => {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value as string);
    return typeof value === 'string';
  } catch {
    return false;
  }
};

const flag = expect('true or false', (value) => typeof value === 'boolean');
const text = expect('a string', (value) => typeof value === 'string');
const anything: Check = () => null;
const status = expect('an HTTP status from 200 to 599', (value) => {
  return isWhole(value, 200) && Number(value) < 600;
});
const callNumber = expect('a whole number from 1', (value) => isWhole(value, 1));
const headers = expect('an object of valid HTTP headers', (value) => {
  return isPlainObject(value) && Object.entries(value).every(isHeader);
});
const oneOf = (words: readonly string[]): Check =>
  expect(`one of ${words.join(', ')}`, (value) => words.includes(value as string));

/** Longest wait of a Node timer; a longer one would be over at once. */
const MAX_DURATION_MS = 2 ** 31 - 1;

/** Checks a duration in milliseconds; also used for the simulator's own timing. */
export const duration = expect(`milliseconds from 0 to ${MAX_DURATION_MS}`, (value) => {
  return typeof value === 'number' && value >= 0 && value <= MAX_DURATION_MS;
});

/** Checks an object field by field; a field without a check is unknown and refused by name. */
function shapeOf(checks: Record<string, Check>, required: readonly string[] = []): Check {
  return (value, name) => {
    if (!isPlainObject(value)) return `${name} must be an object`;
    const missing = required.find((field) => value[field] === undefined);
    if (missing !== undefined) return `${name}.${missing} is required`;
    for (const [field, one] of Object.entries(value)) {
      const check = Object.hasOwn(checks, field) ? checks[field] : undefined;
      if (!check) return `${name}.${field} is unknown; known: ${Object.keys(checks).join(', ')}`;
      const problem = one === undefined ? null : check(one, `${name}.${field}`);
      if (problem !== null) return problem;
    }
    return null;
  };
}

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
  userName: text,
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
  roles: ['listNodes', 'listGroups'],
  job: ['asyncSwap'],
  taskRow: ['asyncSwap'],
};

const checkFault = shapeOf(FAULT, ['route']);

/** @throws Error that names the unknown, wrong or misplaced field of a fault */
export function assertFaultSpec(spec: FaultSpec): void {
  const problem = checkFault(spec, 'fault') ?? findMisplaced(spec);
  if (problem !== null) throw new Error(problem);
}

function findMisplaced(spec: FaultSpec): string | null {
  for (const [action, routes] of Object.entries(ROUTES_OF_ACTION)) {
    if (Object.hasOwn(spec, action) && !routes.includes(spec.route)) {
      return `fault.${action} has no effect on ${spec.route}; it belongs to ${routes.join(', ')}`;
    }
  }
  return null;
}
