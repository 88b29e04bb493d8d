/** What is typed: every command and option of the real program, with words, numbers and files of any kind. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { Command } from 'commander';
import fc from 'fast-check';

import { createCli } from '../../../src/cli/context.js';
import { createWriter } from '../../../src/cli/io.js';
import type { CliIo } from '../../../src/cli/io.js';
import { createProgram, runCli } from '../../../src/cli/program.js';
import { EXIT_CODES } from '../../../src/contract/index.js';
import { parseInput } from '../../../src/schema/index.js';
import { createFakeClient } from '../../cli/support/fake-client.js';
import { createFakeOperator } from '../../cli/support/fake-operator.js';
import { edits, hostileName, hostileText } from '../hostile.js';
import { edited, toJsonText } from '../recipe.js';
import type { Edit, Recipe } from '../recipe.js';
import { CANARIES, checkText, fail } from '../surface.js';
import type { Surface } from '../surface.js';
import { GOOD } from './inputs.js';

/** Stand for paths that exist only while a case runs. */
const FILE = '@FILE.json';
const FOLDER = '@FOLDER';

const ID = '22222222-2222-4222-8222-222222222222';

/** Words that would be accepted somewhere. */
const WORDS = [
  ...[ID, 'drill', 'az2', 'ann', 'node-1a2b3c4d', '1', '60', '5m', '8h', 'SUCCEEDED', 'run', '*'],
  ...['02:00-06:00', 'Europe/Zurich', '2026-12-05', '2026-12-05T00:00:00Z', 'SUNDAY', 'env=prod'],
  ...['settleSeconds=60', '0 2 * * SUN', 'job-4711-4711-4711', 'swap-back', FILE, FOLDER],
  ...[
    'INSTANCE',
    '--',
    '-',
    '--output=json',
    '-oyaml',
    '--help',
    '-x',
    '--yes',
    '--run=latest',
    '@file',
    '\u202e',
  ],
];

/** A command of the program: its words, and its options as they are typed. */
interface Typeable {
  readonly command: string;
  readonly options: readonly string[];
  readonly argumentCount: number;
}

interface Case {
  readonly command: string;
  readonly words: readonly Recipe[];
  /** `null`: without a value. */
  readonly options: readonly (readonly [flag: string, value: Recipe])[];
  /** What stands in the file. */
  readonly file:
    { readonly of: keyof typeof GOOD; readonly edits: readonly Edit[] } | { readonly text: Recipe };
  /** What others have written, and the command shows. */
  readonly theirs: Recipe;
  readonly isTerminal: boolean;
}

/** Variables that hold secrets, and settings that let no command reach anything. */
const ENV: NodeJS.ProcessEnv = {
  HUAWEICLOUD_SDK_PROJECT_ID: '1'.repeat(32),
  HUAWEICLOUD_SDK_AK: CANARIES.accessKey,
  HUAWEICLOUD_SDK_SK: CANARIES.secretKey,
  TEMPORAL_API_KEY: CANARIES.securityToken,
  DCS_IAM_PASSWORD: CANARIES.password,
  TEMPORAL_TLS: 'perhaps',
};

const word = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<Recipe>(...WORDS) },
  { weight: 2, arbitrary: hostileText },
);

/** Every command that has an action, by the program itself. */
function listCommands(): Typeable[] {
  const io = { ...createWriter(ignore, ignore, () => 80) } as CliIo;
  const cli = createCli(io, { ...createFakeClient() }, ignore);
  const leaves = (command: Command, names: readonly string[]): Typeable[] =>
    command.commands.length === 0
      ? [
          {
            command: names.join(' '),
            options: command.options.map(({ long, short }) => long ?? short ?? ''),
            argumentCount: command.registeredArguments.length,
          },
        ]
      : command.commands.flatMap((inner) => leaves(inner, [...names, inner.name()]));
  return leaves(createProgram(cli, []), []);
}

function ignore(): void {
  // No one listens.
}

