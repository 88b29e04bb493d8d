import type { CliIo } from './io.js';

/** Where a command puts what it has to say. */
export interface Output {
  /** The answer, once: as one line of JSON, or as text. */
  data(value: unknown, toText: () => string): void;
  /** A remark for a person. */
  note(text: string): void;
}

/** Data on stdout, everything else on stderr. */
export function createOutput(io: CliIo, isJson: boolean): Output {
  return {
    data: (value, toText) => {
      io.out(`${isJson ? JSON.stringify(value) : printable(toText())}\n`);
    },
    note: (text) => {
      io.err(`${printable(text)}\n`);
    },
  };
}

/** Texts come from APIs and from other people: no control character may reach the terminal. */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n]/gu, '?');
}
