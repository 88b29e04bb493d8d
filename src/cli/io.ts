import { userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';

import { EXIT_CODES } from '../contract/index.js';

/** The command's whole contact with its surroundings, so that tests can stand in for them. */
export interface CliIo {
  readonly env: NodeJS.ProcessEnv;
  /** Whether somebody can be asked: input and messages are a terminal. */
  readonly isInteractive: boolean;
  /** Whether messages go to a terminal, where a line may be rewritten. */
  readonly isTerminal: boolean;
  /** Space of that terminal now; 80 by 24 where it does not tell. */
  terminalSize(): { readonly columns: number; readonly rows: number };
  /** Writes data. */
  out(text: string): void;
  /** Writes messages, progress and questions. */
  err(text: string): void;
  ask(question: string): Promise<string>;
  /** Calls back on Ctrl-C and SIGTERM instead of ending the process; returns how to stop that. */
  onInterrupt(handler: () => void): () => void;
  /** Name of the user at the keyboard; `null` when the system has none. */
  userName(): string | null;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** The real surroundings. */
export function createProcessIo(): CliIo {
  watchStreams();
  // A dumb terminal shows the codes that rewrite a line as garbage.
  const isTerminal = process.stderr.isTTY && process.env['TERM'] !== 'dumb';
  return {
    env: process.env,
    isTerminal,
    isInteractive: process.stderr.isTTY && process.stdin.isTTY,
    terminalSize: () => ({
      columns: process.stderr.columns || 80,
      rows: process.stderr.rows || 24,
    }),
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    ask: askOnTerminal,
    onInterrupt: (handler) => {
      for (const signal of SIGNALS) process.on(signal, handler);
      return () => {
        for (const signal of SIGNALS) process.off(signal, handler);
      };
    },
    userName: readUserName,
  };
}

/**
 * A reader that has seen enough (`… | head`) closes our output early; that is no error of ours. Output that is
 * lost for any other reason, such as a full disk, must not end in success.
 */
function watchStreams(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') return;
      if (stream === process.stdout)
        process.stderr.write(`The output could not be written: ${error.message}\n`);
      // Whatever the command says afterwards: a failure keeps its own code.
      process.once('exit', (exitCode) => {
        if (exitCode === 0) process.exitCode = EXIT_CODES.other;
      });
    });
}

async function askOnTerminal(question: string): Promise<string> {
  // On stderr: stdout is for data.
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}

function readUserName(): string | null {
  try {
    return userInfo().username;
  } catch {
    // Containers may run under a user id without an entry.
    return null;
  }
}
