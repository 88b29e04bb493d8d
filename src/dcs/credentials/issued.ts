/** Reading what authorities issue. */
import { parseErrorBody, serverTimeOf, withoutSecrets } from '../answer.js';
import { DcsConfigurationError, DcsCredentialsError, explainReason } from '../errors.js';
import { createHttp, createPool, HttpFailure } from '../http.js';
import type { HttpResponse } from '../http.js';
import type { Route } from '../route.js';
import { timeoutSignal } from '../../util.js';

import { cachedCredentials, requireSecretValue } from './source.js';
import type { CredentialSource, Issued, MetadataSettings } from './source.js';

type Row = Readonly<Record<string, unknown>>;

/** Where the parts of a temporary key stand in an answer. */
interface KeyShape {
  /** The object that holds them. */
  readonly part: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly securityToken: string;
  readonly expiresAt: string;
}

/** As IAM and the metadata service write it. */
const IAM_KEY: KeyShape = {
  part: 'credential',
  accessKey: 'access',
  secretKey: 'secret',
  securityToken: 'securitytoken',
  expiresAt: 'expires_at',
};

/**
 * A temporary key from an answer.
 *
 * @throws DcsCredentialsError
 */
export function toTemporaryKey(name: string, response: HttpResponse, shape = IAM_KEY): Issued {
  const row = partOf(name, response, shape.part);
  const valueOf = (field: string): string =>
    requireSecretValue(`${field} in the answer of ${name}`, row[field]);
  return {
    credentials: {
      kind: 'access-key',
      accessKey: valueOf(shape.accessKey),
      secretKey: valueOf(shape.secretKey),
      securityToken: valueOf(shape.securityToken),
    },
    lifetimeMs: lifetimeOf(name, response, row, shape.expiresAt),
  };
}

/** The named object of an answer's body. @throws DcsCredentialsError */
export function partOf(name: string, { text }: HttpResponse, field: string): Row {
  try {
    const part = (JSON.parse(text) as Readonly<Record<string, unknown>>)[field];
    if (typeof part === 'object' && part !== null) return part as Row;
  } catch {
    // Reported below, without the parser's words: they quote the text.
  }
  throw new DcsCredentialsError(`${name} answered without a usable ${field}.`);
}

/**
 * What is left until the instant in a field, by the issuer's own clock where it shows it: ours may be off.
 *
 * @throws DcsCredentialsError when nothing is left
 */
export function lifetimeOf(name: string, response: HttpResponse, row: Row, field: string): number {
  const expiresAt = row[field];
  const endsAtMs = typeof expiresAt === 'string' ? Date.parse(expiresAt) : Number.NaN;
  const lifetimeMs = endsAtMs - (serverTimeOf(response) ?? Date.now());
  if (lifetimeMs > 0) return lifetimeMs;
  throw new DcsCredentialsError(
    Number.isNaN(lifetimeMs)
      ? `${name} answered without a usable ${field}.`
      : `${name} answered with a credential that has expired.`,
  );
}

// Calls to whoever issues credentials: IAM, or the server's metadata service.

const MAX_RESPONSE_BYTES = 1_048_576;

/** A request to an authority. */
interface AuthorityRequest {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** @default none */
  readonly body?: string;
  /** Values of the request that must not come back in an error's words. */
  readonly secrets: readonly string[];
}

/** Sends a request once. @throws DcsCredentialsError when no complete response comes in time */
export type AskAuthority = (request: AuthorityRequest) => Promise<HttpResponse>;

/** Where an authority is and how it is reached. */
export interface AuthorityOptions {
  /** For errors: `IAM at https://…`. */
  readonly name: string;
  readonly endpoint: URL;
  /** Asked at each call, so that a CA file may be exchanged. @throws DcsCredentialsError */
  readonly way: () => Promise<Route>;
  readonly timeoutMs: number;
}

