import type { RunStatus } from '../client.js';
import type { Phase } from '../contract/index.js';

import { withoutCommands } from '../domain/commands.js';
import { oneLine } from '../domain/one-line.js';

import { formatSeconds } from './format/time.js';
import { fitWidth } from './maintenance/fit-width.js';
import type { CliIo } from './io.js';
import { printable } from './output.js';

/** Erases the line and returns to its start. */
const REWRITE = '\r\u001B[2K';

/** Shows where a run stands while one waits. */
export interface Progress {
  show(status: Pick<RunStatus, 'phase' | 'since' | 'next'>): void;
  /** Leaves the terminal on a fresh line. */
  end(): void;
}

/** On a terminal one line that is rewritten, and one that stays per phase; elsewhere a line per phase. */
export function createProgress(io: CliIo, now: () => number = Date.now): Progress {
  let shown: { phase: Phase; sinceMs: number } | null = null;
  const settle = (untilMs: number): void => {
    if (shown === null || !io.isTerminal) return;
    const took = formatSeconds(Math.max(0, untilMs - shown.sinceMs));
    io.err(`${REWRITE}${shown.phase.padEnd(13)} ${took}\n`);
  };
  return {
    show({ phase, since, next }) {
      const sinceMs = Date.parse(since);
      const isNew = shown?.phase !== phase;
      if (isNew) settle(sinceMs);
      shown = { phase, sinceMs };
      // A doubt is told at once and in full, not only when the lock is given back.
      if (isNew && phase === 'HOLDING' && io.isTerminal)
        io.err(`${REWRITE}UNKNOWN\n${printable(next)}\n`);
      if (io.isTerminal) {
        const line = lineOf(phase, now() - sinceMs, next);
        // One that wraps cannot be rewritten.
        io.err(`${REWRITE}${fitWidth(line, io.terminalSize().columns - 1)}`);
      } else if (isNew)
        io.err(
          `${since} ${phase === 'HOLDING' ? 'UNKNOWN, HOLDING' : phase}: ${printable(next)}\n`,
        );
    },
    end() {
      settle(now());
      shown = null;
    },
  };
}

function lineOf(phase: Phase, spentMs: number, next: string): string {
  const text = printable(oneLine(withoutCommands(next)));
  return `${phase.padEnd(13)} ${formatSeconds(Math.max(0, spentMs))}  ${text}`;
}
