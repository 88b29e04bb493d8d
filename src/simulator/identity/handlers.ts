import { isDeepStrictEqual } from 'node:util';

import { iamTime, makeHexId, makeToken } from '../basics.js';
import { jsonAnswer, refuse } from '../http/answer.js';
import type { SimulatedAnswer } from '../http/answer.js';
import type { Handler, Service, ServiceCall } from '../service/service.js';

import type { KnownKey, KnownToken } from './account.js';

/** The value at a path of field names; `undefined` when there is none. */
function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, name)
        ? (inner as Record<string, unknown>)[name]
        : undefined,
    value,
  );
}

/** Whether two JSON values are the same. */
function equals(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(a, b);
}

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
    if (bringsToken(call.body)) return keyForToken(at(identity, 'token'), service);
    if (!equals(at(identity, 'methods'), ['assume_role'])) refuse('badIamRequest');
    const seconds = durationOf(role);
    const isOurs =
      at(role, 'agency_name') === account.agencyName &&
      at(role, 'domain_name') === account.domainName;
    if (!isOurs) refuse('noSuchAgency');
    const user = `${account.domainName}/${account.agencyName}`;
    const caller = { user, credential: 'agency', projectId: settings.projectId } as const;
    const lifetimeMs = (settings.temporaryKeyLifetimeSeconds ?? seconds) * 1000;
    return jsonAnswer(201, credentialBody(keyring.issueKey(caller, lifetimeMs)));
  },
  createTokenForIdToken: (call, service) => {
    const { account, keyring, settings } = service;
    if (call.headers['x-idp-id'] !== account.idpId) refuse('noSuchProvider');
    const idToken = at(parseBody(call), 'auth', 'id_token', 'id');
    if (idToken !== account.serviceAccountToken) refuse('wrongIdToken');
    const user = `${account.domainName}/${account.idpId}`;
    const caller = { user, credential: 'oidc', projectId: null } as const;
    return tokenAnswer(keyring.issueToken(caller, settings.tokenLifetimeSeconds * 1000), service);
  },
} satisfies Record<string, Handler>;

/** Whether a wish for a temporary key brings a token with it: then the request needs no signature. */
export function bringsToken(body: Buffer): boolean {
  try {
    const wish = JSON.parse(body.toString()) as unknown;
    return equals(at(wish, 'auth', 'identity', 'methods'), ['token']);
  } catch {
    return false;
  }
}

function keyForToken(token: unknown, service: Service): SimulatedAnswer {
  const { keyring, clock, settings } = service;
  const known = keyring.findToken(String(at(token, 'id')));
  if (known === null || known.expiresAtMs <= clock.now()) return refuse('badToken');
  const seconds = settings.temporaryKeyLifetimeSeconds ?? durationOf(token);
  const caller = { ...known.caller, projectId: settings.projectId };
  return jsonAnswer(201, credentialBody(keyring.issueKey(caller, seconds * 1000)));
}

/** A temporary key as IAM and the metadata service show it. */
function credentialBody(key: KnownKey): unknown {
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

function durationOf(wish: unknown): number {
  const seconds = at(wish, 'duration_seconds') ?? DURATION.defaultSeconds;
  return isDuration(seconds) ? seconds : refuse('badDuration');
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

function tokenAnswer(
  { token, caller, expiresAtMs }: KnownToken,
  service: Service,
): SimulatedAnswer {
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

/** Lifetime of a key of the metadata service, unless the options say otherwise. */
const KEY_LIFETIME_SECONDS = 86_400;
/** Longest lifetime of a metadata token: 6 hours, which the vendor's SDKs ask for. */
const MAX_TOKEN_SECONDS = 21_600;

/** Lifetime of a key of the pod identity agent, unless the options say otherwise. */
const POD_KEY_LIFETIME_SECONDS = 21_600;

/** The operations of what a node serves to itself, at link-local addresses in real life: metadata and pod identities. */
export const METADATA_HANDLERS = {
  createMetadataToken: ({ headers }, { settings, metadataTokens, clock }) => {
    if (settings.metadata.tokens === 'unavailable') refuse('noMetadataTokens');
    const seconds = Number(headers['x-metadata-token-ttl-seconds'] ?? NaN);
    const isLifetime = Number.isInteger(seconds) && seconds > 0 && seconds <= MAX_TOKEN_SECONDS;
    if (!isLifetime) refuse('badMetadataToken');
    const token = makeToken();
    metadataTokens.set(token, clock.now() + seconds * 1000);
    return { status: 200, text: token, contentType: 'text/plain' };
  },
  showSecurityKey: ({ headers }, service) => {
    const { settings, account, metadataTokens, clock, keyring } = service;
    const { tokens, agencyName } = settings.metadata;
    const token = headers['x-metadata-token'];
    const isGood = (metadataTokens.get(String(token)) ?? 0) > clock.now();
    // Where tokens are not offered, the header means nothing.
    const isExpected = tokens !== 'unavailable' && (token !== undefined || tokens === 'required');
    if (isExpected && !isGood) refuse('staleMetadataToken');
    if (agencyName === null) refuse('noAgency');
    const user = `${account.domainName}/${agencyName}`;
    const caller = { user, credential: 'metadata', projectId: settings.projectId } as const;
    const lifetimeSeconds = settings.temporaryKeyLifetimeSeconds ?? KEY_LIFETIME_SECONDS;
    return jsonAnswer(200, credentialBody(keyring.issueKey(caller, lifetimeSeconds * 1000)));
  },
  assumePodIdentity: ({ headers, body }, { settings, account, keyring }) => {
    if (body.toString() !== '{}') refuse('badPodIdentityRequest');
    if (headers.authorization !== account.serviceAccountToken) refuse('wrongServiceAccountToken');
    const user = `${account.domainName}/${account.agencyName}`;
    const caller = { user, credential: 'pod-identity', projectId: settings.projectId } as const;
    const lifetimeSeconds = settings.temporaryKeyLifetimeSeconds ?? POD_KEY_LIFETIME_SECONDS;
    const key = keyring.issueKey(caller, lifetimeSeconds * 1000);
    return jsonAnswer(200, {
      assumedAgency: { urn: `iam::${account.accountId}:agency:${account.agencyName}`, id: '' },
      credentials: {
        accessKeyId: key.accessKey,
        secretAccessKey: key.secretKey,
        securityToken: key.securityToken,
        expiration: iamTime(key.expiresAtMs),
      },
      subject: { namespace: 'default', serviceAccount: 'dcs-switchover' },
    });
  },
} satisfies Record<string, Handler>;

/** The operation of STS (STS API reference, "Obtaining the Caller Identity"): needs no permission. */
export const STS_HANDLERS = {
  showCallerIdentity: ({ user }, { account }) => {
    const { accountId, userName, userId } = account;
    const name = user ?? '';
    // Agencies call themselves by account and agency, as `domain/agency`.
    const isUser = name === userName;
    const agency = name.split('/').at(-1) ?? '';
    return jsonAnswer(200, {
      account_id: accountId,
      principal_urn: isUser
        ? `iam::${accountId}:user:${userName}`
        : `sts::${accountId}:assumed-agency:${agency}/session`,
      principal_id: isUser ? userId : `${account.userIdOf(name)}:session`,
    });
  },
} satisfies Record<string, Handler>;
