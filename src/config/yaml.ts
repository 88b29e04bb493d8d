/** YAML of a depth that people write. */
import { Lexer, Parser } from 'yaml';

/** A file of projects or of a maintenance has some six levels. */
const MAX_LEVELS = 64;

/**
 * Whether a text goes deeper than any of ours. Asked before it is composed: the library does so by recursion up to the
 * end of the stack, and where a regular expression is compiled so close to it, the whole process is aborted.
 */
export function isTooDeep(text: string): boolean {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    Array.from(parser.next(lexeme));
    if (parser.stack.length > MAX_LEVELS) return true;
  }
  return false;
}
