/** Checks of values that came from a file, a command line or untyped code: each names the field. */

/** Tells what is wrong with a value, or `null`. */
export type Check = (value: unknown, name: string) => string | null;

/** A check that a predicate makes; `what` completes "… must be". */
export const expect =
  (what: string, accepts: (value: unknown) => boolean): Check =>
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
export const oneOf = (words: readonly string[]): Check =>
  expect(`one of ${words.join(', ')}`, (value) => words.includes(value as string));

/** Longest wait of a Node timer; a longer one would be over at once. */
const MAX_DURATION_MS = 2 ** 31 - 1;

/** Checks a duration in milliseconds; also used for the simulator's own timing. */
export const duration = expect(`milliseconds from 0 to ${MAX_DURATION_MS}`, (value) => {
  return typeof value === 'number' && value >= 0 && value <= MAX_DURATION_MS;
});

/** Checks an object field by field; a field without a check is unknown and refused by name. */
export function shapeOf(checks: Record<string, Check>, required: readonly string[] = []): Check {
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
export function listOf(check: Check): Check {
  return (value, name) => {
    if (!Array.isArray(value)) return `${name} must be an array`;
    const problems = value.map((one, index) => check(one, `${name}[${String(index)}]`));
    return problems.find((problem) => problem !== null) ?? null;
  };
}
