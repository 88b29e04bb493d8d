/** Longest piece of an unvalidated input that is repeated. */
const MAX_ECHO_LENGTH = 128;

const FIELDS = ['mode', 'projectId', 'instanceId', 'region', 'requestId', 'changeId'] as const;

/** What an input says of itself; `null` where it says nothing, or no text. */
export type AskedIds = Readonly<Record<(typeof FIELDS)[number], string | null>>;

/** The ids of an input that nobody has validated. */
export function pickIds(input: unknown): AskedIds {
  const given = (typeof input === 'object' && input !== null ? input : {}) as Record<
    string,
    unknown
  >;
  const clip = (value: unknown): string | null =>
    typeof value === 'string' ? value.slice(0, MAX_ECHO_LENGTH) : null;
  return Object.fromEntries(FIELDS.map((field) => [field, clip(given[field])])) as AskedIds;
}
