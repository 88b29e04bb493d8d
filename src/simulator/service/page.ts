import { createHash } from 'node:crypto';

import type { Habits } from '../habits.js';
import { refuse } from '../http/answer.js';

const DEFAULT_LIMIT = 10;
const MAX_LIMIT = 1000;

/**
 * The page that `offset` and `limit` ask for: from 0 and 10 entries unless they say otherwise.
 *
 * @throws Refusal for a value out of bounds
 */
export function readPage(
  query: URLSearchParams,
  maxLimit = MAX_LIMIT,
): <T>(all: readonly T[]) => readonly T[] {
  const offset = wholeNumber(query.get('offset'), 0) ?? refuse('badOffset');
  const limit = wholeNumber(query.get('limit'), DEFAULT_LIMIT);
  if (limit === null || limit < 1 || limit > maxLimit) refuse('badLimit');
  return (all) => all.slice(offset, offset + limit);
}

/** What a list says how many there are: all that match, or the rows of the page. */
export function totalOf(
  matching: readonly unknown[],
  page: readonly unknown[],
  { listTotals }: Pick<Habits, 'listTotals'>,
): number {
  return listTotals === 'all' ? matching.length : page.length;
}

function wholeNumber(text: string | null, fallback: number): number | null {
  if (text === null) return fallback;
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

/** An order that follows from nothing but the names: the same at every read, and no one's to rely on. */
export function shuffled<T>(rows: readonly T[], nameOf: (row: T) => string): readonly T[] {
  const place = (row: T): string => createHash('sha256').update(nameOf(row)).digest('hex');
  return [...rows].sort((a, b) => (place(a) < place(b) ? -1 : 1));
}

/** Rows from the last to the first. */
export function reversed<T>(rows: readonly T[]): readonly T[] {
  return [...rows].reverse();
}
