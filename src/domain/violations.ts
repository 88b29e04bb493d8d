/** What lists of invariants are made of, and how facts are judged by one. Pure. */
import { printableLine } from './text.js';

/** One sentence that must be true. `check` gives what contradicts it, one text each; of an open run as far as it goes. */
export interface Invariant<Facts> {
  readonly name: string;
  readonly sentence: string;
  readonly check: (facts: Facts) => readonly string[];
}

/** An invariant that does not hold. */
export interface Violation {
  readonly name: string;
  readonly sentence: string;
  readonly found: string;
}

/** A history may hold anything, and its words are repeated. */
const MAX_FOUND_LENGTH = 500;

/** Judges by any list of invariants. */
export function findViolations<Facts>(
  facts: Facts,
  invariants: readonly Invariant<Facts>[],
): Violation[] {
  return invariants.flatMap(({ name, sentence, check }) =>
    check(facts).map((found) => ({
      ...{ name, sentence },
      found: printableLine(found, MAX_FOUND_LENGTH),
    })),
  );
}

/** The text of a finding: what a history holds may be of any kind, and some of it cannot become text. */
export function said(parts: TemplateStringsArray, ...values: readonly unknown[]): string {
  return parts.reduce((text, part, index) => `${text}${sayable(values[index - 1])}${part}`);
}

function sayable(value: unknown): string {
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'function' || typeof value === 'symbol' ? 'something' : String(value);
}

/** One finding, where it is one. */
export function when(isBroken: boolean, found: string): string[] {
  return isBroken ? [found] : [];
}

/** More than may be. */
export function moreThan(allowed: number, found: readonly unknown[], what: string): string[] {
  return when(found.length > allowed, `${found.length} ${what}, ${allowed} allowed`);
}

/** Secrets in the text of a history, the known ones and whatever looks like one. */
export function findSecrets({
  text,
  secrets = [],
}: {
  readonly text: string;
  readonly secrets?: readonly string[];
}): string[] {
  return [
    ...secrets.filter((secret) => text.includes(secret)).map(() => 'a known secret stands in it'),
    ...CREDENTIALS.filter(({ pattern }) => pattern.test(text)).map(
      ({ what }) => `${what} stands in it`,
    ),
  ];
}

/** What credentials look like on their way: a signature, a token in its header, a key. */
const CREDENTIALS = [
  { what: 'a signature', pattern: /\bSignature=[0-9a-f]{32}/i },
  { what: 'a token', pattern: /x-(auth|security|subject)-token["':=\\ ]+[\w+/=-]{32}/i },
  { what: 'a private key', pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/ },
] as const;
