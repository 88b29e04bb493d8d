/** `--watch`: looks again and again, and shows what has changed. */
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';

import { EXIT_CODES } from '../contract/index.js';
import { asSentence, withoutCommands } from '../domain/commands.js';
import { oneLine } from '../domain/text.js';
import { iso, messageOf, visible } from '../util.js';

import { createBlock, heightOf } from './block.js';
import { describeError } from './errors.js';
import type { Page } from './format/page.js';
import { fitWidth, formatInstant, formatSpan, withAge } from './format/text.js';
import type { Tone } from './format/tones.js';
import type { CliIo } from './io.js';
import { parseSpan } from './options.js';
import type { WatchOptions } from './options.js';
import type { Output } from './output.js';

const DEFAULT_INTERVAL_MS = 2_000;
const MIN_INTERVAL_MS = 1_000;
const MAX_INTERVAL_MS = 3_600_000;

/** Adds {@link WatchOptions}. */
export function withWatchOptions(command: Command): Command {
  return command
    .option('--watch', 'look again and again: in place on a terminal, else a line for each change')
    .addOption(
      new Option('--interval <time>', 'of --watch: 1s to 1h between two looks (default: 2s)')
        .argParser(parseInterval)
        .implies({ watch: true }),
    );
}

function parseInterval(text: string): number {
  const ms = parseSpan(text);
  if (ms >= MIN_INTERVAL_MS && ms <= MAX_INTERVAL_MS) return ms;
  throw new InvalidArgumentError('Give a time from 1s to 1h.');
}

/** What is watched. */
export interface Watched<T> {
  /** Looks once. */
  readonly look: () => Promise<T>;
  /** How many rows its page may leave out. */
  readonly countRows: (value: T) => number;
  /** @param maxRows as many rows as there is room for */
  readonly toPage: (value: T, nowMs: number, maxRows: number) => Page | string;
  /** What has changed, a line each. @param before `null` at the first look */
  readonly toLines: (before: T | null, now: T, nowMs: number) => readonly string[];
  /** Exit code once there is nothing more to see; `null` as long as there is. */
  readonly endOf: (value: T) => number | null;
  /** What being stopped means: an exit code, or an error. */
  readonly stopped: () => number;
}

/**
 * Watches until there is nothing more to see, or one stops it. An outage of Temporal is reported, and the watch goes on.
 *
 * @returns the exit code
 * @throws whatever the first look throws, and later anything but an outage
 */
export async function watch<T>(
  io: CliIo,
  output: Output,
  watched: Watched<T>,
  { interval: intervalMs = DEFAULT_INTERVAL_MS }: WatchOptions,
): Promise<number> {
  const stop = new AbortController();
  const release = io.onInterrupt(() => {
    stop.abort();
  });
  const display = DISPLAYS[output.form]({ io, output, watched, intervalMs });
  try {
    for await (const seen of looks(io, watched, intervalMs, stop.signal)) {
      const code = seen.trouble === null ? watched.endOf(seen.value) : null;
      if (code !== null) {
        display.end(seen.value);
        return code;
      }
      display.show(seen);
    }
  } finally {
    display.close();
    release();
  }
  return watched.stopped();
}

/** What has no end of its own. */
export type List<T> = Omit<Watched<T>, 'endOf' | 'stopped'>;

/** Shows a list once; or, with `--watch`, until one stops that, which is how it ends. */
export async function showList<T>(
  io: CliIo,
  output: Output,
  list: List<T>,
  options: WatchOptions,
): Promise<number> {
  if (options.watch !== true)
    return output.data(await list.look(), (value) => list.toPage(value, Date.now(), Infinity));
  const endless = { endOf: () => null, stopped: () => EXIT_CODES.success };
  return watch(io, output, { ...list, ...endless }, options);
}

/** What is known: what was seen when, and why it could not be seen again since. */
interface Seen<T> {
  readonly value: T;
  readonly atMs: number;
  readonly trouble: string | null;
}

/** Looks until it is stopped, or no one reads any more. */
async function* looks<T>(
  io: CliIo,
  { look }: Watched<T>,
  intervalMs: number,
  signal: AbortSignal,
): AsyncGenerator<Seen<T>> {
  const stopped = once(signal, 'abort').then(() => null);
  let last: Seen<T> | null = null;
  while (!signal.aborted && io.isRead()) {
    const seen: Seen<T> | null = await Promise.race([lookOnce(look, last), stopped]);
    if (seen === null) return;
    last = seen;
    yield seen;
    await pause(intervalMs, undefined, { signal }).catch(() => undefined);
  }
}

async function lookOnce<T>(look: () => Promise<T>, last: Seen<T> | null): Promise<Seen<T>> {
  try {
    return { value: await look(), atMs: Date.now(), trouble: null };
  } catch (error) {
    if (last === null || describeError(error).category !== 'unavailable') throw error;
    return { ...last, trouble: oneLine(withoutCommands(messageOf(error))) };
  }
}

