import { DcsError, DcsHttpError, DcsResponseError } from '../dcs/index.js';
import { command, joinText, withCommands } from '../domain/commands.js';

import { fail, ok, warn } from './check.js';
import type { CheckFinding, FailureKind } from './check.js';
import { otherHostToTry } from './network.js';
import { NoAnswerError } from './readings.js';
import type { ReadResult, ReadRule } from './readings.js';

// What a refused reading means, and what cures it: tables in front of the raw words of the service.

interface Cure {
  readonly matches: (error: DcsHttpError) => boolean;
  readonly fix: string;
}

const says =
  (words: RegExp) =>
  ({ message }: DcsHttpError): boolean =>
    words.test(message);

const hasCode =
  (...codes: readonly string[]) =>
  ({ code }: DcsHttpError): boolean =>
    code !== null && codes.includes(code);

/** 401, first match wins. Words and codes of the gateway's published errors. */
const AUTHENTICATION_CURES: readonly Cure[] = [
  {
    matches: says(/reach the limit|forbidden/i),
    fix: 'The access key is locked after five failures: wait 5 minutes, and find out who else uses it wrongly.',
  },
  {
    matches: hasCode('DCS.1004'),
    fix: 'The credential is not of this project: correct HUAWEICLOUD_SDK_PROJECT_ID (or the project in the configuration file).',
  },
  {
    matches: hasCode('APIGW.0307'),
    fix: 'The token is over, or of another region: correct the IAM settings of this project.',
  },
  {
    matches: says(/ak not exist/i),
    fix: 'This access key does not exist: correct it at its source, or create a new one.',
  },
  {
    matches: says(/signature fail/i),
    fix: 'The secret key does not belong to this access key: correct it at its source.',
  },
  {
    matches: says(/token/i),
    fix: 'The security token is missing, over, or not of this key: take key, secret and token from one login.',
  },
];

const CREDENTIAL_FIX = 'Correct the credential at its source.';

/** 403 that are not about an action. */
const OTHER_REFUSALS: readonly Cure[] = [
  {
    matches: hasCode('APIGW.0310'),
    fix: 'The project is not available: check it, and that the account has no arrears.',
  },
  {
    matches: hasCode('APIGW.0401', 'APIGW.0402', 'APIGW.0404', 'APIGW.0405'),
    fix: 'The address of this machine is not allowed: have it added to the access control.',
  },
  {
    matches: hasCode('APIGW.0802'),
    fix: 'This user is not allowed in this region: correct DCS_REGION, or the rights of the user.',
  },
];

/** What cures a 401 or 403; `null` for any other status. */
function refusalFix(rule: ReadRule, error: DcsHttpError): string | null {
  if (error.status === 401) return cureOf(AUTHENTICATION_CURES, error) ?? CREDENTIAL_FIX;
  return error.status === 403 ? permissionFix(rule, error) : null;
}

/** What cures a 403: almost always the one action. */
function permissionFix({ action, uncertainty }: ReadRule, error: DcsHttpError): string {
  const other = cureOf(OTHER_REFUSALS, error);
  if (other !== null) return other;
  const unsure = uncertainty === null ? '' : ` (${uncertainty})`;
  return `Allow the action ${action}${unsure} in the policy of this credential.`;
}

/** Words of an HTTP error for people: status, code, text, request id. */
function describeHttpError({ message, requestId }: DcsHttpError): string {
  // The message begins with method and route, which the line of the check already says.
  const words = message.slice(message.indexOf(': ') + 2);
  return requestId === null ? words : `${words} (request id ${requestId})`;
}

/** Status and code alone: that it is "not found" is what was hoped for. */
function describeAnswer({ status, code }: DcsHttpError): string {
  return [status, code].filter((part) => part !== null).join(' ');
}

function cureOf(cures: readonly Cure[], error: DcsHttpError): string | null {
  return cures.find(({ matches }) => matches(error))?.fix ?? null;
}

/** What was asked for. */
export interface ReadQuestion {
  readonly rule: ReadRule;
  /** Whether the id is one that cannot exist: then "not found" is the good answer. */
  readonly isAbsentId: boolean;
  /** The API's endpoint. */
  readonly endpoint: string;
  /** The project that is asked, for the command that records what it answers. */
  readonly projectId: string;
}

/** The codes by which the gateway, not DCS, says 404. */
const NO_SUCH_API = 'APIGW.0101';

/** The verdict on one reading. */
export function judgeRead(question: ReadQuestion, { error }: ReadResult): CheckFinding {
  const { id, action } = question.rule;
  if (error === null) return ok(id, `answered; ${action} is allowed`);
  if (error instanceof DcsHttpError) return judgeHttpError(question, error);
  const found = error instanceof Error ? error.message : 'an error without words';
  if (error instanceof DcsResponseError) {
    const fix = [`The answer is not as documented.${otherHostOf(question)}`, recordStep(question)];
    return fail(id, found, joinText(fix), 'other');
  }
  if (error instanceof DcsError || error instanceof NoAnswerError)
    return fail(id, found, 'Check the route to the endpoint, then try again.', 'unreachable');
  return fail(id, found, 'Correct the setting that is named.', 'configuration');
}

function judgeHttpError(question: ReadQuestion, error: DcsHttpError): CheckFinding {
  const { rule, isAbsentId } = question;
  const { id, action } = rule;
  const { status, code } = error;
  const words = describeHttpError(error);
  const otherHost = otherHostOf(question);
  const bad = (fix: string, kind: FailureKind = 'other'): CheckFinding =>
    fail(id, words, fix, kind);
  if (isForeign(error)) return bad(`${FOREIGN_FIX}${otherHost}`, 'unreachable');
  const refused = refusalFix(rule, error);
  if (refused !== null) return bad(refused);
  if (code === NO_SUCH_API)
    return bad(`This endpoint does not serve DCS: correct DCS_REGION or DCS_ENDPOINT.${otherHost}`);
  if (isAbsentId && [400, 404].includes(status ?? 0))
    return ok(id, `${action} is allowed (${describeAnswer(error)})`);
  if (status === 404)
    return bad('Check the instance id, and that it is of this project and region.');
  if (status === 429) return warn(id, words, THROTTLED_FIX);
  if (status !== null && status >= 500)
    return bad('The service has trouble: try again later.', 'unreachable');
  return bad(joinText(['This refusal is not known.', recordStep(question)]));
}

/** What a report of an answer that no one has foreseen needs. */
function recordStep({ projectId }: ReadQuestion): string {
  const record = command(['doctor'], { projectId }, { record: 'dcs-answers' });
  return withCommands('Record what DCS answers, and report it', record);
}

function otherHostOf({ endpoint }: ReadQuestion): string {
  return otherHostToTry(endpoint, 'DCS_ENDPOINT');
}

const THROTTLED_FIX =
  'Throttled: try again in a few minutes. Give the worker an IAM user of its own: quotas count per user.';

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
