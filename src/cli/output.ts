/** How a command prints what it has to say: data on stdout, everything else on stderr. */
import { Option } from 'commander';
import type { Command } from 'commander';

import { EXIT_CODES } from '../contract/index.js';
import { visible } from '../util.js';

import { renderPage } from './format/page.js';
import type { Page, Rendered } from './format/page.js';
import { COLOURED, PLAIN } from './format/tones.js';
import type { Paint } from './format/tones.js';
import type { CliIo } from './io.js';

/** Forms of an answer: `table` is text for people, all others are data. */
const FORMATS = ['table', 'json', 'yaml'] as const;

/** One of the forms of an answer; `md` and `html` are those of a report. */
export type OutputFormat = (typeof FORMATS)[number] | 'md' | 'html';

/** Whether texts are coloured. */
const COLOR_CHOICES = ['auto', 'always', 'never'] as const;

type ColorChoice = (typeof COLOR_CHOICES)[number];

/** Options of every command that has an answer. */
export interface OutputOptions {
  readonly output?: OutputFormat;
  readonly color?: ColorChoice | undefined;
}

/** Adds {@link OutputOptions}. @param formats the first is the default; others than the usual are documents */
export function withOutputOptions(
  command: Command,
  formats: readonly OutputFormat[] = FORMATS,
): Command {
  const [usual] = formats;
  const help =
    usual === 'table'
      ? 'table for people; json is one line, yaml many (default: table)'
      : `a document; json is one line of data, yaml many (default: ${usual ?? ''})`;
  return command
    .addOption(new Option('-o, --output <format>', help).choices(formats))
    .addOption(
      new Option(
        '--color <when>',
        'colours: auto (default, on a terminal), always or never; as NO_COLOR and FORCE_COLOR say',
      ).choices(COLOR_CHOICES),
    );
}

/** The form that a command line asks for, whatever else is wrong with it. */
export function formatOf(args: readonly string[]): OutputFormat {
  const asked = args.flatMap((word, at) => {
    const [, value] = /^(?:--output=|-o)(.+)$/.exec(word) ?? [];
    return ['-o', '--output'].includes(word) ? [args[at + 1]] : [value];
  });
  return FORMATS.find((format) => asked.includes(format)) ?? 'table';
}

/** Turns a value into what is printed of it. */
type Encode = (value: unknown) => string;

/** What turns an answer into data, with the line's end; `null` where it is text for people. */
export async function encoderOf(format: OutputFormat = 'table'): Promise<Encode | null> {
  if (format === 'json') return (value) => `${JSON.stringify(value)}\n`;
  if (format !== 'yaml') return null;
  const { Document, visit } = await import('yaml');
  let between = '';
  return (value) => {
    // Through JSON, so that both forms have the same fields; long texts stay on their line.
    const document = new Document(JSON.parse(JSON.stringify(value)));
    visit(document, {
      // What the writer shows as its code is the same value only within these quotes.
      Scalar: (_, node) => {
        if (typeof node.value === 'string' && visible(node.value) !== node.value)
          node.type = 'QUOTE_DOUBLE';
      },
    });
    const text = between + document.toString({ lineWidth: 0 });
    between = '---\n';
    return text;
  };
}

/** Where a command puts what it has to say. */
export interface Output {
  /**
   * The answer, once: as data, or as text.
   *
   * @returns the exit code of a command that has an answer: 0
   */
  data<T>(value: T, toPage: (value: T) => Page | string): number;
  /** A remark for a person. */
  note(page: Page | string): void;
  /** How a value that changes is shown: in place, by a line for each change, or as data, a document for each. */
  readonly form: 'screen' | 'lines' | 'data';
  /** What is rewritten on the terminal, where messages stand. */
  render(page: Page | string): Rendered;
  /** How words stand out there. */
  readonly paint: Paint;
}

/** @param encode see {@link encoderOf} */
export function createOutput(
  io: CliIo,
  encode: Encode | null,
  { color }: Pick<OutputOptions, 'color'> = {},
): Output {
  const show = (page: Page | string, isTerminal: boolean): Rendered => {
    const columns = isTerminal ? io.terminalSize().columns : null;
    return renderPage(page, { columns, paint: painterFor(io, isTerminal, color) });
  };
  return {
    data: (value, toPage) => {
      io.out(encode === null ? show(toPage(value), io.isDataShown) : encode(value));
      return EXIT_CODES.success;
    },
    note: (page) => {
      io.err(show(page, io.isTerminal));
    },
    form: encode !== null ? 'data' : io.isDataShown ? 'screen' : 'lines',
    render: (page) => show(page, io.isTerminal),
    paint: painterFor(io, io.isTerminal, color),
  };
}

/**
 * Colours or none: as the option says, else as the variables that many programs know say (no-color.org), else on
 * terminals alone.
 */
export function painterFor(
  { env }: Pick<CliIo, 'env'>,
  isTerminal: boolean,
  color: ColorChoice = 'auto',
): Paint {
  if (color !== 'auto') return color === 'always' ? COLOURED : PLAIN;
  const { NO_COLOR: without = '', FORCE_COLOR: forced = '' } = env;
  if (without !== '') return PLAIN;
  if (forced !== '') return forced === '0' || forced === 'false' ? PLAIN : COLOURED;
  return isTerminal ? COLOURED : PLAIN;
}
