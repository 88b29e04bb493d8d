import { makeAccessKey, makeHexId, makeSecretKey, makeToken } from '../basics.js';
import type { Clock } from '../basics.js';

/** The IAM side of the simulated account. */
export interface Account {
  /** The IAM user whom the own key and all tokens belong to. */
  readonly userName: string;
  /** Id of that user: `user_id` of task rows, `principal_id` of STS. */
  readonly userId: string;
  /** Id of the account: `account_id` of STS. */
  readonly accountId: string;
  readonly domainName: string;
  /** Password of the user. */
  readonly password: string;
  /** The one agency that may be assumed. */
  readonly agencyName: string;
  /** Name of the one identity provider. */
  readonly idpId: string;
  /** Token of the one service account: good for the pod identity agent, and as ID token. */
  readonly serviceAccountToken: string;
  /** From now on only this password is right; tokens stay good. */
  setPassword(password: string): void;
  /** From now on only this token of the service account is right; keys stay good. */
  setServiceAccountToken(token: string): void;
  /** The id of a user by name: always the same one for a name, also for users that only swap. */
  userIdOf(userName: string): string;
}

/** How the simulated virtual machine answers for its own credentials. */
export interface MetadataSettings {
  /**
   * Tokens of the metadata service, version 2: `optional` = without one works as well, `required` =
   * without one is 401, `unavailable` = this version is not offered (404). @default "optional"
   */
  readonly tokens: 'optional' | 'required' | 'unavailable';
  /** The agency of the virtual machine; `null` = none is configured, which is 401. */
  readonly agencyName: string | null;
}

/** An account whose password can be changed. */
export function createAccount(
  initial: Omit<
    Account,
    'setPassword' | 'setServiceAccountToken' | 'userIdOf' | 'userId' | 'accountId'
  >,
): Account {
  let { password, serviceAccountToken } = initial;
  const userId = makeHexId();
  const ids = new Map([[initial.userName, userId]]);
  return {
    ...initial,
    userId,
    accountId: makeHexId(),
    userIdOf: (userName) => {
      const id = ids.get(userName) ?? makeHexId();
      ids.set(userName, id);
      return id;
    },
    get password() {
      return password;
    },
    get serviceAccountToken() {
      return serviceAccountToken;
    },
    setPassword: (next) => {
      password = next;
    },
    setServiceAccountToken: (next) => {
      serviceAccountToken = next;
    },
  };
}

/** An access key. */
export interface IssuedKeys {
  readonly accessKey: string;
  readonly secretKey: string;
  /** Set for temporary keys; every request must then carry it. @default null */
  readonly securityToken?: string | null;
}

/**
 * How a caller has proved who it is. `access-key`: the simulator's own key; `token`: an IAM token; `agency`: a
 * temporary key of assume_role; `metadata`: a temporary key from the instance metadata; `pod-identity`: one from the
 * agent of the pods; `oidc`: one for an ID token.
 */
export type CredentialKind =
  'access-key' | 'token' | 'agency' | 'metadata' | 'pod-identity' | 'oidc';

/** Who calls. */
export interface Caller {
  readonly user: string;
  readonly credential: CredentialKind;
  /** The only project the credential is good for; `null` for a token of the whole domain. */
  readonly projectId: string | null;
}

/** An access key that the gateway knows. */
export interface KnownKey extends IssuedKeys {
  readonly caller: Caller;
  /** Epoch milliseconds by the service's clock; `Infinity` for a permanent key. */
  expiresAtMs: number;
}

/** A token that IAM has issued. */
export interface KnownToken {
  readonly token: string;
  readonly caller: Caller;
  /** Epoch milliseconds by the service's clock. */
  expiresAtMs: number;
}

/** Every credential that the simulator has issued. */
export interface Keyring {
  /** The key it was started with, or the one that replaced it. */
  readonly own: IssuedKeys;
  /** Replaces the own key; the old one is unknown from now on. */
  rotate(next: IssuedKeys): void;
  findKey(accessKey: string): KnownKey | null;
  findToken(token: string): KnownToken | null;
  issueKey(caller: Caller, lifetimeMs: number): KnownKey & { readonly securityToken: string };
  issueToken(caller: Caller, lifetimeMs: number): KnownToken;
  /** Tokens and temporary keys issued so far expire at once; the own key does not. */
  expireIssued(): void;
}

/** A keyring with one key, of `owner`. */
export function createKeyring(initial: IssuedKeys, owner: Caller, clock: Clock): Keyring {
  const keys = new Map<string, KnownKey>();
  const tokens = new Map<string, KnownToken>();
  let own = initial;
  return {
    get own() {
      return own;
    },
    rotate: (next) => {
      own = next;
    },
    findKey: (accessKey) =>
      accessKey === own.accessKey
        ? { ...own, caller: owner, expiresAtMs: Infinity }
        : (keys.get(accessKey) ?? null),
    findToken: (token) => tokens.get(token) ?? null,
    issueKey: (caller, lifetimeMs) => {
      const pair = { accessKey: makeAccessKey(), secretKey: makeSecretKey() };
      const expiresAtMs = clock.now() + lifetimeMs;
      const key = { ...pair, securityToken: makeToken(), caller, expiresAtMs };
      keys.set(key.accessKey, key);
      return key;
    },
    issueToken: (caller, lifetimeMs) => {
      const issued = { token: makeToken(), caller, expiresAtMs: clock.now() + lifetimeMs };
      tokens.set(issued.token, issued);
      return issued;
    },
    expireIssued: () => {
      for (const issued of [...keys.values(), ...tokens.values()]) issued.expiresAtMs = -Infinity;
    },
  };
}
