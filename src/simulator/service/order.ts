import { createHash } from 'node:crypto';

/** An order that follows from nothing but the names: the same at every read, and nobody's to rely on. */
export function shuffled<T>(rows: readonly T[], nameOf: (row: T) => string): readonly T[] {
  const place = (row: T): string => createHash('sha256').update(nameOf(row)).digest('hex');
  return [...rows].sort((a, b) => (place(a) < place(b) ? -1 : 1));
}

/** Rows from the last to the first. */
export function reversed<T>(rows: readonly T[]): readonly T[] {
  return [...rows].reverse();
}
