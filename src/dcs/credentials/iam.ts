import { checkId } from '../endpoint.js';
import { DcsCredentialsError } from '../errors/dcs-credentials-error.js';
import type { HttpResponse } from '../http.js';

import { refusal } from './authority.js';
import type { AskAuthority } from './authority.js';
import { cachedCredentials } from './cached.js';
import type { Issued } from './cached.js';
import type { CredentialSource } from './types.js';
import type { Environment } from './local.js';
import { lifetimeOf, partOf } from './issued.js';
import { readSmallFile } from './small-file.js';
import { requireSecretValue } from './secret-value.js';
import type { IamTokenSettings } from './settings.js';

/** The variable of the password, unless a file is named. */
const PASSWORD_VARIABLE = 'DCS_IAM_PASSWORD';

const REMEDIES: Readonly<Record<number, string>> = {
  400: 'check the names of user and account, and the project id',
  401: 'user name, account name or password is wrong, or the user is locked for some minutes',
  403: 'the user may not log in by API: allow programmatic access',
  404: 'the account or project is not known there: check the IAM endpoint',
};

/** A project-scoped IAM token by user and password, renewed before it ends (IAM guide: 24 h). */
export function iamTokenCredentials(
  settings: IamTokenSettings,
  env: Environment,
  ask: AskAuthority,
): CredentialSource {
  checkId('projectId', settings.projectId);
  const { userName, domainName, passwordFile, iamEndpoint } = settings;
  const password = passwordFile ?? PASSWORD_VARIABLE;
  return cachedCredentials({
    description: `IAM token of user ${userName} in account ${domainName} from ${iamEndpoint}, password from ${password}`,
    issue: () => issueToken(settings, env, ask),
  });
}

async function issueToken(
  settings: IamTokenSettings,
  env: Environment,
  ask: AskAuthority,
): Promise<Issued> {
  const { userName, domainName, projectId, iamEndpoint } = settings;
  const password = await readPassword(settings, env);
  const user = { name: userName, password, domain: { name: domainName } };
  const identity = { methods: ['password'], password: { user } };
  const response = await ask({
    method: 'POST',
    path: '/v3/auth/tokens',
    headers: {},
    body: JSON.stringify({ auth: { identity, scope: { project: { id: projectId } } } }),
    secrets: [password, JSON.stringify(password).slice(1, -1)],
  });
  const name = `IAM at ${iamEndpoint}`;
  if (response.status !== 201 && response.status !== 200) throw refusal(name, response, REMEDIES);
  return toToken(name, response);
}

function toToken(name: string, response: HttpResponse): Issued {
  const token = requireSecretValue(
    `X-Subject-Token in the answer of ${name}`,
    response.headers['x-subject-token'],
  );
  const expiresAt = partOf(name, response, 'token')['expires_at'];
  return {
    credentials: { kind: 'token', token },
    lifetimeMs: lifetimeOf(name, response, expiresAt),
  };
}

/** A password may hold blanks, but not the line break that editors end a file with. */
async function readPassword({ passwordFile }: IamTokenSettings, env: Environment): Promise<string> {
  const text =
    passwordFile === null
      ? env[PASSWORD_VARIABLE]
      : await readSmallFile('Credential file', passwordFile);
  const password = (text ?? '').replace(/\r?\n$/, '');
  if (password !== '') return password;
  const where =
    passwordFile === null ? `variable ${PASSWORD_VARIABLE}` : `credential file ${passwordFile}`;
  throw new DcsCredentialsError(`No IAM password: ${where} is empty or missing.`);
}
