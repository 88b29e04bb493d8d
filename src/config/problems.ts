import type { z } from 'zod';

import { ConfigurationError } from './configuration-error.js';

/** Collects what is wrong, so that everything is told at once, and once. */
export interface Problems {
  /** @param where variable, or file and field; `what` never repeats a value that may be secret */
  readonly add: (where: string, what: string) => void;
  /**
   * The value, once nothing is wrong.
   *
   * @throws ConfigurationError when something was added
   */
  readonly settle: <T>(value: T | null) => T;
}

/** An empty collection. */
export function createProblems(): Problems {
  const found = new Set<string>();
  return {
    add: (where, what) => {
      found.add(`${where} ${what}`);
    },
    settle: (value) => {
      if (found.size > 0 || value === null) throw new ConfigurationError([...found]);
      return value;
    },
  };
}

/** What a schema makes of `value`; `null` after adding its issues, each by its path. */
export function parseWith<T>(
  schema: z.ZodType<T>,
  value: unknown,
  problems: Problems,
  whereOf: (path: readonly PropertyKey[]) => string = (path) => path.join('.'),
): T | null {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const { path, message } of parsed.error.issues) problems.add(whereOf(path), message);
  return null;
}
