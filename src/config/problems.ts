import path from 'node:path';

import { z } from 'zod';

import { NODE_IDENTITIES } from '../domain/identity.js';
import { printableLine } from '../domain/text.js';
import { PROJECT_ID } from '../util.js';

/** Thrown when the environment does not describe a worker; nothing was started. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  /** @param problems one per setting, each beginning with the variable's name */
  constructor(readonly problems: readonly string[]) {
    super(describe(problems));
  }
}

/** Several on a line each: a person corrects them one by one. */
function describe(problems: readonly string[]): string {
  const [first = '', ...others] = problems;
  if (others.length === 0) return `Configuration: ${first}. ${DOCUMENT}`;
  const lines = problems.map((problem) => `  ${problem}`);
  return ['The configuration is wrong:', ...lines, DOCUMENT].join('\n');
}

const DOCUMENT = 'See docs/configuration.md.';

/**
 * Reads settings that do not depend on each other, so that a person hears at once of everything that is wrong.
 *
 * @throws ConfigurationError of all where several cannot be read; what the reading threw where one cannot
 */
export function readTogether<T extends readonly unknown[]>(
  ...reads: { readonly [K in keyof T]: () => T[K] }
): T {
  const errors: unknown[] = [];
  const values = reads.map((read: () => unknown) => {
    try {
      return read();
    } catch (error) {
      errors.push(error);
      return undefined;
    }
  });
  if (errors.length > 1 && errors.every(isSettingError))
    throw new ConfigurationError(errors.flatMap(problemsOf));
  if (errors.length > 0) throw errors[0];
  return values as unknown as T;
}

function isSettingError(error: unknown): error is Error {
  if (error instanceof ConfigurationError) return true;
  return error instanceof Error && 'category' in error && error.category === 'configuration';
}

function problemsOf(error: Error): readonly string[] {
  return error instanceof ConfigurationError ? error.problems : [error.message];
}

/** Collects what is wrong, so that everything is reported at once, and once. */
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

/** More than a person corrects at once, and longer than a line; a path of a megabyte is no path. */
const MAX_PROBLEMS = 50;
const MAX_LENGTH = 600;

/** An empty collection. */
export function createProblems(): Problems {
  const found = new Set<string>();
  return {
    add: (where, what) => {
      // Paths and names come from outside.
      if (found.size < MAX_PROBLEMS) found.add(printableLine(`${where} ${what}`, MAX_LENGTH));
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

/** Environment variables, with the empty ones removed: they count as absent. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Removes empty variables. */
export function presentOf(env: NodeJS.ProcessEnv): Environment {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
}

/** The first of these variables that is set. */
export function firstSet(env: Environment, variables: readonly string[]): string | undefined {
  return variables.find((variable) => env[variable] !== undefined);
}

/** Where the vendor's SDKs look for a profile; `null` in an environment without a home. */
export function defaultProfileFile(env: Environment): string | null {
  const home = env['HOME'] ?? env['USERPROFILE'];
  return home === undefined ? null : path.join(home, '.huaweicloud', 'credentials');
}

/** Other mistakes of type keep the words of the place that reads the field. */
const missing = {
  error: ({ input }: { readonly input: unknown }) =>
    input === undefined ? 'is missing' : undefined,
};

/** Shapes of what variables and the file both name. */
export const shapes = {
  projectId: z.string(missing).regex(PROJECT_ID, 'is not a project id'),
  region: z.string(missing).regex(/^[a-z]{2}-[a-z]+-\d{1,3}$/, 'is not a region'),
  nodeIdentity: z.enum(NODE_IDENTITIES, `must be ${NODE_IDENTITIES.join(', ')}`),
  taskUserName: z.string().max(128, 'is longer than 128 characters'),
};

const digits = z.string().regex(/^\d{1,9}$/, 'is not a whole number');
const decimals = z.string().regex(/^\d{1,6}(?:\.\d{1,3})?$/, 'is not a number');

const between = (min: number, max: number): z.ZodNumber =>
  z.number().min(min, `is less than ${min}`).max(max, `is more than ${max}`);

/** A variable with a whole number in digits; other spellings (`1e3`, `0x10`, blanks) are mistakes. */
export const wholeNumber = (min: number, max: number): z.ZodType<number, string> =>
  digits.transform(Number).pipe(between(min, max));

/** A variable with a number of up to three decimals. */
export const decimalNumber = (min: number, max: number): z.ZodType<number, string> =>
  decimals.transform(Number).pipe(between(min, max));
