import { isDeepStrictEqual } from 'node:util';

/** The value at a path of field names; `undefined` when there is none. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, name)
        ? (inner as Record<string, unknown>)[name]
        : undefined,
    value,
  );
}

/** Whether two JSON values are the same. */
export function equals(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(a, b);
}
