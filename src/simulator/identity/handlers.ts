import { iamTime } from '../clock.js';
import { jsonAnswer } from '../http/answer.js';
import type { Answer } from '../http/answer.js';
import { refuse } from '../http/refusal.js';
import { makeHexId } from '../ids.js';
import type { Handler, ServiceCall } from '../service/handler.js';
import type { Service } from '../service/service.js';
import { at, equals } from './json-path.js';
import type { KnownKey, KnownToken } from './keyring.js';

/** Bounds of `duration_seconds`, and its default (IAM, temporary access keys). */
const DURATION = { minSeconds: 900, maxSeconds: 86_400, defaultSeconds: 900 };

/** The operations of IAM. Bodies: IAM API reference, "Obtaining a User Token" and "… a Temporary AK/SK". */
export const IAM_HANDLERS = {
  createToken: (call, service) => {
    const body = parseBody(call);
    const user = at(body, 'auth', 'identity', 'password', 'user');
    const { account } = service;
    if (!equals(at(body, 'auth', 'identity', 'methods'), ['password'])) refuse('badIamRequest');
    const isRight =
      at(user, 'name') === account.userName &&
      at(user, 'domain', 'name') === account.domainName &&
      at(user, 'password') === account.password;
    if (!isRight) refuse('wrongPassword');
    const projectId = findProject(at(body, 'auth', 'scope', 'project'), service);
    const caller = { user: account.userName, credential: 'token', projectId } as const;
    const lifetimeMs = service.settings.tokenLifetimeSeconds * 1000;
    return tokenAnswer(service.keyring.issueToken(caller, lifetimeMs), service);
  },
  createSecurityToken: (call, service) => {
    const identity = at(parseBody(call), 'auth', 'identity');
    const role = at(identity, 'assume_role');
    const { account, settings, keyring } = service;
    if (!equals(at(identity, 'methods'), ['assume_role'])) refuse('badIamRequest');
    const seconds = at(role, 'duration_seconds') ?? DURATION.defaultSeconds;
    if (!isDuration(seconds)) refuse('badDuration');
    const isOurs =
      at(role, 'agency_name') === account.agencyName &&
      at(role, 'domain_name') === account.domainName;
    if (!isOurs) refuse('noSuchAgency');
    const user = `${account.domainName}/${account.agencyName}`;
    const caller = { user, credential: 'agency', projectId: settings.projectId } as const;
    const lifetimeMs = (settings.temporaryKeyLifetimeSeconds ?? seconds) * 1000;
    return jsonAnswer(201, credentialBody(keyring.issueKey(caller, lifetimeMs)));
  },
} satisfies Record<string, Handler>;

/** A temporary key as IAM and the metadata service show it. */
export function credentialBody(key: KnownKey): unknown {
  return {
    credential: {
      access: key.accessKey,
      secret: key.secretKey,
      expires_at: iamTime(key.expiresAtMs),
      securitytoken: key.securityToken,
    },
  };
}

function parseBody({ body }: ServiceCall): unknown {
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    return refuse('badIamRequest');
  }
}

const isDuration = (seconds: unknown): seconds is number =>
  typeof seconds === 'number' && seconds >= DURATION.minSeconds && seconds <= DURATION.maxSeconds;

/** A project is named by its id or its name; the main project of a region has the region's name. */
function findProject(project: unknown, { settings }: Service): string | null {
  if (project === undefined) return null;
  const { projectId, region } = settings;
  const isOurs = at(project, 'id') === projectId || at(project, 'name') === region;
  return isOurs ? projectId : refuse('wrongScope');
}

function tokenAnswer({ token, caller, expiresAtMs }: KnownToken, service: Service): Answer {
  const { account, clock, settings } = service;
  const domain = { id: makeHexId(), name: account.domainName };
  const scope =
    caller.projectId === null
      ? { domain }
      : { project: { id: caller.projectId, name: settings.region, domain } };
  const user = { id: account.userId, name: account.userName, password_expires_at: '', domain };
  const body = {
    token: {
      methods: ['password'],
      expires_at: iamTime(expiresAtMs),
      issued_at: iamTime(clock.now()),
      ...scope,
      user,
      roles: [],
      catalog: [],
    },
  };
  return { ...jsonAnswer(201, body), headers: { 'X-Subject-Token': token } };
}
