/** How many calls the gateway passes on per window (API gateway, request throttling; APIGW.0308). */
import type { Clock } from '../basics.js';
import type { ApiError } from '../http/answer.js';

/** Calls per second of other clients that count against the same quota. */
export interface ForeignUse {
  /** @default 0 */
  readonly reads?: number;
  /** @default 0 */
  readonly writes?: number;
}

/** Quotas as they are asked for. */
export interface QuotaSpec {
  /** Readings (GET) per window, such as `100/60s`. @default unlimited */
  readonly reads?: string | null;
  /** Changes (anything else) per window, such as `10/60s`. @default unlimited */
  readonly writes?: string | null;
  /** Whose calls are counted together: all of a user, or all to one API. @default "user" */
  readonly per?: 'user' | 'api';
  /** @default no one */
  readonly others?: ForeignUse;
}

/** The quotas of a running simulator. */
export interface Quotas {
  /** Replaces all quotas; the windows go on. @throws Error that names what is wrong */
  set(spec: QuotaSpec): void;
  /** Others use so many calls per second from now on; Infinity = everything there is. */
  others(use: ForeignUse): void;
  /** Others use so many calls of the window of now. */
  spend(calls: ForeignUse): void;
}

/** The same as the gateway uses it. */
export interface QuotaBook extends Quotas {
  /** Counts a call; `null` when it may pass. */
  take(call: CountedCall): ApiError | null;
}

/** A call that is counted. */
interface CountedCall {
  readonly method: string;
  /** The operation. */
  readonly route: string;
  readonly user: string;
}

type Kind = keyof ForeignUse;

interface Quota {
  readonly limit: number;
  readonly windowMs: number;
}

interface Settings {
  readonly quotas: Readonly<Record<Kind, Quota | null>>;
  readonly per: 'user' | 'api';
}

/** Fixed windows that begin at multiples of their length, by the service's clock. */
export function createQuotas(initial: QuotaSpec, clock: Clock): QuotaBook {
  let settings = toSettings(initial);
  let use = toUse(initial.others ?? {});
  const used = new Map<string, number>();
  const windowOf = ({ windowMs }: Quota): number => Math.floor(clock.now() / windowMs);
  const add = (key: string, calls: number): void => {
    used.set(key, (used.get(key) ?? 0) + calls);
  };
  const spentKey = (kind: Kind, quota: Quota): string => `others:${kind}:${windowOf(quota)}`;
  return {
    set: (spec) => {
      settings = toSettings(spec);
      use = toUse(spec.others ?? {});
    },
    others: (next) => {
      use = toUse(next);
    },
    spend: (calls) => {
      for (const [kind, count] of Object.entries(toUse(calls)) as [Kind, number][]) {
        const quota = settings.quotas[kind];
        if (quota !== null) add(spentKey(kind, quota), count);
      }
    },
    take: ({ method, route, user }) => {
      const kind = method === 'GET' ? 'reads' : 'writes';
      const quota = settings.quotas[kind];
      if (quota === null) return null;
      const key = [kind, settings.per === 'user' ? user : route, windowOf(quota)].join(':');
      const elapsedMs = clock.now() % quota.windowMs;
      const foreign = use[kind] === 0 ? 0 : (use[kind] * elapsedMs) / 1000;
      const spent = foreign + (used.get(key) ?? 0) + (used.get(spentKey(kind, quota)) ?? 0);
      if (use[kind] === Infinity || Math.floor(spent) >= quota.limit)
        return throttled(settings.per, quota);
      add(key, 1);
      return null;
    },
  };
}

/** Body and code as the gateway has them; it sends no `Retry-After`. */
function throttled(per: Settings['per'], { limit, windowMs }: Quota): ApiError {
  const seconds = windowMs / 1000;
  const time = seconds % 60 === 0 ? `${seconds / 60} minute` : `${seconds} second`;
  return {
    status: 429,
    shape: 'gateway',
    code: 'APIGW.0308',
    message: `The throttling threshold has been reached: policy ${per} over ratelimit,limit:${limit},time:${time}`,
  };
}

function toSettings({ reads = null, writes = null, per = 'user' }: QuotaSpec): Settings {
  if (!['user', 'api'].includes(per)) throw new Error('quota.per must be "user" or "api".');
  return { quotas: { reads: toQuota('reads', reads), writes: toQuota('writes', writes) }, per };
}

function toQuota(name: Kind, text: string | null): Quota | null {
  if (text === null) return null;
  const [, limit = '', seconds = ''] = /^(\d{1,6})\/(\d{1,5})s$/.exec(text) ?? [];
  if (Number(seconds) < 1)
    throw new Error(`quota.${name} must be calls per seconds, such as "100/60s".`);
  return { limit: Number(limit), windowMs: Number(seconds) * 1000 };
}

function toUse(use: ForeignUse): Readonly<Record<Kind, number>> {
  const { reads = 0, writes = 0 } = use;
  const isUse = (value: unknown): boolean => typeof value === 'number' && value >= 0;
  if (!isUse(reads) || !isUse(writes))
    throw new Error('quota.others needs numbers of calls, 0 or more.');
  return { reads, writes };
}

/** @throws Error that names the field that is wrong */
export function parseQuota(value: unknown): QuotaSpec {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('quota must be an object.');
  const known = ['reads', 'writes', 'per', 'others'];
  const wrong = Object.keys(value).find((name) => !known.includes(name));
  if (wrong !== undefined) throw new Error(`quota has no field ${wrong}.`);
  const spec = value as QuotaSpec;
  toSettings(spec);
  toUse(spec.others ?? {});
  return spec;
}
