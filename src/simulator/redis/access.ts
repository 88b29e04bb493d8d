/** How the Redis of an instance lets callers in: passwords, ACL users, TLS. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, flag, isPlainObject, listOf, makeToken, oneOf, shapeOf, text } from '../basics.js';
import type { SpecCheck } from '../basics.js';

/** A key and its certificate, PEM. */
export interface TlsIdentity {
  readonly key: string | Buffer;
  readonly cert: string | Buffer;
}

/** A user of an instance's Redis beside the default one. */
export interface RedisUserSpec {
  readonly name: string;
  readonly password: string;
  /** What the user may, as Redis writes it. @default "~* &* +@all" */
  readonly rules?: string;
}

/** How the Redis of an instance lets callers in. */
export interface RedisSpec {
  /** Of the default user; null: none is needed. @default null */
  readonly password?: string | null;
  /** @default none */
  readonly users?: readonly RedisUserSpec[];
  /**
   * How such a user logs in: `AUTH user password` (`acl`), or `AUTH user:password`, which no Redis knows by itself.
   *
   * @default `password-argument` for the versions 4 and 5, otherwise `acl`
   */
  readonly login?: 'acl' | 'password-argument';
  /** The address speaks TLS: with this certificate, or, where it is `true`, with one made for it. @default false */
  readonly tls?: boolean | TlsIdentity;
}

/** The same with every default filled in; passwords may change. */
export interface RedisAccess {
  /** Passwords by user name; `default` has none where none is needed. */
  readonly passwords: Map<string, string>;
  readonly users: readonly Required<RedisUserSpec>[];
  readonly login: 'acl' | 'password-argument';
  readonly tls: TlsIdentity | null;
  /** Certificate (PEM) that callers have to trust; `null` where there is no TLS, or it was given. */
  readonly ca: string | null;
  /** The simulator's own login; `null` where everybody is let in. */
  readonly own: { readonly name: string; readonly password: string } | null;
}

/** Name of Redis's user without a name. */
export const DEFAULT_USER = 'default';
const OWN_USER = 'simulator';
const ALL_RIGHTS = '~* &* +@all';

const word = expect('a word', (value) => typeof value === 'string' && /^\S+$/.test(value));
const pem = expect('PEM', (value) => typeof value === 'string' || Buffer.isBuffer(value));
const identity = shapeOf({ key: pem, cert: pem }, ['key', 'cert']);

const USER: Record<keyof RedisUserSpec, SpecCheck> = {
  name: expect('a word without a colon, and none of default, simulator', (value) => {
    const isName = typeof value === 'string' && /^[^\s:]+$/.test(value);
    return isName && value !== DEFAULT_USER && value !== OWN_USER;
  }),
  password: word,
  rules: text,
};

const REDIS: Record<keyof RedisSpec, SpecCheck> = {
  password: (value, name) => (value === null ? null : word(value, name)),
  users: listOf(shapeOf(USER, ['name', 'password'])),
  login: oneOf(['acl', 'password-argument']),
  tls: (value, name) => (isPlainObject(value) ? identity : flag)(value, name),
};

/** Checks how an instance's Redis lets callers in. */
export const redisSpec: SpecCheck = shapeOf(REDIS);

/** @throws Error when a certificate is to be made and cannot be */
export function resolveAccess(spec: RedisSpec, engineVersion: string): RedisAccess {
  const { password = null, tls = false } = spec;
  const users = (spec.users ?? []).map((user) => ({ rules: ALL_RIGHTS, ...user }));
  const all = [...(password === null ? [] : [{ name: DEFAULT_USER, password }]), ...users];
  const made = tls === true ? makeIdentity() : null;
  return {
    passwords: new Map(all.map((user) => [user.name, user.password])),
    users,
    login: spec.login ?? (/^[45]\./.test(engineVersion) ? 'password-argument' : 'acl'),
    tls: typeof tls === 'object' ? tls : made,
    ca: made?.cert ?? null,
    own: all.length === 0 ? null : { name: OWN_USER, password: makeToken() },
  };
}

/** Lines of a configuration file that make a server let in whom it should; passwords only as hashes. */
export function configLines({ passwords, users, own }: RedisAccess): readonly string[] {
  if (own === null) return [];
  const rulesOf = new Map([[DEFAULT_USER, ALL_RIGHTS], ...users.map(rulesByName)]);
  return [
    `masteruser ${own.name}`,
    `masterauth ${own.password}`,
    `user ${own.name} on ${secretRule(own.password)} ${ALL_RIGHTS}`,
    ...[...rulesOf].map(
      ([name, rules]) => `user ${name} on ${secretRule(passwords.get(name))} ${rules}`,
    ),
  ];
}

const rulesByName = ({ name, rules }: Required<RedisUserSpec>) => [name, rules] as const;

/** The rule of Redis that asks for a password, or for none. */
export function secretRule(password: string | undefined): string {
  if (password === undefined) return 'nopass';
  return `#${createHash('sha256').update(password).digest('hex')}`;
}

const OPENSSL =
  'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 -subj /CN=simulator -addext subjectAltName=IP:127.0.0.1,DNS:localhost -keyout';

/** A key and a certificate for loopback that is its own authority. Node makes keys, but no certificates. */
function makeIdentity(): { readonly key: string; readonly cert: string } {
  const directory = mkdtempSync(join(tmpdir(), 'dcs-simulator-tls-'));
  try {
    const keyFile = join(directory, 'key.pem');
    const cert = execFileSync('openssl', [...OPENSSL.split(' '), keyFile], { stdio: 'pipe' });
    return { key: readFileSync(keyFile, 'utf8'), cert: cert.toString() };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
