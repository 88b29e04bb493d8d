/** The seeded bugs of the simulation: code moves on, and a patch that no longer applies proves nothing. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { expect, test } from '@jest/globals';

const ROOT = path.join(__dirname, '../..');
const BUGS = path.join(ROOT, 'test/simulation/bugs');

const patches = readdirSync(BUGS, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.patch'))
  .sort();

/** What a patch asks a file to hold, hunk by hunk. */
function expectedBy(patch: string): { readonly file: string; readonly text: string }[] {
  return patch.split(/^diff --git /m).flatMap((part) => {
    const [, file = ''] = /^\+\+\+ b\/(.+)$/m.exec(part) ?? [];
    const [, ...hunks] = part.split(/^@@ .*\n/m);
    return hunks.map((hunk) => {
      const lines = hunk.split('\n').filter((line) => /^[ -]/.test(line));
      return { file, text: lines.map((line) => line.slice(1)).join('\n') };
    });
  });
}

test.each(patches)('the seeded bug %s can still be seeded', (name) => {
  const hunks = expectedBy(readFileSync(path.join(BUGS, name), 'utf8'));
  expect(hunks).not.toEqual([]);
  for (const { file, text } of hunks)
    expect(readFileSync(path.join(ROOT, file), 'utf8')).toContain(text);
});

test('each seeded bug has its row of figures, and no other has one', () => {
  const page = readFileSync(path.join(ROOT, 'docs/reliability.md'), 'utf8');
  const [, table = ''] = /<!-- seeded bugs -->([^]*)<!-- \/seeded bugs -->/.exec(page) ?? [];
  const rows = [...table.matchAll(/^\| ([a-z]\S+) /gm)].map(([, name]) => name);
  expect(rows).toEqual(patches.map((name) => name.replace(/\.patch$/, '').replaceAll('\\', '/')));
});
