import { createReadStream } from 'node:fs';
import { userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';

import { EXIT_CODES } from '../contract/index.js';
import { isRecord, messageOf, visible } from '../util.js';

import { DeclinedError, UsageError } from './errors.js';
import type { Rendered } from './format/page.js';
import { shownWidth, wrapLines } from './format/text.js';

/** The command's whole contact with its surroundings, so that tests can stand in for them. */
export interface CliIo {
  readonly env: NodeJS.ProcessEnv;
  /** Whether someone can be asked: input and messages are a terminal. */
  readonly isInteractive: boolean;
  /** Whether messages go to a terminal, where a line may be rewritten. */
  readonly isTerminal: boolean;
  /** Whether data goes to a terminal as well, and not to a file or another program. */
  readonly isDataShown: boolean;
  /** Space of that terminal now; 80 by 24 where it does not say. */
  terminalSize(): { readonly columns: number; readonly rows: number };
  /** Writes data; what could spoof stands there as its code (`visible` of util), as in all that is written. */
  out(text: string | Rendered): void;
  /** Writes messages, progress and questions. */
  err(text: string | Rendered): void;
  /** Writes words for a shell as data: a line each, with what it is behind a tab. */
  words(words: readonly (readonly [word: string, about: string])[]): void;
  /** Ends the process once what was written has left, whatever is still under way. */
  end(): void;
  /**
   * Writes messages over so many rows above that of the cursor, and over what follows them; in one piece, so that nothing
   * flickers.
   */
  rewrite(rowsAbove: number, text: string | Rendered): void;
  /** Whether anyone still reads the data: `… | head` does not for long. */
  isRead(): boolean;
  ask(question: string): Promise<string>;
  /** Calls back on Ctrl-C and SIGTERM instead of ending the process; returns how to stop that. */
  onInterrupt(handler: () => void): () => void;
  /** Name of the user at the keyboard; `null` when the system has none. */
  userName(): string | null;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** The real surroundings. */
export function createProcessIo(): CliIo {
  const isRead = watchStreams();
  // A dumb terminal shows the codes that rewrite a line as garbage.
  const isTerminal = process.stderr.isTTY && process.env['TERM'] !== 'dumb';
  return {
    env: process.env,
    isTerminal,
    isDataShown: process.stdout.isTTY && isTerminal,
    isInteractive: process.stderr.isTTY && process.stdin.isTTY,
    terminalSize: () => ({
      columns: columns(),
      rows: process.stderr.rows || 24,
    }),
    ...createWriter(
      (text) => void process.stdout.write(text),
      (text) => void process.stderr.write(text),
      columns,
    ),
    isRead,
    end: () => {
      process.stdout.write('', () => process.exit());
    },
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
 * All that ever writes. Texts come from APIs and from other people: none of their characters may reach a terminal that
 * would obey it, or a person whom it would mislead.
 */
export function createWriter(
  toData: (text: string) => void,
  toMessages: (text: string) => void,
  columnsNow: () => number,
): Pick<CliIo, 'out' | 'words' | 'err' | 'rewrite'> {
  return {
    out: (text) => {
      toData(toWrite(text));
    },
    words: (words) => {
      toData(
        words
          .map(
            (parts) =>
              `${parts
                .filter((part) => part !== '')
                .map(visible)
                .join('\t')}\n`,
          )
          .join(''),
      );
    },
    err: (text) => {
      toMessages(toWrite(text));
    },
    rewrite: (rowsAbove, text) => {
      const up = rowsAbove === 0 ? '' : `\u001B[${rowsAbove}A`;
      const lines = toWrite(text)
        .split('\n')
        .map((line) => `${line}${fillsRows(line, columnsNow()) ? '' : ERASE_REST}`);
      toMessages(`${up}\r${lines.join('\n')}${ERASE_BELOW}`);
    },
  };
}

const ERASE_REST = '\u001B[K';
const ERASE_BELOW = '\u001B[J';

/** Behind the last column a terminal would erase what stands in that. */
function fillsRows(line: string, columns: number): boolean {
  const width = shownWidth(line);
  return width > 0 && width % columns === 0;
}

function toWrite(text: string | Rendered): string {
  return typeof text === 'string' ? visible(text) : text.rendered;
}

const columns = (): number => process.stderr.columns || 80;

/**
 * A reader that has seen enough (`… | head`) closes our output early; that is no error of ours. Output that is
 * lost for any other reason, such as a full disk, must not end in success.
 *
 * @returns whether data still reaches anyone
 */
function watchStreams(): () => boolean {
  let isRead = true;
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (stream === process.stdout) isRead = false;
      if (error.code === 'EPIPE') return;
      if (stream === process.stdout)
        process.stderr.write(`The output could not be written: ${error.message}\n`);
      // Whatever the command says afterwards: a failure keeps its own code.
      process.once('exit', (exitCode) => {
        if (exitCode === 0) process.exitCode = EXIT_CODES.other;
      });
    });
  return () => isRead;
}

async function askOnTerminal(question: string): Promise<string> {
  // On stderr: stdout is for data.
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(`${wrapLines(visible(question.trimEnd()), columns())} `);
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

/** Resolves on the first Ctrl-C or SIGTERM from now on; later ones are ignored while one cleans up. */
export function untilInterrupted(io: CliIo): Promise<void> {
  return new Promise((resolve) => {
    io.onInterrupt(resolve);
  });
}

/** Option of everything that asks first. */
export interface YesOption {
  readonly yes?: boolean;
}

/** Help of `--yes`, the same everywhere. */
export const YES_HELP = 'do not ask';

/**
 * Has someone say yes, unless `--yes` did.
 *
 * @param effect what it would do, as a sentence; what is asked follows
 * @throws DeclinedError after any other answer; UsageError where no one can be asked
 */
export async function confirmAction(
  io: CliIo,
  effect: string,
  question: string,
  { yes = false }: YesOption,
): Promise<void> {
  if (yes) return;
  if (!io.isInteractive)
    throw new UsageError(
      `${effect} Not a terminal, so this cannot ask for confirmation. Nothing was changed. Add --yes to go ahead.`,
    );
  if (!isYes(await io.ask(`${effect} ${question} [y/N] `)))
    throw new DeclinedError('Nothing was changed: you did not say yes.');
}

/** Whether an answer agrees; only a plain yes does. */
export function isYes(answer: string): boolean {
  return ['y', 'yes'].includes(answer.trim().toLowerCase());
}

/** A larger file is not one that a person wrote for this purpose. */
const MAX_FILE_BYTES = 1024 * 1024;

/**
 * Reads an object from a file of JSON or YAML 1.2 (of which JSON is a part). Dates stay texts; what the
 * fields may be is judged later.
 *
 * @throws UsageError that names the file, and line and column where it breaks
 */
export async function readInputFile(path: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await readTextFile('--file', path);
  const value = await parse(text).catch((error: unknown) => {
    const [problem = ''] = messageOf(error).split('\n');
    throw new UsageError(`--file ${path}: ${problem.replace(/[.:]$/, '')}.`);
  });
  if (isRecord(value) && !Array.isArray(value)) return value;
  throw new UsageError(`--file ${path}: holds no object; write it as "field: value" lines.`);
}

async function parse(text: string): Promise<unknown> {
  const { parseDocument, visit } = await import('yaml');
  const { isTooDeep } = await import('../config/yaml.js');
  if (isTooDeep(text))
    throw new Error('has lists or mappings in one another, deeper than any input');
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) throw error;
  visit(document, {
    // An id of digits alone is no number: what would not be written the same again stays as it is.
    Scalar: (_, node) => {
      if (typeof node.value === 'number' && String(node.value) !== node.source)
        node.value = node.source;
    },
  });
  return document.toJS();
}

/** The text of a file that an option names. @throws UsageError that names both */
export async function readTextFile(
  option: string,
  path: string,
  maxBytes = MAX_FILE_BYTES,
): Promise<string> {
  try {
    const text = await readBounded(path, maxBytes);
    if (text !== null) return text;
  } catch (error) {
    throw new UsageError(`${option}: ${messageOf(error)}`);
  }
  throw new UsageError(`${option} ${path}: larger than ${maxBytes} bytes.`);
}

/** By what comes, not by a size that a pipe or a device does not have; `null`: more than that. */
async function readBounded(path: string, maxBytes: number): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The option that names a project. */
export interface ProjectOption {
  readonly project?: string;
}

/** The project to work in; where none is named, the validation reports that together with what else is wrong. */
export function findProject({ env }: CliIo, { project }: ProjectOption): string | undefined {
  const id = project ?? env['HUAWEICLOUD_SDK_PROJECT_ID'] ?? '';
  return id === '' ? undefined : id;
}
