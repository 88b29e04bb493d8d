import { DcsError, DcsHttpError, DcsResponseError } from '../dcs/index.js';
import { fail, ok, warn } from './check.js';
import type { Finding } from './check.js';

import type { ReadRule } from '../diagnostics/dcs/actions.js';
import { otherHostToTry } from './network.js';
import { NoAnswerError } from './readings.js';
import type { ReadResult } from './readings.js';
import {
  authenticationFix,
  describeHttpError,
  permissionFix,
} from '../diagnostics/dcs/refusals.js';

/** What was asked for. */
export interface ReadQuestion {
  readonly rule: ReadRule;
  /** Whether the id is one that cannot exist: then "not found" is the good answer. */
  readonly isAbsentId: boolean;
  /** The API's endpoint. */
  readonly endpoint: string;
}

/** The codes by which the gateway, not DCS, says 404. */
const NO_SUCH_API = 'APIGW.0101';

/** The verdict on one reading. */
export function judgeRead(question: ReadQuestion, { error }: ReadResult): Finding {
  const { id, action } = question.rule;
  if (error === null) return ok(id, `answered; ${action} is allowed`);
  if (error instanceof DcsHttpError) return judgeHttpError(question, error);
  if (error instanceof DcsResponseError)
    return fail(
      id,
      error.message,
      `Repeat with --record DIR and report it: the answer is not as documented.${otherHostToTry(question.endpoint, 'DCS_ENDPOINT')}`,
      'other',
    );
  const found = error instanceof Error ? error.message : 'an error without words';
  if (error instanceof DcsError || error instanceof NoAnswerError)
    return fail(id, found, 'Check the way to the endpoint, then try again.', 'unreachable');
  return fail(id, found, 'Correct the setting that is named.', 'configuration');
}

function judgeHttpError(question: ReadQuestion, error: DcsHttpError): Finding {
  const { rule } = question;
  const { id, action } = rule;
  const words = describeHttpError(error);
  const { status, code } = error;
  const otherHost = otherHostToTry(question.endpoint, 'DCS_ENDPOINT');
  if (isForeign(error)) return fail(id, words, `${FOREIGN_FIX}${otherHost}`, 'unreachable');
  if (status === 401) return fail(id, words, authenticationFix(error), 'other');
  if (status === 403) return fail(id, words, permissionFix(rule, error), 'other');
  if (code === NO_SUCH_API)
    return fail(
      id,
      words,
      `This endpoint does not serve DCS: correct DCS_REGION or DCS_ENDPOINT.${otherHost}`,
      'other',
    );
  if (question.isAbsentId && (status === 400 || status === 404))
    return ok(
      id,
      `${action} is allowed: asked for an id that cannot exist, and told so (${words})`,
    );
  if (status === 404)
    return fail(
      id,
      words,
      'Check the instance id, and that it is of this project and region.',
      'other',
    );
  if (status === 429)
    return warn(
      id,
      words,
      'Throttled: try again in a few minutes. Give the worker an IAM user of its own: quotas count per user.',
    );
  if (status !== null && status >= 500)
    return fail(id, words, 'The service has trouble: try again later.', 'unreachable');
  return fail(id, words, 'Report it with --record DIR: this refusal is not known.', 'other');
}

const FOREIGN_FIX =
  'This is no answer of DCS: see what a proxy, firewall or portal between here and the endpoint says.';

/** A page of something in between proves neither a missing action nor a missing id. */
function isForeign({ status, bodyParsed }: DcsHttpError): boolean {
  return !bodyParsed && status !== null && status < 500 && status !== 429;
}

/** Whether an error is a refused login: each of them brings the key nearer to its lock. */
export function isAuthenticationFailure(error: unknown): boolean {
  return error instanceof DcsHttpError && error.status === 401;
}

/** Whether nothing was reached, so that further readings would only take time. */
export function isOutOfReach(error: unknown): boolean {
  return (
    error instanceof NoAnswerError || (error instanceof DcsError && error.delivery !== 'answered')
  );
}
