import { STATUS_CODES } from 'node:http';

import { API_ERRORS, errorAnswer, jsonAnswer } from '../http/answer.js';
import type { SimulatedAnswer, ApiError } from '../http/answer.js';
import type { RouteFamily, RouteName } from '../http/routes.js';

import { assertFaultSpec } from './spec.js';
import type {
  CallSelector,
  Fault,
  FaultActions,
  FaultScript,
  FaultSpec,
  ScriptedResponse,
} from './spec.js';

/** What the script does to one call: all of its faults together. */
export interface CallScript extends FaultActions {
  /** Resolves when no fault holds the answer back any more. */
  readonly released: Promise<unknown>;
}

/** The fault script as the HTTP server uses it. */
export interface FaultBook extends FaultScript {
  /** Counts a call and shows what happens to it. */
  take(route: RouteName, instanceId: string | null): CallScript;
}

interface ActiveFault {
  readonly spec: FaultSpec;
  readonly released: Promise<void>;
  readonly release: () => void;
  seen: number;
  hits: number;
}

/** An empty script: every call goes as the service would have it. */
export function createFaultBook(): FaultBook {
  const active = new Set<ActiveFault>();
  const remove = (fault: ActiveFault): void => {
    active.delete(fault);
    fault.release();
  };
  return {
    add: (spec): Fault => {
      assertFaultSpec(spec);
      const fault = activate(spec);
      active.add(fault);
      return {
        hits: () => fault.hits,
        release: fault.release,
        remove: () => {
          remove(fault);
        },
      };
    },
    clear: () => {
      active.forEach(remove);
    },
    take: (route, instanceId) => {
      const hits = [...active].filter((fault) => isHit(fault, route, instanceId));
      const holds = hits.filter((fault) => fault.spec.hold).map((fault) => fault.released);
      const actions = hits.reduce<FaultActions>((merged, { spec }) => ({ ...merged, ...spec }), {});
      return { ...actions, released: Promise.all(holds) };
    },
  };
}

function activate(spec: FaultSpec): ActiveFault {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { spec, released, release, seen: 0, hits: 0 };
}

function isHit(fault: ActiveFault, route: RouteName, instanceId: string | null): boolean {
  const { spec } = fault;
  const isMatch =
    spec.route === route && (spec.instanceId === undefined || spec.instanceId === instanceId);
  if (!isMatch) return false;
  fault.seen += 1;
  const isSelected = isSelectedCall(spec.calls, fault.seen);
  if (isSelected) fault.hits += 1;
  return isSelected;
}

function isSelectedCall(calls: CallSelector | undefined, number: number): boolean {
  if (calls === undefined) return true;
  if (typeof calls === 'number') return calls === number;
  if ('from' in calls) return number >= calls.from && number <= (calls.to ?? Infinity);
  return calls.includes(number);
}

type UsualError = Omit<ApiError, 'status'>;

/** What the service or its gateway says with a status (DCS and API gateway, error codes). */
const USUAL_ERRORS: Record<number, UsualError> = {
  400: { shape: 'dcs', code: '111400063', message: 'Invalid {0} parameter in the request.' },
  401: {
    ...{ shape: 'gateway', code: 'APIGW.0301' },
    message: 'Incorrect IAM authentication information: verify aksk signature fail',
  },
  403: {
    ...{ shape: 'dcs', code: 'DCS.2003' },
    message: 'This role does not have the permission to perform this operation.',
  },
  404: { shape: 'dcs', code: '111404022', message: 'This DCS instance does not exist.' },
  409: {
    ...{ shape: 'dcs', code: 'DCS.4026' },
    message: 'This operation is not allowed when the DCS instance is in the current state.',
  },
  429: {
    ...{ shape: 'gateway', code: 'APIGW.0308' },
    message:
      'The throttling threshold has been reached: policy user over ratelimit,limit:100,time:1 minute',
  },
  502: { shape: 'gateway', code: 'APIGW.0202', message: 'Backend unavailable' },
  503: { shape: 'html', code: '503', message: 'Service Temporarily Unavailable' },
  504: { shape: 'gateway', code: 'APIGW.0203', message: 'Backend timeout' },
};

const plain = (shape: ApiError['shape'], status: number): UsualError => {
  return { shape, code: String(status), message: STATUS_CODES[status] ?? 'Error' };
};

const USUAL_OF_FAMILY: Record<RouteFamily, (status: number) => UsualError> = {
  dcs: (status) => USUAL_ERRORS[status] ?? API_ERRORS.internal,
  iam: (status) => plain('iam', status),
  metadata: (status) => plain('raw', status),
  sts: (status) => plain('iam', status),
};

/** The answer that a fault dictates. */
export function scriptedAnswer(
  response: ScriptedResponse,
  requestId: string,
  family: RouteFamily,
): SimulatedAnswer {
  return { ...bodyOf(response, requestId, family), headers: response.headers ?? {} };
}

function bodyOf(
  response: ScriptedResponse,
  requestId: string,
  family: RouteFamily,
): SimulatedAnswer {
  const { status, body } = response;
  if (typeof body === 'string') return { status, text: body, contentType: 'text/plain' };
  if (body !== undefined) return jsonAnswer(status, body);
  const usualError = USUAL_OF_FAMILY[family](status);
  const { shape, code, message } = { ...usualError, ...response };
  const isError = status >= 400 || response.code !== undefined || response.message !== undefined;
  return isError
    ? errorAnswer(shape, { status, code, message, requestId })
    : jsonAnswer(status, {});
}
