import type { Rendered } from './format/page.js';
import { rowsOf } from './format/text.js';
import type { CliIo } from './io.js';

/** What stands last on a terminal, and changes in place. */
export interface Block {
  /** Shows this instead of what stands there. Of a text without a newline at its end the cursor stays on the line. */
  draw(text: Rendered): void;
  /** What stands there stays; what is drawn next stands below. */
  keep(): void;
}

/** A block that begins where the cursor is. */
export function createBlock(io: Pick<CliIo, 'rewrite' | 'terminalSize'>): Block {
  let shown = '';
  return {
    draw: (text) => {
      if (text.rendered === shown) return;
      io.rewrite(heightOf(shown, io.terminalSize().columns), text);
      shown = text.rendered;
    },
    keep: () => {
      shown = '';
    },
  };
}

/** Rows of a terminal above the one in which the cursor is after a text. */
export function heightOf(text: string, columns: number): number {
  const lines = text.split('\n').slice(0, -1);
  return lines.reduce((rows, line) => rows + rowsOf(line, columns), 0);
}