/** Shows what is seen. */
interface Display<T> {
  show(seen: Seen<T>): void;
  /** Nothing more will be seen: what stays in sight. */
  end(value: T): void;
  close(): void;
}

/** What a display needs. */
interface Shown<T> {
  readonly io: CliIo;
  readonly output: Output;
  readonly watched: Watched<T>;
  readonly intervalMs: number;
}

const DISPLAYS = { screen: createScreen, lines: createLines, data: createDocuments } as const;

/** Ages go on between two looks, and while no answer comes. */
const REDRAW_EVERY_MS = 1_000;

function createScreen<T>({ io, output, watched, intervalMs }: Shown<T>): Display<T> {
  const block = createBlock(io);
  let last: Seen<T> | null = null;
  const draw = (): void => {
    if (last === null) return;
    const { columns, rows } = io.terminalSize();
    const footer = footerOf(last, intervalMs)
      .map(([tone, line]) => `${output.paint(tone, fitWidth(visible(line), columns - 1))}\n`)
      .join('');
    const room = rows - heightOf(footer, columns) - OTHER_ROWS;
    const page = fitPage(output, watched, last.value, { columns, room });
    block.draw({ rendered: `${page}\n${footer}` });
  };
  const timer = setInterval(draw, REDRAW_EVERY_MS);
  return {
    show: (seen) => {
      last = seen;
      draw();
    },
    end: (value) => {
      block.draw({ rendered: '' });
      output.data(value, (seen) => watched.toPage(seen, Date.now(), Infinity));
    },
    close: () => {
      clearInterval(timer);
      // A terminal shows the key that stopped it.
      io.rewrite(0, '');
    },
  };
}

/** The empty row above the footer, and that of the cursor. */
const OTHER_ROWS = 2;

function footerOf<T>(seen: Seen<T>, intervalMs: number): (readonly [Tone, string])[] {
  const { atMs, trouble } = seen;
  if (trouble !== null)
    return troubleLines(seen, trouble, Date.now()).map((line) => ['caution', line]);
  const at = formatInstant(iso(atMs));
  return [['faint', `${at}, looks every ${formatSpan(intervalMs)}; Ctrl-C stops that`]];
}

function troubleLines<T>({ atMs }: Seen<T>, trouble: string, nowMs: number): string[] {
  return [
    asSentence(trouble),
    `The last answer is of ${withAge(iso(atMs), nowMs)}; asked again until one comes.`,
  ];
}

/** A page that fits: rows are left out first, then its beginning, because what matters stands last. */
function fitPage<T>(
  output: Output,
  { toPage, countRows }: Watched<T>,
  value: T,
  { columns, room }: { readonly columns: number; readonly room: number },
): string {
  const nowMs = Date.now();
  let page = output.render(toPage(value, nowMs, Infinity)).rendered;
  // What says what is left out takes room as well.
  for (let max = countRows(value); max > 1 && heightOf(page, columns) > room;) {
    max = Math.max(1, max - heightOf(page, columns) + room);
    page = output.render(toPage(value, nowMs, max)).rendered;
  }
  return withoutBeginning(output, page, { columns, room });
}

function withoutBeginning(
  { paint }: Output,
  page: string,
  { columns, room }: { readonly columns: number; readonly room: number },
): string {
  if (heightOf(page, columns) <= room) return page;
  const lines = page.split('\n');
  const from = lines.findIndex((_, at) => heightOf(lines.slice(at).join('\n'), columns) < room);
  return [paint('faint', `… ${from} lines more`), ...lines.slice(from)].join('\n');
}

function createLines<T>(shown: Shown<T>): Display<T> {
  const { io, watched } = shown;
  return createLog(shown, (before, value) => {
    for (const line of watched.toLines(before, value, Date.now())) io.out(`${line}\n`);
  });
}

function createDocuments<T>(shown: Shown<T>): Display<T> {
  return createLog(shown, (before, value) => {
    if (JSON.stringify(before) !== JSON.stringify(value)) shown.output.data(value, () => '');
  });
}

/** @param write what has changed since `before`; `null` at the first look */
function createLog<T>(
  { output }: Shown<T>,
  write: (before: T | null, value: T) => void,
): Display<T> {
  let last: Seen<T> | null = null;
  const show = (seen: Seen<T>): void => {
    const wasAnswered = (last?.trouble ?? null) === null;
    if (seen.trouble === null) {
      if (!wasAnswered) output.note('It answers again.');
      write(last?.value ?? null, seen.value);
    } else if (wasAnswered) output.note(troubleLines(seen, seen.trouble, Date.now()).join('\n'));
    last = seen;
  };
  return {
    show,
    end: (value) => {
      show({ value, atMs: Date.now(), trouble: null });
    },
    close: () => undefined,
  };
}
