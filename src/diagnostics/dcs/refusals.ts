/** What a refused reading means, and what cures it: tables in front of the raw words of the service. */
import type { DcsHttpError } from '../../dcs/index.js';

import type { ReadRule } from './actions.js';

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
  { matches: () => true, fix: 'Correct the credential at its source.' },
];

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

/** What cures a 401. */
export function authenticationFix(error: DcsHttpError): string {
  return cureOf(AUTHENTICATION_CURES, error) ?? 'Correct the credential at its source.';
}

/** What cures a 403: almost always the one action. */
export function permissionFix({ action, doubt }: ReadRule, error: DcsHttpError): string {
  const other = cureOf(OTHER_REFUSALS, error);
  if (other !== null) return other;
  const unsure = doubt === null ? '' : ` (${doubt})`;
  return `Allow the action ${action}${unsure} in the policy of this credential.`;
}

/** Words of an HTTP error for people: status, code, text, request id. */
export function describeHttpError({ message, requestId }: DcsHttpError): string {
  // The message begins with method and route, which the line of the check already says.
  const words = message.slice(message.indexOf(': ') + 2);
  return requestId === null ? words : `${words} (request id ${requestId})`;
}

function cureOf(cures: readonly Cure[], error: DcsHttpError): string | null {
  return cures.find(({ matches }) => matches(error))?.fix ?? null;
}
