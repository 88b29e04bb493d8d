import { DcsCredentialsError } from '../errors.js';

/** What a request is authenticated with. */
export type Credentials =
  | {
      /** Signs the request; permanent, or temporary with its security token. */
      readonly kind: 'access-key';
      readonly accessKey: string;
      readonly secretKey: string;
      /** Belongs to temporary keys. */
      readonly securityToken: string | null;
    }
  | {
      /** A project-scoped IAM token, sent as `X-Auth-Token`; the request is not signed. */
      readonly kind: 'token';
      readonly token: string;
    };

/** The kind that signs. */
export type AccessKey = Extract<Credentials, { readonly kind: 'access-key' }>;

/** Where credentials come from. */
export interface CredentialSource {
  /** The source as text, with paths and endpoints, never its content. */
  readonly description: string;
  /** @throws DcsCredentialsError */
  readonly get: () => Promise<Credentials>;
  /** Says that the service refused what `get` gave: the next `get` reads the source again. Never rejects. */
  readonly refresh: () => Promise<void>;
}

/** Where the credentials of a project are found: plain data, free of secrets. */
export type CredentialSettings = BaseCredentialSettings | AgencySettings;

/** The sources that stand on their own. */
type BaseCredentialSettings =
  | EnvironmentSettings
  | FilesSettings
  | ProfileSettings
  | IamTokenSettings
  | MetadataSettings
  | PodIdentitySettings
  | OidcSettings;

/** `HUAWEICLOUD_SDK_AK/SK/SECURITY_TOKEN`, else `CLOUD_SDK_AK/SK`. */
interface EnvironmentSettings {
  readonly source: 'environment';
}

/** One file per value, read at each use; a mounted secret may be rotated under the worker. */
export interface FilesSettings {
  readonly source: 'files';
  readonly accessKeyFile: string;
  readonly secretKeyFile: string;
  readonly securityTokenFile: string | null;
}

/** A section of an INI file with `ak`, `sk` and `security_token`, as the vendor's SDKs read it. */
export interface ProfileSettings {
  readonly source: 'profile';
  /** Such as `~/.huaweicloud/credentials`; a leading `~/` is the home directory. */
  readonly file: string;
  /** Such as `basic`. */
  readonly section: string;
}

/** A project-scoped IAM token, obtained by user and password. */
export interface IamTokenSettings {
  readonly source: 'iam-token';
  /** Origin of IAM: https, or http on loopback. */
  readonly iamEndpoint: string;
  readonly userName: string;
  readonly domainName: string;
  /** `null`: the variable `DCS_IAM_PASSWORD`. */
  readonly passwordFile: string | null;
  readonly projectId: string;
}

/** A temporary key of the agency that the server itself carries, from its metadata service. */
export interface MetadataSettings {
  readonly source: 'metadata';
  /** `http://169.254.169.254`, or http on loopback. */
  readonly endpoint: string;
}

/** A temporary key of the agency that this pod's service account is associated with, from the agent of its node. */
export interface PodIdentitySettings {
  readonly source: 'pod-identity';
  /** https, or http on a link-local address or loopback. */
  readonly credentialsUri: string;
  /** File with the token of the service account, which the cluster renews. */
  readonly tokenFile: string;
}

/** A temporary key for whom an identity provider of IAM vouches, by an ID token (OpenID Connect). */
export interface OidcSettings {
  readonly source: 'oidc';
  /** Origin of IAM: https, or http on loopback. */
  readonly iamEndpoint: string;
  /** Name of the identity provider. */
  readonly idpId: string;
  /** File with the ID token, which whoever writes it renews. */
  readonly tokenFile: string;
}

/** A temporary key for the agency of another (or the same) account, taken on with a base credential. */
export interface AgencySettings {
  readonly source: 'agency';
  readonly base: BaseCredentialSettings;
  readonly agencyName: string;
  /** Name of the account that created the agency. */
  readonly domainName: string;
  /** Origin of IAM: https, or http on loopback. */
  readonly iamEndpoint: string;
  /** Lifetime of a temporary key, 900 to 86400. */
  readonly durationSeconds: number;
}

/** What may stand in a header; keys and tokens consist of it. */
const PRINTABLE = /^[\x21-\x7e]+$/;

/**
 * A key or token without the blanks around it: pasted and mounted ones often end in a line break, which
 * would be signed. `null` when nothing is left.
 *
 * @param name what holds the value, for the error; the value itself is never reported
 * @throws DcsCredentialsError when a character is left that no key has
 */
export function toSecretValue(name: string, value: unknown): string | null {
  const trimmed = typeof value === 'string' ? value.trim() : '';
  if (trimmed === '') return null;
  if (!PRINTABLE.test(trimmed))
    throw new DcsCredentialsError(
      `${name} holds blanks, line breaks or other characters that no key or token has: it must hold the value alone.`,
    );
  return trimmed;
}

