/** What the documents quote of the code stands there: the tables that decide, line by line, and paths and names. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { expect, test } from '@jest/globals';

import { WITNESS_WORDS } from '../../src/contract/index.js';
import { RULES } from '../../src/domain/outcome.js';
import { CLASSIFICATION } from '../../src/domain/retry-classification.js';
import { COMPARISON, CONTRADICTIONS, OTHERWISE } from '../../src/domain/witness.js';
import { NAMED_FAULTS } from '../../src/simulator/faults/named.js';

const ROOT = path.join(__dirname, '../..');
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

/** The cells of the table under this heading, without marks of code and footnotes. */
function tableOf(page: string, heading: string): string[][] {
  const lines = read(`docs/${page}`).split('\n');
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

test('docs/data-plane.md has the rows by which two looks are compared', () => {
  const shown = tableOf('data-plane.md', '| #').map(([, number, , word]) => ({ number, word }));
  const words = ['CANNOT_TELL', ...[...COMPARISON, OTHERWISE].map(({ word }) => word)];
  expect(shown).toEqual(words.map((word, index) => ({ number: String(index + 1), word })));
});

test('docs/data-plane.md says which outcomes each word of the witness contradicts', () => {
  const { SUCCEEDED, FAILED_UNCHANGED } = CONTRADICTIONS;
  const causeOf = (cause: string | undefined): string => cause ?? 'stays';
  expect(tableOf('data-plane.md', '| Word').map((cells) => cells.slice(1, 4))).toEqual(
    WITNESS_WORDS.map((word) => [
      ...[word, causeOf(SUCCEEDED[word]), causeOf(FAILED_UNCHANGED[word])],
    ]),
  );
});

test.each(['ARCHITECTURE.md', 'CONTRIBUTING.md'])('%s names files that exist', (page) => {
  const named = [...read(page).matchAll(/`((?:src|test|docs|scripts)\/[\w./-]+)`/g)];
  expect(
    named.map(([, file = '']) => file).filter((file) => !existsSync(path.join(ROOT, file))),
  ).toEqual([]);
});

test('ARCHITECTURE.md says where to look in names of the code', () => {
  const [, section = ''] = /## Where to look(\n[\s\S]*?)\n## /.exec(read('ARCHITECTURE.md')) ?? [];
  const code = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => read(`src/${file}`))
    .join('\n');
  const names = [...section.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
  expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(code))).toEqual([]);
});

test('docs/contract.md says when each check passes', () => {
  const [, ids = ''] = /type CheckId =([^;]*);/.exec(read('src/contract/result.ts')) ?? [];
  const page = read('docs/contract.md');
  const checks = [...ids.matchAll(/'([a-z-]+)'/g)].map(([, id = '']) => id);
  expect(checks).not.toEqual([]);
  expect(checks.filter((id) => !page.includes(`\n- \`${id}\``))).toEqual([]);
});

test('README.md has at most a thousand words, and its picture', () => {
  const readme = read('README.md');
  expect(readme.split(/\s+/).filter((word) => word !== '').length).toBeLessThanOrEqual(1000);
  expect(readme).toContain('](docs/images/');
});

test('docs/simulator.md has the faults by name', () => {
  expect(tableOf('simulator.md', '| Name').map((cells) => cells.slice(1, 4))).toEqual(
    Object.entries(NAMED_FAULTS).map(([name, { about, outcome }]) => [name, about, outcome]),
  );
});
