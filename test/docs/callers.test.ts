/** docs/callers.md shows the code of the examples as it is, and names every schema and example. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { expect, test } from '@jest/globals';

const ROOT = path.join(__dirname, '../..');
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');
const page = read('docs/callers.md');

/** The blocks that say from which file they are. */
const QUOTES = [...page.matchAll(/<!-- from (\S+) -->\n\n```\w+\n([\s\S]*?)\n```/g)].map(
  ([, file = '', code = '']) => ({ file, code }),
);

const filesIn = (folder: string): string[] =>
  readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(?:py|go|sh|ts)$/.test(file))
    .map((file) => path.posix.join(folder, file));

test.each(QUOTES)('the code from $file stands in it', ({ file, code }) => {
  expect(read(file)).toContain(code);
});

test('every example is quoted', () => {
  expect([...new Set(QUOTES.map(({ file }) => file))].sort()).toEqual(filesIn('examples').sort());
});

test('every file of schemas/ is reported', () => {
  const reported = new Set([...page.matchAll(/`([\w.-]+\.json)`/g)].map(([, name]) => name));
  expect([...reported].sort()).toEqual(readdirSync(path.join(ROOT, 'schemas')).sort());
});