const cases: fc.Arbitrary<Case> = fc.constantFrom(...listCommands()).chain((typeable) =>
  fc.record({
    command: fc.oneof(
      { weight: 30, arbitrary: fc.constant(typeable.command) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
    ),
    words: fc.oneof(
      {
        weight: 4,
        arbitrary: fc.array(word, {
          minLength: typeable.argumentCount,
          maxLength: typeable.argumentCount,
        }),
      },
      { weight: 1, arbitrary: fc.array(word, { maxLength: 4 }) },
    ),
    options: fc.array(
      fc.tuple(
        fc.oneof(
          { weight: 12, arbitrary: fc.constantFrom('--help', ...typeable.options) },
          { weight: 1, arbitrary: hostileName },
        ),
        fc.oneof({ weight: 5, arbitrary: word }, { weight: 2, arbitrary: fc.constant(null) }),
      ),
      { maxLength: 6 },
    ),
    file: fc.oneof(
      fc.record({ of: fc.constantFrom(...(Object.keys(GOOD) as (keyof typeof GOOD)[])), edits }),
      hostileText.map((text) => ({ text })),
    ),
    theirs: hostileText,
    isTerminal: fc.boolean(),
  }),
);

const opened: { folder: string; before: string } = { folder: '', before: '' };

export const commandLines: Surface<Case> = {
  name: 'arguments',
  inputs: cases,
  open: () => {
    opened.before = process.cwd();
    opened.folder = mkdtempSync(path.join(tmpdir(), 'fuzz-'));
    // So deep that a path which climbs stays inside.
    const inner = path.join(opened.folder, 'a/b/c/d/e/f/g/h');
    mkdirSync(inner, { recursive: true });
    process.chdir(inner);
    return Promise.resolve();
  },
  close: () => {
    process.chdir(opened.before);
    rmSync(opened.folder, { recursive: true });
    return Promise.resolve();
  },
  check: async (given) => {
    const written = { data: '', messages: '' };
    const io = createIo(given, written);
    const operator = createFakeOperator();
    const theirs = toText(given.theirs);
    const client = createFakeClient({ status: { next: theirs, putSummary: theirs } }, operator);
    writeFileSync(fileOf(FILE), toFileText(given));
    const args = toArgs(given);
    const exitCode = await runCli(args, io, client);
    const isPainted = given.isTerminal || args.some((word) => word.includes('always'));
    checkTexts(isPainted ? withoutPaint(written) : written);
    if (!EXIT.includes(exitCode)) fail(`exit code ${exitCode}`);
    if (exitCode === EXIT_CODES.usage && client.started.length > 0) fail('a mistake that started');
    for (const input of client.started)
      if (!parseInput(input).ok) fail(`started ${JSON.stringify(input)}`);
    if (written.data.startsWith('{')) JSON.parse(written.data);
  },
};

const EXIT: readonly number[] = Object.values(EXIT_CODES);

const PAINT = new RegExp(String.raw`\x1b\[\d{1,2}m`, 'g');

/** The colours of a terminal are our own; where there are none, a code of that form came from elsewhere. */
function withoutPaint({ data, messages }: Written): Written {
  return { data: data.replace(PAINT, ''), messages: messages.replace(PAINT, '') };
}

interface Written {
  data: string;
  messages: string;
}

/** The words themselves may come back, those of others too; a person reads no more at once. */
const MAX_LENGTH = 250_000;
const MAX_MISTAKE_LENGTH = 8_000;

function checkTexts({ data, messages }: Written): void {
  checkText('the data', data, MAX_LENGTH);
  checkText('a message', messages, MAX_MISTAKE_LENGTH);
  for (const text of [data, messages]) {
    if (/^\s+at .+:\d+:\d+\)?$/m.test(text)) fail(`a stack: ${text.slice(0, 500)}`);
    if (/\b(?:TypeError|RangeError|ReferenceError|ERR_[A-Z_]+)\b|\bundefined\b/.test(text))
      fail(`words of the machine: ${text.slice(0, 500)}`);
  }
}

const REWRITE = new RegExp(String.raw`^(?:\x1b\[\d+A)?\r|\x1b\[[JK]`, 'g');

function createIo({ isTerminal }: Case, written: Written): CliIo {
  return {
    ...createWriter(
      (text) => {
        written.data += text;
      },
      // What erases is the terminal's own.
      (text) => {
        written.messages += text.replace(REWRITE, '');
      },
      () => 80,
    ),
    isRead: () => true,
    ...{ env: { ...ENV, HOME: opened.folder }, isInteractive: isTerminal, isTerminal },
    isDataShown: isTerminal,
    terminalSize: () => ({ columns: 80, rows: 24 }),
    end: () => undefined,
    ask: () => Promise.resolve('y'),
    // Whatever would go on until it is stopped is stopped at once.
    onInterrupt: (handler) => {
      const timer = setImmediate(handler);
      return () => {
        clearImmediate(timer);
      };
    },
    userName: () => 'ann',
  };
}

function fileOf(name: string): string {
  return path.join(opened.folder, name);
}

function toFileText({ file }: Case): string {
  return 'text' in file ? toText(file.text) : toJsonText(edited(GOOD[file.of], file.edits));
}

function toText(recipe: Recipe): string {
  return typeof recipe === 'string' ? recipe : (JSON.parse(toJsonText(recipe)) as string);
}

/** They start servers, or native parts: what is typed is only read. */
const STARTING = ['dev', 'worker'];

function toArgs({ command, words, options }: Case): string[] {
  const typed = options.flatMap(([flag, value]) => [
    flag,
    ...(value === null ? [] : [toWord(value)]),
  ]);
  const held = STARTING.includes(command) ? ['--no-such-option'] : [];
  return [...command.split(' '), ...held, ...words.map(toWord), ...typed];
}

/** No case writes outside of its folder. */
function toWord(recipe: Recipe): string {
  const text = toText(recipe);
  if (text === FILE || text === FOLDER) return fileOf(text);
  return text.startsWith('/') && !text.startsWith('/dev/zero') ? `.${text}` : text;
}
