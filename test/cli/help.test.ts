/** The help of each command: narrow enough for a terminal, with examples that are typed as they stand there. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Command } from 'commander';

import { CLI_DEPS, createCli } from '../../src/cli/context.js';
import { createProgram, runCli } from '../../src/cli/program.js';
import { findProblem } from '../support/printed.js';
import { shellWords } from '../support/shell-words.js';

import { createFakeIo } from './support/fake-io.js';

const ENV = { HUAWEICLOUD_SDK_PROJECT_ID: '1'.repeat(32) };

/** Words of each command that is no group, and of each group; what only scripts call has no help that anyone reads. */
function wordsOf(command: Command, words: readonly string[] = []): string[] {
  const shown = command.createHelp().visibleCommands(command);
  const inner = command.commands
    .filter((each) => shown.includes(each))
    .flatMap((each) => wordsOf(each, [...words, each.name()]));
  return [words.join(' '), ...inner];
}

const program = createProgram(
  createCli(createFakeIo(), CLI_DEPS, () => undefined),
  [],
);
const COMMANDS = wordsOf(program);
const isGroup = (words: string): boolean =>
  COMMANDS.some((other) => other.startsWith(words === '' ? '' : `${words} `) && other !== words);

async function helpOf(words: string): Promise<string> {
  const io = createFakeIo();
  await runCli([...words.split(' ').filter(Boolean), '--help'], io);
  return io.stdout();
}

const WINDOW = 'window:\n  timeZone: Europe/Zurich\n  start: "02:00"\n  end: "06:00"\n';
const DRAIN = `maintenanceId: drain\nselector:\n  namePattern: "*"\ntoggle: true\n${WINDOW}`;
const FILES = {
  'drain.yaml': DRAIN,
  'nightly.yaml': `schedule:\n  onWindow: true\nmaintenance:\n${DRAIN.replace(/^/gm, '  ').trimEnd()}\n`,
};

let folder = '';
const home = process.cwd();

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'examples-'));
  for (const [name, text] of Object.entries(FILES)) await writeFile(path.join(folder, name), text);
  process.chdir(folder);
});

afterAll(async () => {
  process.chdir(home);
  await rm(folder, { recursive: true });
});

describe('the help', () => {
  test.each(COMMANDS)('of "%s" has no line longer than 80 characters', async (words) => {
    // A run's id and an instant are needed whole, on one line.
    const long = (await helpOf(words))
      .split('\n')
      .filter((line) => line.length > 80 && !/ --(?:examined-run|from) \d/.test(line));
    expect(long).toEqual([]);
  });

  test.each(COMMANDS.filter((words) => !isGroup(words)))(
    'of "%s" has one to three examples, each of which the command takes',
    async (words) => {
      const [, text = ''] = (await helpOf(words)).split(/^Examples?:$/m);
      const lines = text
        .trim()
        .split('\n')
        .map((line) => line.trim());
      expect(lines.length).toBeGreaterThanOrEqual(1);
      expect(lines.length).toBeLessThanOrEqual(3);
      const typed = shellWords(lines.map((line) => line.replace(/ > \S+$/, '')));
      for (const [at, line] of lines.entries()) {
        expect(`${line} `.startsWith(`dcs-switchover ${words} `)).toBe(true);
        expect({ line, problem: await findProblem(line, typed[at] ?? [], ENV) }).toEqual({
          line,
          problem: null,
        });
      }
    },
  );
});
