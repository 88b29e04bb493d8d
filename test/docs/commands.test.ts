/** docs/commands.md shows commands, and commands that those have printed: the program of today takes each. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { expect, test } from '@jest/globals';

import { findProblem, printedCommands } from '../support/printed.js';
import { shellWords } from '../support/shell-words.js';

const PAGE = readFileSync(path.join(__dirname, '../../docs/commands.md'), 'utf8');
const ENV = { HUAWEICLOUD_SDK_PROJECT_ID: '153de305e07536c8ec47ad2822a40e7f' };
const blocksOf = (kind: string): string[] =>
  [...PAGE.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].flatMap(([, found, text = '']) =>
    found === kind ? [text] : [],
  );

test('docs/commands.md shows ten commands', () => {
  expect(blocksOf('sh').flatMap(printedCommands)).toHaveLength(10);
});

test('every command in docs/commands.md is one that the program takes', async () => {
  const lines = [...blocksOf('sh'), ...blocksOf('text')]
    .flatMap(printedCommands)
    // A name would be looked up.
    .map((line) => line.replace(/ dcs-[0-9a-f]{8}\b/, ' INSTANCE'));
  const words = shellWords(lines);
  const problems = await Promise.all(
    lines.map(async (line, at) => ({
      line,
      problem: await findProblem(line, words[at] ?? [], ENV),
    })),
  );
  expect(problems.filter(({ problem }) => problem !== null)).toEqual([]);
});

test('what docs/commands.md shows fits into 80 columns, but for commands to be copied', () => {
  const wide = blocksOf('text')
    .flatMap((text) => text.split('\n'))
    .filter((line) => line.length > 80 && printedCommands(line).length === 0);
  expect(wide).toEqual([]);
});
