/** Makes an answer fit to be shown to others: what is not known to be harmless is replaced. */
import { FIELDS, MAX_WORD_LENGTH, SHAPES } from '../../doctor/record-fields.js';
import type { FieldKind } from '../../doctor/record-fields.js';
import type { Pseudonyms } from './pseudonyms.js';

/** Deeper bodies are cut; documented ones have five levels. */
const MAX_DEPTH = 12;

/** Longest list that is kept; the task list has pages of 100. */
const MAX_ITEMS = 500;

/** What stands for something that is too deep to be looked at. */
const CUT = 'cut';

/**
 * A JSON value with everything replaced but the structure, the documented field names, words of
 * enumerations, codes, times and counts. Ids and addresses get stand-ins that stay the same.
 */
export function redactBody(value: unknown, pseudonyms: Pseudonyms): unknown {
  return redact(value, 'hidden', pseudonyms, MAX_DEPTH);
}

function redact(value: unknown, kind: FieldKind, pseudonyms: Pseudonyms, depth: number): unknown {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return kind === 'number' || kind === 'time' ? value : 0;
  if (typeof value === 'string') return redactText(value, kind, pseudonyms);
  if (depth === 0 || typeof value !== 'object') return CUT;
  if (Array.isArray(value))
    return value.slice(0, MAX_ITEMS).map((item) => redact(item, kind, pseudonyms, depth - 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, MAX_ITEMS)
      .map(([name, field]) => redactField(name, field, pseudonyms, depth - 1)),
  );
}

function redactField(
  name: string,
  value: unknown,
  pseudonyms: Pseudonyms,
  depth: number,
): readonly [string, unknown] {
  const kind = FIELDS.get(name);
  return [
    kind === undefined ? pseudonyms.ofKey(name) : name,
    redact(value, kind ?? 'hidden', pseudonyms, depth),
  ];
}

function redactText(text: string, kind: FieldKind, pseudonyms: Pseudonyms): string {
  if (kind !== 'hidden' && text.length <= MAX_WORD_LENGTH && SHAPES[kind].test(text)) return text;
  // Clusters show their addresses as one list.
  return text.split(',').map(pseudonyms.of).join(',');
}
