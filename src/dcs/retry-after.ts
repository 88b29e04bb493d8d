import { parseRetryAfterMs as parseHeader } from '../retry-after.js';

/** Waits longer than this are taken for mistakes, in milliseconds. */
const MAX_RETRY_AFTER_MS = 600_000;

const UNIT_MS: Readonly<Record<string, number>> = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
};

/**
 * How long the service asks to wait, in milliseconds: the `Retry-After` header (seconds or a date),
 * else the window in the gateway's throttling message (`…limit:100,time:1 minute`). `null` when it
 * says nothing, or something absurd.
 */
export function parseRetryAfterMs(
  header: string | undefined,
  message: string,
  nowMs: number,
): number | null {
  const waits = [fromHeader(header, nowMs), fromMessage(message)];
  return waits.find((ms) => ms !== null && ms >= 0 && ms <= MAX_RETRY_AFTER_MS) ?? null;
}

function fromHeader(header: string | undefined, nowMs: number): number | null {
  return header === undefined ? null : parseHeader(header, nowMs);
}

function fromMessage(message: string): number | null {
  const [, amount, unit] = /time:\s*(\d+)\s*(second|minute|hour)/i.exec(message) ?? [];
  const unitMs = UNIT_MS[unit?.toLowerCase() ?? ''];
  return amount === undefined || unitMs === undefined ? null : Number(amount) * unitMs;
}
