/** Who a credential belongs to: asked of STS, and learnt from what the service shows of its own work. */
import { createHash } from 'node:crypto';

import { messageOf } from '../util.js';

import { createAuthority, refusal } from './credentials/issued.js';
import type { Credentials, CredentialSource } from './credentials/source.js';
import { parseEndpoint } from './endpoint.js';
import type { HttpResponse } from './http.js';
import { routeTo } from './route.js';
import { authenticate } from './signer.js';

/** A user as the cloud names one in task rows; `null` where it does not say. */
export interface CloudUser {
  readonly userId: string | null;
  readonly userName: string | null;
}

/** The user whom task rows show for what a credential does, and who says so: such a row itself, or STS. */
interface ShownUser extends CloudUser {
  readonly by: 'row' | 'sts';
}

/** What is known of the users behind the credential of a client. Never rejects. */
export interface CallerIdentity {
  /**
   * The user whom task rows show for what this credential does; `null`: not known. One that was learnt from such a
   * row counts more than what STS says. STS is asked once per credential, again soon where it did not answer, and some
   * minutes after a refusal.
   */
  readonly user: () => Promise<ShownUser | null>;
  /** Remembers that a PUT of this credential was answered with this job. */
  readonly started: (jobId: string) => Promise<void>;
  /** Learns from the task row of a job; a job that no PUT of this client was answered with teaches nothing. */
  readonly sawRow: (jobId: string, user: CloudUser) => void;
}

/** Asks STS who the caller is. @returns `null` for one that is no user, such as an agency; rejects where it fails */
type AskIdentity = (credentials: Credentials) => Promise<CloudUser | null>;

/** Credentials that are remembered: temporary keys follow one another for as long as a worker lives. */
const MAX_CREDENTIALS = 32;

/** Jobs whose rows may still be seen. */
const MAX_JOBS = 1_000;

/** Pause after STS refused: refused signatures count against an access key. */
const REFUSED_PAUSE_MS = 5 * 60_000;

/** Pause after it did not answer: a run whose PUT had no answer looks for its row for a minute, and once more later. */
const SILENT_PAUSE_MS = 10_000;

/** Thrown where STS cannot answer now: none came, its quota is spent, or something is wrong with itself. */
class StsSilentError extends Error {}

interface Known {
  learnt: CloudUser | null;
  /** The answer of STS, or the question that is under way. */
  reported: Promise<CloudUser | null> | null;
  /** By the monotonic clock, milliseconds: not asked before. */
  pausedUntilMs: number;
}

/** @param ask `null`: STS is never asked */
export function createCallerIdentity(
  credentials: CredentialSource,
  ask: AskIdentity | null,
): CallerIdentity {
  const known = new Map<string, Known>();
  const jobs = new Map<string, string>();
  const knownOf = (fingerprint: string): Known => {
    const found = known.get(fingerprint) ?? { learnt: null, reported: null, pausedUntilMs: 0 };
    remember(known, fingerprint, found, MAX_CREDENTIALS);
    return found;
  };
  return {
    user: async () => {
      const keys = await credentials.get().catch(() => null);
      if (keys === null) return null;
      const about = knownOf(fingerprintOf(keys));
      if (about.learnt !== null) return { ...about.learnt, by: 'row' };
      const reported = ask === null ? null : await tell(about, () => ask(keys));
      return reported === null ? null : { ...reported, by: 'sts' };
    },
    started: async (jobId) => {
      const keys = await credentials.get().catch(() => null);
      if (keys !== null) remember(jobs, jobId, fingerprintOf(keys), MAX_JOBS);
    },
    sawRow: (jobId, { userId, userName }) => {
      const fingerprint = jobs.get(jobId);
      if (fingerprint === undefined || (userId === null && userName === null)) return;
      knownOf(fingerprint).learnt = { userId, userName };
    },
  };
}

/** One question at a time, no matter who asks. */
function tell(about: Known, ask: () => Promise<CloudUser | null>): Promise<CloudUser | null> {
  if (about.reported === null && performance.now() < about.pausedUntilMs)
    return Promise.resolve(null);
  about.reported ??= ask().catch((error: unknown) => {
    const isSilent = error instanceof StsSilentError;
    about.reported = null;
    about.pausedUntilMs = performance.now() + (isSilent ? SILENT_PAUSE_MS : REFUSED_PAUSE_MS);
    return null;
  });
  return about.reported;
}

/** The latest used are kept. */
function remember<T>(map: Map<string, T>, key: string, value: T, limit: number): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > limit && oldest !== undefined) map.delete(oldest);
}

/** Tells credentials apart without keeping them. */
function fingerprintOf(credentials: Credentials): string {
  const text = credentials.kind === 'token' ? credentials.token : credentials.accessKey;
  return createHash('sha256').update(`${credentials.kind}\n${text}`).digest('hex');
}

// The one question that is put to STS (STS API, "Obtaining the Caller Identity"); it needs no permission.

const PATH = '/v5/caller-identity';

/** Longest question, connect to last byte, in milliseconds: nothing depends on the answer alone. */
const STS_TIMEOUT_MS = 3_000;

/** `iam::{account}:user:{name}`; whoever is no user, such as an assumed agency, has another shape. */
const USER_URN = /^iam::[^:]+:user:(.+)$/;

/**
 * A caller of STS.
 *
 * @throws DcsConfigurationError for an unusable endpoint, proxy or certificate authority
 */
export function createAskIdentity(
  stsEndpoint: string,
  edge: { readonly proxyUrl?: string | null; readonly ca?: string | null },
): AskIdentity {
  const endpoint = parseEndpoint(stsEndpoint, 'stsEndpoint');
  const way = routeTo(endpoint, edge);
  const name = `STS at ${endpoint.origin}`;
  const timeoutMs = STS_TIMEOUT_MS;
  const ask = createAuthority({ name, endpoint, timeoutMs, way: () => Promise.resolve(way) });
  return async (credentials) => {
    const request = { method: 'GET', path: PATH, query: [], body: '' } as const;
    const { headers, secrets } = authenticate(
      { ...request, headers: { Host: endpoint.host } },
      credentials,
    );
    const response = await ask({ method: 'GET', path: PATH, headers, secrets }).catch(
      (error: unknown) => {
        throw new StsSilentError(messageOf(error));
      },
    );
    if (response.status === 200) return toUser(JSON.parse(response.text) as unknown);
    const refused = refusal(name, response, {});
    throw isRefusal(response) ? refused : new StsSilentError(refused.message);
  };
}

/** An answer about who asks. Of another one the next question may be answered. */
function isRefusal({ status }: HttpResponse): boolean {
  return status < 500 && ![408, 429].includes(status);
}

function toUser(body: unknown): CloudUser | null {
  const { principal_urn: urn, principal_id: id } = Object(body) as Record<string, unknown>;
  const [, userName] = USER_URN.exec(typeof urn === 'string' ? urn : '') ?? [];
  if (userName === undefined) return null;
  return { userName, userId: typeof id === 'string' && id !== '' ? id : null };
}