/** A caller of one authority. */
export function createAuthority(options: AuthorityOptions): AskAuthority {
  const send = createHttp();
  const { name, endpoint, timeoutMs } = options;
  return async ({ method, path, headers, body, secrets }) => {
    const way = await routeOf(options);
    // Asked every few hours: a connection is not worth keeping.
    const agent = createPool(way, timeoutMs);
    try {
      const request = { method, path, headers, ...(body === undefined ? {} : { body }) };
      const response = await send({
        ...request,
        origin: endpoint.origin,
        agent,
        signal: timeoutSignal(timeoutMs),
        maxResponseBytes: MAX_RESPONSE_BYTES,
      });
      // Only refusals are shown to anyone. In what was issued a short password may stand by chance.
      return isGranted(response) ? response : withoutSecrets(response, secrets);
    } catch (error) {
      throw new DcsCredentialsError(`${name} did not answer (${reasonOf(error, timeoutMs)}).`);
    } finally {
      agent.destroy();
    }
  };
}

/** Whether an authority has issued what it was asked for. Any other status is a refusal. */
export function isGranted({ status }: HttpResponse): boolean {
  return status === 200 || status === 201;
}

async function routeOf({ name, way }: AuthorityOptions): Promise<Route> {
  try {
    return await way();
  } catch (error) {
    if (!(error instanceof DcsConfigurationError)) throw error;
    throw new DcsCredentialsError(`${name} was not asked: ${error.message}.`);
  }
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof HttpFailure)) return 'unknown reason';
  if (error.isTooLarge) return 'larger than accepted';
  if (error.reason === 'ERR_CANCELED') return `nothing within ${timeoutMs} ms`;
  return explainReason(error.reason);
}

/** What an authority refused, as text: status, code, its own message, and what to do about it. */
export function refusal(
  name: string,
  { status, text }: HttpResponse,
  remedies: Readonly<Record<number, string>>,
): DcsCredentialsError {
  const error = parseErrorBody(text);
  // IAM's own code is the status once more.
  const code = error?.code === String(status) ? null : error?.code;
  const words = [status, code, error?.message].filter(Boolean).join(' ');
  const remedy = remedies[status];
  return new DcsCredentialsError(
    `${name} refused (${words})${remedy === undefined ? '.' : `: ${remedy}.`}`,
  );
}

/** Answers that say "no session tokens here" (vendor's SDKs). */
const WITHOUT_SESSIONS = [404, 405, 503];

/** One session serves for one key. */
const SESSION_SECONDS = '60';

const REMEDIES: Readonly<Record<number, string>> = {
  401: 'assign an agency to this server in the ECS console',
  403: 'assign an agency to this server in the ECS console',
  404: 'assign an agency to this server in the ECS console, or run on a cloud server',
};

/** The temporary key of the agency that this cloud server carries. */
export function metadataCredentials(
  { endpoint }: MetadataSettings,
  ask: AskAuthority,
): CredentialSource {
  return cachedCredentials({
    description: `agency of this server, from its metadata service ${endpoint}`,
    issue: () => issueKey(`The metadata service ${endpoint}`, ask),
  });
}

async function issueKey(name: string, ask: AskAuthority): Promise<Issued> {
  const session = await openSession(name, ask);
  const response = await ask({
    method: 'GET',
    path: '/openstack/latest/securitykey',
    headers: session === null ? {} : { 'X-Metadata-Token': session },
    secrets: session === null ? [] : [session],
  });
  if (!isGranted(response)) throw refusal(name, response, REMEDIES);
  return toTemporaryKey(name, response);
}

/** A session token where the service offers them (the second version), else `null`. */
async function openSession(name: string, ask: AskAuthority): Promise<string | null> {
  const response = await ask({
    method: 'PUT',
    path: '/meta-data/latest/api/token',
    headers: { 'X-Metadata-Token-Ttl-Seconds': SESSION_SECONDS },
    secrets: [],
  });
  if (WITHOUT_SESSIONS.includes(response.status)) return null;
  if (!isGranted(response)) throw refusal(name, response, REMEDIES);
  if (response.text.length > 4_096)
    throw new DcsCredentialsError(`${name} answered with a session token that is none.`);
  return requireSecretValue(`The session token of ${name}`, response.text);
}