/** The same, where there has to be something. @throws DcsCredentialsError also when nothing is there */
export function requireSecretValue(name: string, value: unknown): string {
  const known = toSecretValue(name, value);
  if (known === null) throw new DcsCredentialsError(`${name} is empty or missing.`);
  return known;
}

/** How long before its end a credential is renewed, as the vendor's SDKs do; at most half of its life. */
const RENEW_AHEAD_MS = 40 * 60_000;

/** A credential this close to its end might end on the way; at most a tenth of its life. */
const RESERVE_MS = 60_000;

/** Refusals this soon after one that led to a renewal do not lead to another: its age is not the reason. */
const MIN_BETWEEN_REFUSALS_MS = 30_000;

/** Pause after a failed renewal; doubles with each further one. A refused password locks its user after a few. */
const FIRST_PAUSE_MS = 10_000;
const MAX_PAUSE_MS = 5 * 60_000;

/** A credential that ends. */
export interface Issued {
  readonly credentials: Credentials;
  /** What is left of its life, by the clock of whoever issued it. */
  readonly lifetimeMs: number;
}

/** What a cached source is made of. */
export interface CachedOptions {
  readonly description: string;
  /** Obtains a new credential; bounded in time. @throws DcsCredentialsError */
  readonly issue: () => Promise<Issued>;
  /** Epoch milliseconds. @default Date.now */
  readonly nowMs?: () => number;
}

interface Kept {
  readonly credentials: Credentials;
  readonly renewAtMs: number;
  readonly endsAtMs: number;
}

/**
 * A source that keeps a credential for most of its life. It is renewed in the background while the old
 * one still serves, by one request at a time; a renewal that fails leaves the old one in use until it
 * ends or the service refuses it. Between failed requests it waits, longer each time.
 */
export function cachedCredentials(options: CachedOptions): CredentialSource {
  const { description, issue, nowMs = Date.now } = options;
  const state: State = {
    kept: null,
    isRefused: false,
    refusedAtMs: -Infinity,
    renewal: null,
    failures: 0,
    failure: null,
  };

  const renew = (): Promise<Kept> => {
    state.renewal ??= issue()
      .then((issued) => succeed(state, issued, nowMs()))
      .catch((error: unknown) => fail(state, error, nowMs()))
      .finally(() => {
        state.renewal = null;
      });
    return state.renewal;
  };

  return {
    description,
    get: async () => {
      const now = nowMs();
      const { kept, failure } = state;
      // A clock that was set back must not prolong a pause by what it was wrong.
      const isHeld = failure !== null && now >= failure.sinceMs && now < failure.untilMs;
      if (kept !== null && !state.isRefused && now < kept.endsAtMs) {
        // No one waits for this one, and its failure is kept for the next caller after the old one has ended.
        if (now >= kept.renewAtMs && !isHeld) renew().catch(() => undefined);
        return kept.credentials;
      }
      if (isHeld && state.renewal === null) throw stillFailing(failure, now);
      return (await renew()).credentials;
    },
    refresh: () => {
      const now = nowMs();
      if (Math.abs(now - state.refusedAtMs) >= MIN_BETWEEN_REFUSALS_MS)
        Object.assign(state, { isRefused: true, refusedAtMs: now });
      return Promise.resolve();
    },
  };
}

interface State {
  kept: Kept | null;
  /** Whether the service refused what is kept. */
  isRefused: boolean;
  refusedAtMs: number;
  renewal: Promise<Kept> | null;
  failures: number;
  failure: { readonly message: string; readonly sinceMs: number; readonly untilMs: number } | null;
}

function succeed(state: State, { credentials, lifetimeMs }: Issued, now: number): Kept {
  const kept: Kept = {
    credentials,
    renewAtMs: now + lifetimeMs - Math.min(RENEW_AHEAD_MS, lifetimeMs / 2),
    endsAtMs: now + lifetimeMs - Math.min(RESERVE_MS, lifetimeMs / 10),
  };
  Object.assign(state, { kept, isRefused: false, failures: 0, failure: null });
  return kept;
}

function fail(state: State, error: unknown, now: number): never {
  const pauseMs = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** state.failures);
  const message = error instanceof DcsCredentialsError ? error.message : 'Unknown failure.';
  state.failures += 1;
  state.failure = { message, sinceMs: now, untilMs: now + pauseMs };
  throw new DcsCredentialsError(message);
}

function stillFailing(failure: { message: string; untilMs: number }, now: number) {
  const seconds = Math.ceil((failure.untilMs - now) / 1000);
  return new DcsCredentialsError(`${failure.message} Asked again in ${seconds} s at the earliest.`);
}
