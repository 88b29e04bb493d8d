import { STATUS_CODES } from 'node:http';
import { errorAnswer, jsonAnswer } from '../http/answer.js';
import type { Answer } from '../http/answer.js';
import { API_ERRORS } from '../http/refusal.js';
import type { ApiError } from '../http/refusal.js';
import type { RouteFamily } from '../http/routes.js';
import type { ScriptedResponse } from './spec.js';

const usual = (shape: ApiError['shape'], code: string, message: string) => ({
  shape,
  code,
  message,
});

/** What the service or its gateway says with a status (DCS and API gateway, error codes). */
const USUAL_ERRORS: Record<number, Omit<ApiError, 'status'>> = {
  400: usual('dcs', '111400063', 'Invalid {0} parameter in the request.'),
  401: usual(
    'gateway',
    'APIGW.0301',
    'Incorrect IAM authentication information: verify aksk signature fail',
  ),
  403: usual(
    'dcs',
    'DCS.2003',
    'This role does not have the permission to perform this operation.',
  ),
  404: usual('dcs', '111404022', 'This DCS instance does not exist.'),
  409: usual(
    'dcs',
    'DCS.4026',
    'This operation is not allowed when the DCS instance is in the current state.',
  ),
  429: usual(
    'gateway',
    'APIGW.0308',
    'The throttling threshold has been reached: policy user over ratelimit,limit:100,time:1 minute',
  ),
  502: usual('gateway', 'APIGW.0202', 'Backend unavailable'),
  503: usual('html', '503', 'Service Temporarily Unavailable'),
  504: usual('gateway', 'APIGW.0203', 'Backend timeout'),
};

const plain = (shape: ApiError['shape'], status: number) =>
  usual(shape, String(status), STATUS_CODES[status] ?? 'Error');

const USUAL_OF_FAMILY: Record<RouteFamily, (status: number) => Omit<ApiError, 'status'>> = {
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
): Answer {
  return { ...bodyOf(response, requestId, family), headers: response.headers ?? {} };
}

function bodyOf(response: ScriptedResponse, requestId: string, family: RouteFamily): Answer {
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
