/** What a surface of the product is, and what must hold of every text that leaves it. */
import type fc from 'fast-check';

/** One way into the product, and what must hold whatever comes in. */
export interface Surface<T> {
  readonly name: string;
  /** What comes in; JSON, so that a case can be kept. */
  readonly inputs: fc.Arbitrary<T>;
  /** Opened once, before the first case. @default nothing */
  open?(): Promise<void>;
  /** @throws where a promise is broken */
  check(input: T): void | Promise<void>;
  close?(): Promise<void>;
}

/** Stand in every place where a secret may stand, and nowhere else. */
export const CANARIES = {
  accessKey: 'AKCANARY4711+/=',
  secretKey: 'SKCANARY4711+/=',
  securityToken: 'TOKENCANARY4711+/==',
  password: 'PWCANARY4711"\\é',
} as const;

/** What of each is never part of anything else. */
const MARKS = /(?:AK|SK|TOKEN|PW)CANARY4711/;

/** Control characters, line break and tab apart, and what turns the direction of reading. */
const CONTROL = /[^\P{Cc}\n\t]|\p{Bidi_Control}/u;

/** Half of a character: no text, whatever a library makes of it on its way. */
const HALF = /\p{Cs}/u;

/** @throws unless the text may be shown, logged and kept in a history */
export function checkText(what: string, text: string, maxLength: number): void {
  if (text.length > maxLength)
    fail(`${what} has ${text.length} characters, more than ${maxLength}`);
  if (HALF.test(text)) fail(`${what} holds half a character: ${JSON.stringify(clip(text))}`);
  if (CONTROL.test(text)) fail(`${what} holds a control character: ${JSON.stringify(clip(text))}`);
  checkSecrets(what, text);
}

/** @throws where a secret stands in the text */
export function checkSecrets(what: string, text: string): void {
  if (MARKS.test(text)) fail(`${what} holds a secret`);
}

/** @throws unless what a call gives back has texts that are fit to be shown, instants that are instants, and no function */
export function checkFields(value: unknown, maxLength: number, name = ''): void {
  if (typeof value === 'function' && name !== 'stack') fail(`${name} is a function`);
  if (typeof value === 'string') checkText(name, value, maxLength);
  if (typeof value === 'number' && !isSound(name, value)) fail(`${name} is ${value}`);
  if (typeof value === 'object' && value !== null)
    for (const [field, inner] of Object.entries(value)) checkFields(inner, maxLength, field);
}

/** A number is one, and an instant can be shown as a date. */
function isSound(name: string, value: number): boolean {
  return Number.isFinite(name.endsWith('Ms') ? new Date(value).getTime() : value);
}

/** @throws */
export function fail(problem: string): never {
  throw new Error(problem);
}

/** Fails with what is not one of the classes that a caller knows. */
export function checkClass(error: unknown, names: readonly string[]): Error {
  if (error instanceof Error && names.includes(error.name)) return error;
  const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return fail(`unclassified: ${words}`);
}

function clip(text: string): string {
  return text.slice(0, 200);
}
