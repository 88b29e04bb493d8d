/** The same value without its `null` fields, at any depth outside of lists: `null` means absent. */
export function dropNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(entries.map(([key, field]) => [key, dropNulls(field)]));
}
