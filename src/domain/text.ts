/** Control characters, line separators and direction marks: what can forge a line or hide a word. */
const FORGING = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u;

/**
 * Whether a text of somebody else could show as what it is not; line break and tab are allowed. The one rule for
 * inputs, messages and freezes, wherever they are checked.
 */
export function canForge(text: string): boolean {
  return FORGING.test(text.replace(/[\n\t]/g, ''));
}
