import type { MaintenanceProgress, MaintenanceResult } from '../../contract/index.js';

import { oneLine } from '../format/plan.js';
import type { CliIo } from '../io.js';
import { printable } from '../output.js';

import { describeChanges } from './changes.js';
import type { PlanView } from './changes.js';
import { fitWidth } from './fit-width.js';
import { toBlock } from './live-block.js';

/** Up so many lines, to the start of the line, and erase all below. */
const eraseLines = (count: number): string => (count === 0 ? '' : `\u001B[${count}A\r\u001B[J`);

/** Shows where a plan stands while one waits. */
export interface PlanProgress {
  show(progress: MaintenanceProgress): void;
  /** It could not be asked; told once until it could again. */
  trouble(message: string): void;
  /** The plan has ended: the result is printed next. */
  finish(result: MaintenanceResult): void;
  /** One stops waiting: what is shown stays. */
  end(): void;
}

/** On a terminal a block that is rewritten; elsewhere one line per change. */
export function createPlanProgress(io: CliIo, now: () => number = Date.now): PlanProgress {
  return io.isTerminal ? createBlock(io, now) : createLog(io);
}

function createBlock(io: CliIo, now: () => number): PlanProgress {
  let shown = 0;
  let last: MaintenanceProgress | null = null;
  const rewrite = (lines: readonly string[]): void => {
    io.err(`${eraseLines(shown)}${lines.map((line) => `${line}\n`).join('')}`);
    shown = lines.length;
  };
  const draw = (...notes: readonly string[]): void => {
    const size = io.terminalSize();
    // The time goes on where a plan cannot be asked, so what was last heard is drawn anew.
    const lines = last === null ? [] : toBlock(last, size, now());
    rewrite([
      ...lines,
      ...notes.map((text) => fitWidth(printable(oneLine(text)), size.columns - 1)),
    ]);
  };
  return {
    show: (progress) => {
      last = progress;
      draw();
    },
    trouble: (message) => {
      draw(message);
    },
    finish: () => {
      rewrite([]);
    },
    end: () => {
      shown = 0;
    },
  };
}

function createLog(io: CliIo): PlanProgress {
  let last: PlanView | null = null;
  let told: string | null = null;
  const tell = (view: PlanView): void => {
    for (const line of describeChanges(last, view)) io.err(`${printable(line)}\n`);
    last = view;
  };
  return {
    show: (progress) => {
      told = null;
      tell(progress);
    },
    trouble: (message) => {
      if (message !== told) io.err(`${printable(message)}\n`);
      told = message;
    },
    finish: ({ rows, decisions, warnings }) => {
      tell({ rows, decisions, warnings });
    },
    end: () => undefined,
  };
}
