import { validateHeaderName, validateHeaderValue } from 'node:http';

import { duration, expect, flag, isPlainObject, isWhole, oneOf, shapeOf, text } from '../basics.js';
import type { SpecCheck } from '../basics.js';
import { ERROR_SHAPES } from '../http/answer.js';
import type { ErrorShape } from '../http/answer.js';
import { ROUTE_NAMES } from '../http/routes.js';
import type { RouteName } from '../http/routes.js';
import { redisScript } from '../redis/script.js';
import type { RedisScript } from '../redis/script.js';

/** Which of the matching calls a fault concerns, counted from 1 since the fault was added. */
export type CallSelector =
  number | readonly number[] | { readonly from: number; readonly to?: number };

/** How a read shows the roles; the instance itself does not change. */
const ROLE_VIEWS = ['swapped', 'two-masters', 'no-master', 'ids-disagree'] as const;

/** Name of a false view of the roles. */
export type RoleView = (typeof ROLE_VIEWS)[number];

/** A scripted answer in place of the service's own. */
export interface ScriptedResponse {
  readonly status: number;
  /** Whether the operation is carried out all the same. @default false */
  readonly execute?: boolean;
  /** Shape of the error body. @default the one usual for the status */
  readonly shape?: ErrorShape;
  /** @default the one usual for the status */
  readonly code?: string;
  /** @default the one usual for the status */
  readonly message?: string;
  /** The whole body: an object is sent as JSON, a string as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How the job of the swap goes that this call starts. */
export interface JobScript {
  /** @default "SUCCESS" */
  readonly outcome?: 'SUCCESS' | 'FAIL';
  /** @default true for SUCCESS, false for FAIL */
  readonly changesRoles?: boolean;
  /** The roles change, but the API goes on showing those of before. @default false */
  readonly showsOldRoles?: boolean;
  /** The job stays RUNNING, the instance busy. @default false */
  readonly neverEnds?: boolean;
  readonly failReason?: string;
  /** @default the simulator's `jobInitMs` */
  readonly initMs?: number;
  /** @default the simulator's `jobRunMs` */
  readonly runMs?: number;
  /** Word shown in place of RUNNING. @default "RUNNING" */
  readonly status?: string;
  /** Health of the new master once it is master. @default unchanged */
  readonly newMasterStatus?: 'Active' | 'Inactive';
}

/** How the background-task row of the swap looks that this call starts. */
export interface TaskRowScript {
  /** @default the simulator's `taskRowDelayMs` */
  readonly delayMs?: number;
  /** No row ever appears. @default false */
  readonly never?: boolean;
  /** The row has no `job_id`, as on the documentation page. @default false */
  readonly withoutJobId?: boolean;
  /** The row's `id` is not the job's. @default false: both are the same */
  readonly otherId?: boolean;
  /** `null`: the row names no one. @default the user who swapped */
  readonly userName?: string | null;
  /** `null`: the row has none. @default the id of that user */
  readonly userId?: string | null;
}

/** What happens to a call. Actions combine; of several faults on one call the later added wins. */
export interface FaultActions {
  /** Wait before the operation. */
  readonly delayMs?: number;
  /** Wait between the operation and its answer. */
  readonly delayResponseMs?: number;
  /** Keep the answer back until `release()`. */
  readonly hold?: boolean;
  readonly respond?: ScriptedResponse;
  /** Headers added to whatever is answered, `Date` included. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The answer is not JSON any more. */
  readonly malformedBody?: boolean;
  /** The connection breaks in the middle of the body. */
  readonly truncatedBody?: boolean;
  /** TCP reset instead of an answer; `after`: the operation was carried out, its response is lost. */
  readonly reset?: 'before' | 'after';
  /** For `listNodes`, `listAllNodes` and `listGroups`. */
  readonly roles?: RoleView;
  /** For `asyncSwap`. */
  readonly job?: JobScript;
  /** For `asyncSwap`. */
  readonly taskRow?: TaskRowScript;
  /** For `asyncSwap`: what happens to Redis when the roles change. */
  readonly redis?: RedisScript;
  /** Another operator has swapped, to the end, when the operation begins. */
  readonly foreignSwapBefore?: boolean;
  /** Another operator swaps so long after the operation, as soon as the instance is idle. */
  readonly foreignSwapAfterMs?: number;
}

/** A fault: which calls it concerns, and what happens to them. */
export interface FaultSpec extends FaultActions {
  readonly route: RouteName;
  /** @default every instance */
  readonly instanceId?: string;
  /** @default every matching call */
  readonly calls?: CallSelector;
}

/** Handle of a fault. */
export interface Fault {
  /** Number of calls it was applied to. */
  hits(): number;
  /** Lets go the answers that `hold` keeps back, now and later. */
  release(): void;
  /** Ends the fault; also releases. */
  remove(): void;
}

/** The scripted faults of a simulator. */
export interface FaultScript {
  /** @throws Error that names the unknown or wrong field */
  add(spec: FaultSpec): Fault;
  /** Removes every fault. */
  clear(): void;
}

const isHeader = ([name, value]: [string, unknown]): boolean => {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value as string);
    return typeof value === 'string';
  } catch {
    return false;
  }
};

const anything: SpecCheck = () => null;
const textOrNull: SpecCheck = (value, name) => (value === null ? null : text(value, name));
const status = expect('an HTTP status from 200 to 599', (value) => {
  return isWhole(value, 200) && Number(value) < 600;
});
const callNumber = expect('a whole number from 1', (value) => isWhole(value, 1));
const headers = expect('an object of valid HTTP headers', (value) => {
  return isPlainObject(value) && Object.entries(value).every(isHeader);
});
const RESPONSE: Record<keyof ScriptedResponse, SpecCheck> = {
  status,
  execute: flag,
  shape: oneOf(ERROR_SHAPES),
  code: text,
  message: text,
  body: anything,
  headers,
};

const JOB: Record<keyof JobScript, SpecCheck> = {
  outcome: oneOf(['SUCCESS', 'FAIL']),
  changesRoles: flag,
  showsOldRoles: flag,
  neverEnds: flag,
  failReason: text,
  initMs: duration,
  runMs: duration,
  status: text,
  newMasterStatus: oneOf(['Active', 'Inactive']),
};

const TASK_ROW: Record<keyof TaskRowScript, SpecCheck> = {
  delayMs: duration,
  never: flag,
  withoutJobId: flag,
  otherId: flag,
  userName: textOrNull,
  userId: textOrNull,
};

const callRange = shapeOf({ from: callNumber, to: callNumber }, ['from']);

const calls: SpecCheck = (value, name) => {
  if (!Array.isArray(value)) return (isPlainObject(value) ? callRange : callNumber)(value, name);
  const problems = value.map((one) => callNumber(one, `every entry of ${name}`));
  return problems.find((problem) => problem !== null) ?? null;
};

const FAULT: Record<keyof FaultSpec, SpecCheck> = {
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
  redis: redisScript,
  foreignSwapBefore: flag,
  foreignSwapAfterMs: duration,
};

/** Actions that mean something for some routes only. */
const ROUTES_OF_ACTION: Partial<Record<keyof FaultSpec, readonly string[]>> = {
  roles: ['listNodes', 'listAllNodes', 'listGroups'],
  job: ['asyncSwap'],
  taskRow: ['asyncSwap'],
  redis: ['asyncSwap'],
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
