/** Fields of a body, as text, number or instant, in whatever shape the vendor's samples show them. */
import { isRecord } from '../util.js';

import { sanitisedLine, sanitise } from './endpoint.js';
import { UnusableBody } from './lists.js';

/** Fields in the API's spelling. */
export type Row = Readonly<Record<string, unknown>>;

/** The fields of a body. @throws UnusableBody where it is none that has fields */
export function toRow(body: unknown): Row {
  if (isRecord(body)) return body;
  throw new UnusableBody('with a body that is not an object');
}

/**
 * The fields of what has been asked for, by its id or its status at least. Without both it is something else: an error
 * that came with 200, or a body of another shape.
 *
 * @throws UnusableBody where it is not shown
 */
export function toShown(body: unknown, what: string, id: string): Row {
  const row = toRow(body);
  if (text(row[id]) !== null || text(row['status']) !== null) return row;
  throw new UnusableBody(`that shows no ${what}`);
}

/** The rows of a list. @throws UnusableBody where it is no list of them */
export function rows(value: unknown, field: string): Row[] {
  if (!Array.isArray(value)) throw new UnusableBody(`without the list ${field}`);
  return value.map(toRow);
}

/**
 * A text or number as text; empty texts and `{}`, which samples show for "nothing", are absent. So is a whole
 * number beyond 2^53: JSON has rounded it, and as an id it would name what no one has issued.
 */
export function text(value: unknown): string | null {
  if (typeof value === 'number')
    return Number.isInteger(value) && !Number.isSafeInteger(value) ? null : String(value);
  return sanitise(value) || null;
}

/** Rules and owners are judged by it: a deny rule for `authorization-cache` has to find that very name. */
export function givenName(value: unknown): string | null {
  return typeof value === 'string' ? sanitisedLine(value) || null : text(value);
}

/** The page types `task` as "any": whatever is there and not empty means busy. */
export function busyStatus(value: unknown): string | null {
  const isEmpty =
    value === undefined ||
    value === null ||
    value === false ||
    value === '' ||
    (typeof value === 'object' && Object.keys(value).length === 0);
  return isEmpty ? null : (text(value) ?? 'of an unknown kind');
}

/** Upper case, as the API documents its words. */
export function word(value: unknown): string | null {
  return text(value)?.toUpperCase() ?? null;
}

/** Captured answers show some flags as texts. */
export function flag(value: unknown): boolean | null {
  const known = String(value).trim().toLowerCase();
  return known === 'true' || known === 'false' ? known === 'true' : null;
}

/** A whole number, also one in a text. */
export function integer(value: unknown): number | null {
  const known = text(value);
  const number = Number(known);
  return known === null || !Number.isSafeInteger(number) ? null : number;
}

/** An instant in epoch milliseconds, which have 13 digits, or in seconds, which have 10; 0 stands for "not yet". */
export function epochMs(value: unknown): number | null {
  const known = text(value) ?? '';
  if (/^\d{10}$/.test(known)) return Number(known) * 1000;
  return /^\d{13}$/.test(known) ? Number(known) : null;
}

/** An instant in epoch milliseconds, or as a date. */
export function instant(value: unknown): number | null {
  const known = text(value) ?? '';
  // A bare number is no date, whatever the platform makes of it.
  if (/^\d+$/.test(known)) return epochMs(known);
  // The samples are UTC; without a zone the platform would read local time.
  const hasZone = /(?:Z|[+-]\d{2}:?\d{2})$/i.test(known);
  const atMs = Date.parse(hasZone ? known : `${known}Z`);
  return Number.isNaN(atMs) ? null : atMs;
}
