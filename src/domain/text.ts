import { SPOOFING, clip, fieldsOf, isPresent, textOf } from '../util.js';

/**
 * Whether a text from outside could show as what it is not; line break and tab are allowed. The one rule for
 * inputs, messages and freezes, wherever they are checked.
 */
export function canForge(text: string): boolean {
  return SPOOFING.test(text.replace(/[\n\t]/g, ''));
}

/** A count and what is counted: `1 instance`, `3 instances`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Longest name that DCS takes for an instance. */
const MAX_INSTANCE_NAME_LENGTH = 64;

/** The name of an instance as texts and lists show it, whoever says it; `null` where there is none. */
export function readInstanceName(name: unknown): string | null {
  const text = typeof name === 'string' ? printableLine(name.trim(), MAX_INSTANCE_NAME_LENGTH) : '';
  return text === '' ? null : text;
}

/** As much of an instance id as tells instances apart. */
const SHORT_ID_LENGTH = 8;

/** The beginning of an id, for places where a name would stand. */
export function shortId(id: string): string {
  return clip(id, SHORT_ID_LENGTH);
}

/** An instance for a line of text: `cart-cache (5560df16…)`; its id, where it has no name. */
export function describeInstance(instanceId: string, name: string | null | undefined): string {
  return isPresent(name) ? `${name} (${shortId(instanceId)})` : instanceId;
}

/** A text from outside, for places where a line break would end or forge something. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** Names and reasons are other people's words: as Markdown they format nothing. Two hyphens stay two. */
export function plainMarkdown(text: string): string {
  return text.replace(/[\\`*_[\]<>#|]/g, '\\$&').replaceAll('--', '-\\-');
}

/**
 * Cuts between characters, so that the bytes of UTF-8 fit, as JSON writes them; the mark of the cut comes on top.
 */
export function clipBytes(text: string, maxBytes: number): string {
  let bytes = 0;
  let kept = '';
  for (const character of text) {
    bytes += bytesOf(character);
    if (bytes > maxBytes) return `${kept}…`;
    kept += character;
  }
  return text;
}

function bytesOf(character: string): number {
  if (character === '"' || character === '\\') return 2;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return 6;
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

/** Longest name of a field that is repeated: a megabyte of name must not come back in a message. */
const MAX_NAME_LENGTH = 64;

/** The name of a field that a caller made up, fit for a message: nothing in it hides, forges or is half a character. */
export function nameOfField(name: string): string {
  return name === '' ? '""' : printableLine(name, MAX_NAME_LENGTH);
}

/** What breaks a line, hides, turns the direction of reading, or is half a character. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

/** A text from outside as one line of so many characters, in which everything can be seen. */
export function printableLine(text: string, maxLength: number): string {
  return clip(text.replace(UNPRINTABLE, '?'), maxLength);
}

/** Inputs have some five levels. */
const MAX_LEVELS = 32;

/**
 * An input that no one has validated, as it can be handed on: what lies deeper than any input goes is left out, because
 * no one can write it down without an overflow of the stack. Whoever validates it finds a field that is not known.
 */
export function cutDeep(value: unknown, levels = MAX_LEVELS): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) return '…';
  if (Array.isArray(value)) return value.map((inner) => cutDeep(inner, levels - 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, cutDeep(inner, levels - 1)]),
  );
}

/** Longest piece of an unvalidated input that is repeated. */
const MAX_ECHO_LENGTH = 128;

const FIELDS = ['mode', 'projectId', 'instanceId', 'region', 'requestId', 'changeId'] as const;

/** A field of an input that no one has validated, as far as it is a text; no longer than is repeated. */
export function echoOf(input: unknown, field: string): string | null {
  const text = textOf(fieldsOf(input)[field]);
  return text === null ? null : clip(text, MAX_ECHO_LENGTH);
}

/** What an input says of itself; `null` where it says nothing, or no text. */
export type AskedIds = Readonly<Record<(typeof FIELDS)[number], string | null>>;

/** The ids of an input that no one has validated. */
export function pickIds(input: unknown): AskedIds {
  return Object.fromEntries(FIELDS.map((field) => [field, echoOf(input, field)])) as AskedIds;
}

/** Longest name that Temporal takes by default (`limit.maxIDLength`), as far as ours go. */
const MAX_LENGTH = 200;

/** Line breaks, invisible and direction marks: such a name is not the one that people read. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** What is wrong with a task queue's name, as a clause such as `is empty`; `null`: nothing. */
export function findTaskQueueProblem(name: string): string | null {
  if (name.trim() === '') return 'is empty';
  if (name.length > MAX_LENGTH) return `is longer than ${MAX_LENGTH} characters`;
  if (name !== name.trim()) return 'begins or ends with a space';
  return INVISIBLE.test(name) ? 'holds a line break or another invisible character' : null;
}

const INSTANT = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/**
 * Whether a value is an instant as every input takes it: RFC 3339 with seconds and zone, of a day that the calendar
 * has. `Date.parse` alone takes 30 February for 2 March.
 */
export function isInstant(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  const [, day] = INSTANT.exec(value) ?? [];
  return day !== undefined && hasDay(day) && !Number.isNaN(Date.parse(value));
}

/** Whether the calendar has a day, such as `2026-02-28`. */
function hasDay(day: string): boolean {
  const midnight = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
}
