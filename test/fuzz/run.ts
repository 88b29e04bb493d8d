/** Runs surfaces: what is kept first, then new cases. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import fc from 'fast-check';

import type { Surface } from './surface.js';

/** A case that once broke a promise. */
export interface Kept {
  /** What it was. */
  readonly what: string;
  readonly input: unknown;
}

/** The kept cases of a surface. */
export function readCorpus(name: string): readonly Kept[] {
  const file = path.join(__dirname, 'corpus', `${name}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Kept[]) : [];
}

/** Longest case, in milliseconds: what takes longer hangs. */
const CASE_LIMIT_MS = 60_000;

/** Checks one case. @throws what is broken, or that it hangs */
export async function checkCase<T>(surface: Surface<T>, input: T): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const hanging = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no end within ${CASE_LIMIT_MS} ms`));
    }, CASE_LIMIT_MS);
  });
  try {
    await Promise.race([surface.check(input), hanging]);
  } finally {
    clearTimeout(timer);
  }
}

/** What came of new cases: `null` where every promise was kept. */
export interface Find {
  readonly input: unknown;
  readonly problem: string;
}

/** Tries new cases; the first that breaks a promise is shrunk. */
export async function tryCases<T>(
  surface: Surface<T>,
  options: { readonly seed: number; readonly numRuns: number },
): Promise<Find | null> {
  const property = fc.asyncProperty(surface.inputs, (input) => checkCase(surface, input));
  const { failed, counterexample, errorInstance } = await fc.check(property, options);
  if (!failed) return null;
  const problem = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  return { input: counterexample?.[0], problem };
}
