/** The tables that decide stand in docs/ as they stand in the code: line by line, in the same order. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { expect, test } from '@jest/globals';

import { RULES } from '../../src/domain/outcome.js';
import { CLASSIFICATION } from '../../src/domain/retry-classification.js';

/** The cells of the table under this heading, without marks of code and footnotes. */
function tableOf(page: string, heading: string): string[][] {
  const lines = readFileSync(path.join(__dirname, '../../docs', page), 'utf8').split('\n');
  const [, , ...table] = lines.slice(lines.findIndex((line) => line.startsWith(heading)));
  return table
    .slice(0, table.indexOf(''))
    .map((line) => line.split('|').map((cell) => cell.replaceAll(/[`⁴⁵]/g, '').trim()));
}

test('docs/retry-classification.md has the lines of the table of retries', () => {
  expect(tableOf('retry-classification.md', '| Condition')).toEqual(
    CLASSIFICATION.map(({ condition, read, swap }) => ['', condition, read, swap, '']),
  );
});

test('docs/outcomes.md has the lines of the outcome rule', () => {
  const shown = tableOf('outcomes.md', '| #').map(([, number, , outcome, cause]) => ({
    ...{ number, outcome, cause },
  }));
  expect(shown).toEqual(
    RULES.map(({ outcome, cause }, index) => ({ number: String(index + 1), outcome, cause })),
  );
});
