/** Each test that SECURITY.md names is there. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

import { expect, test } from '@jest/globals';

const ROOT = path.join(__dirname, '../..');

function textsBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const place = path.join(folder, name);
    if (statSync(place).isDirectory()) return textsBelow(place);
    const isTest = name.endsWith('.test.ts') || folder.endsWith('corpus');
    return isTest && place !== __filename ? [readFileSync(place, 'utf8')] : [];
  });
}

const document = readFileSync(path.join(ROOT, 'SECURITY.md'), 'utf8');
const table = document.split('<!-- asvs -->')[1]?.split('<!-- /asvs -->')[0] ?? '';
const rows = [...table.matchAll(/^\| (\d+\.\d+\.\d+) +\|[^|]+\| `([^`]+)`/gm)];

test('every requirement of the table has a test of that title', () => {
  const tests = textsBelow(path.join(ROOT, 'test')).join('\n');
  expect(rows.length).toBeGreaterThanOrEqual(10);
  for (const [, row, title = ''] of rows)
    expect({ row, isThere: tests.includes(`'${title}'`) || tests.includes(`"${title}"`) }).toEqual({
      row,
      isThere: true,
    });
});
