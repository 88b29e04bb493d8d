/** The Redis behind the instances of a project, by the entries of the worker's file. */
import { X509Certificate } from 'node:crypto';

import type { InstanceAddress } from '../domain/facts.js';
import { describeRule, howToShow, matchesRule } from '../domain/policy.js';
import type { PolicySubject } from '../domain/policy.js';
import { messageOf, readUntilSettled } from '../util.js';

import type {
  DataPlaneAccess,
  DataPlaneOffer,
  DataPlaneSettings,
  DataPlaneSource,
} from './access.js';
import { findAddress } from './address.js';
import type { Resolve } from './address.js';
import { createLoginLimits, MAX_REFUSALS, PAUSE_MS } from './login.js';
import type { LoginLimits } from './login.js';

/** How the files of an entry are read; errors name the file, never what is in it. */
export interface SourceFiles {
  /** A value that stands alone in its file. @throws Error */
  readonly readSecret: (file: string) => Promise<string>;
  /** @throws Error */
  readonly readText: (file: string) => Promise<string>;
  /** @default the system's resolver */
  readonly resolve?: Resolve;
}

/** The source of a project. */
export function createDataPlaneSource(
  entries: readonly DataPlaneSettings[],
  files: SourceFiles,
): DataPlaneSource {
  const limits = createLoginLimits();
  return {
    asksForTags: (instance) => {
      const entry = firstEntry(entries, { ...instance, tags: null });
      return entry !== undefined && 'tag' in entry.match;
    },
    offerFor: async (instance) => {
      const entry = firstEntry(entries, instance);
      if (entry === undefined) return null;
      const { match } = entry;
      if (matchesRule(match, instance) === null)
        return {
          why: `the API did not show what the rule ${describeRule(match)} of dataPlane asks for${howToShow(match)}`,
        };
      return makeOffer(entry, instance.address ?? NO_ADDRESS, files, limits);
    },
  };
}

/** The first that names the instance, or may: one further down must not take its place unseen. */
function firstEntry(
  entries: readonly DataPlaneSettings[],
  subject: PolicySubject,
): DataPlaneSettings | undefined {
  return entries.find(({ match }) => matchesRule(match, subject) !== false);
}

const NO_ADDRESS: InstanceAddress = {
  ...{ ip: null, port: null, domainName: null, isTls: null, needsNoPassword: null },
};

async function makeOffer(
  entry: DataPlaneSettings,
  shown: InstanceAddress,
  files: SourceFiles,
  limits: LoginLimits,
): Promise<DataPlaneOffer | { readonly why: string }> {
  if (entry.tls === null && shown.isTls === true)
    return {
      why: `the instance's page shows enable_ssl, and the entry for ${describeRule(entry.match)} has no tls`,
    };
  const found = await findAddress(entry, shown, files.resolve);
  if ('why' in found) return found;
  const { host, port, name, isOneOfSeveral } = found;
  try {
    const secrets = await readSecrets(entry, files);
    // Such an instance takes any password of a named user, or complains of one: none is sent to it.
    const login = shown.needsNoPassword === true ? NO_LOGIN : secrets;
    const tls = await readTls(entry, name, files);
    const access = { host, port, ...login, login: entry.login, tls };
    const limit = limits.of(access);
    if (limit.mayTry() === 'no') return { why: describeRefusals(entry) };
    return {
      access: { ...access, logins: limit },
      binding: access.password === null || isOneOfSeveral ? 'none' : 'password',
      measure: entry.measure,
    };
  } catch (error) {
    return { why: messageOf(error) };
  }
}

const NO_LOGIN = { username: null, password: null };

/** @throws Error naming the files */
async function readSecrets(
  { usernameFile, passwordFile }: DataPlaneSettings,
  { readSecret }: SourceFiles,
): Promise<Pick<DataPlaneAccess, 'username' | 'password'>> {
  const read = async (file: string | null) => (file === null ? null : readSecret(file));
  // A new user with an old password would count as a refused login.
  const settled = await readUntilSettled(async () => ({
    username: await read(usernameFile),
    password: await read(passwordFile),
  }));
  if (settled !== null) return settled;
  throw new Error(`${[usernameFile, passwordFile].join(', ')} keep changing while they are read.`);
}

/** @throws Error naming the file */
async function readTls(
  { tls }: DataPlaneSettings,
  name: string | null,
  { readText }: SourceFiles,
): Promise<DataPlaneAccess['tls']> {
  if (tls === null) return null;
  const ca = await readText(tls.caFile);
  const certificates = ca.match(PEM_CERTIFICATE) ?? [];
  // Without one, those of the system would count.
  if (certificates.length === 0) throw new Error(`${tls.caFile} holds no PEM certificate.`);
  if (!certificates.every(isReadable))
    throw new Error(`${tls.caFile} holds a certificate that cannot be parsed.`);
  return { ca, serverName: tls.serverName ?? name };
}

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

function isReadable(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

function describeRefusals({ usernameFile, passwordFile }: DataPlaneSettings): string {
  const files = [usernameFile, passwordFile].filter((file) => file !== null).join(' and ');
  return `Redis has refused the login of ${files}, or not answered it, ${MAX_REFUSALS} times in a row: it is not tried again for ${PAUSE_MS / 60_000} min, unless the file changes`;
}
