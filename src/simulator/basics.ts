import { randomBytes, randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

// Checks of values that came from a file, a command line or untyped code: each names the field.

/** Reports what is wrong with a value, or `null`. */
export type SpecCheck = (value: unknown, name: string) => string | null;

/** A check that a predicate makes; `what` completes "… must be". */
export const expect =
  (what: string, accepts: (value: unknown) => boolean): SpecCheck =>
  (value, name) =>
    accepts(value) ? null : `${name} must be ${what}`;

/** Whether a value is a whole number, not less than `least`. */
export const isWhole = (value: unknown, least: number): boolean =>
  Number.isInteger(value) && Number(value) >= least;
/** Whether a value is an object with fields. */
export const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `true` or `false`. */
export const flag = expect('true or false', (value) => typeof value === 'boolean');
/** Any string. */
export const text = expect('a string', (value) => typeof value === 'string');

/** One of the given words. */
export const oneOf = (words: readonly string[]): SpecCheck =>
  expect(`one of ${words.join(', ')}`, (value) => words.includes(value as string));

/** Longest wait of a Node timer; a longer one would be over at once. */
const MAX_DURATION_MS = 2 ** 31 - 1;

/** Checks a duration in milliseconds; also used for the simulator's own timing. */
export const duration = expect(`milliseconds from 0 to ${MAX_DURATION_MS}`, (value) => {
  return typeof value === 'number' && value >= 0 && value <= MAX_DURATION_MS;
});

/** Checks an object field by field; a field without a check is unknown and refused by name. */
export function shapeOf(
  checks: Record<string, SpecCheck>,
  required: readonly string[] = [],
): SpecCheck {
  return (value, name) => {
    if (!isPlainObject(value)) return `${name} must be an object`;
    const missing = required.find((field) => value[field] === undefined);
    if (missing !== undefined) return `${name}.${missing} is required`;
    for (const [field, one] of Object.entries(value)) {
      const check = Object.hasOwn(checks, field) ? checks[field] : undefined;
      if (!check) return `${name}.${field} is unknown; known: ${Object.keys(checks).join(', ')}`;
      const problem = one === undefined ? null : check(one, `${name}.${field}`);
      if (problem !== null) return problem;
    }
    return null;
  };
}

/** Every entry of an array, named by its place. */
export function listOf(check: SpecCheck): SpecCheck {
  return (value, name) => {
    if (!Array.isArray(value)) return `${name} must be an array`;
    const problems = value.map((one, index) => check(one, `${name}[${String(index)}]`));
    return problems.find((problem) => problem !== null) ?? null;
  };
}

/** The service's clock, which may be wrong: `Date` headers, signature checks and the API's times follow it. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Sets how far it is ahead of this machine's clock, in milliseconds; negative = behind. */
  setOffset(offsetMs: number): void;
}

/** A clock that is `initialOffsetMs` ahead of this machine's. */
export function createClock(initialOffsetMs: number): Clock {
  let offsetMs = initialOffsetMs;
  return {
    now: () => Date.now() + offsetMs,
    setOffset: (next) => {
      offsetMs = next;
    },
  };
}

/** A time as IAM writes it: `2017-04-17T07:55:18.575000Z`. */
export function iamTime(atMs: number): string {
  return new Date(atMs).toISOString().replace('Z', '000Z');
}

/** 32 hex characters: the form of project, job, node and task ids. */
export function makeHexId(): string {
  return randomBytes(16).toString('hex');
}

/** An access key that says what it is, so that no one takes it for a real one. */
export function makeAccessKey(): string {
  return `SIM${randomBytes(9).toString('hex').toUpperCase()}`;
}

/** A secret key of the usual length, 40 characters. */
export function makeSecretKey(): string {
  return randomBytes(30).toString('base64url');
}

/** `count` different addresses of one invented private network. */
export function makePrivateIps(count: number): string[] {
  const network = `10.${String(randomInt(256))}.${String(randomInt(256))}`;
  return Array.from({ length: count }, (_, index) => `${network}.${String(index + 10)}`);
}

/** A token of IAM or of the metadata service: long, opaque, and recognisable as simulated. */
export function makeToken(): string {
  return `SIMTOKEN${randomBytes(48).toString('base64url')}`;
}

/** A password that passes the usual rules. */
export function makePassword(): string {
  return `Sim-1${randomBytes(12).toString('base64url')}`;
}

/** Pause between two looks at a condition. */
const POLL_INTERVAL_MS = 20;

/** Waits `ms`; rejects when the simulator closes meanwhile, which `signal.aborted` then reports. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await delay(ms, undefined, { signal });
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Looks until `probe` answers true.
 *
 * @throws Error that names `what` and carries the last failure of the probe, after `timeoutMs`
 */
export async function waitUntil(
  what: string,
  timeoutMs: number,
  probe: () => Promise<boolean>,
): Promise<void> {
  const deadlineMs = Date.now() + timeoutMs;
  let last = 'it answered, but not so';
  while (Date.now() < deadlineMs) {
    try {
      if (await probe()) return;
    } catch (error) {
      last = messageOf(error);
    }
    await delay(POLL_INTERVAL_MS);
  }
  throw new Error(`${what}: not within ${timeoutMs} ms (${last})`);
}
