import { describe, expect, test } from '@jest/globals';

import { SHORT_ID, fitColumns, table } from '../../src/cli/format/table.js';
import type { Column } from '../../src/cli/format/table.js';
import { widthOf, wrapLines } from '../../src/cli/format/text.js';

import { plain } from './support/plain.js';

type Row = readonly [name: string, zone: string, id: string, why: string];

const COLUMNS: readonly Column<Row>[] = [
  { title: 'NAME', rank: 0, min: 6, cell: ([name]) => name },
  { title: 'AZ', rank: 1, cell: ([, zone]) => zone },
  { title: 'ID', rank: 2, cell: ([, , id]) => id, ...SHORT_ID },
  {
    title: 'WHY',
    rank: 3,
    min: 8,
    cell: ([, , , why]) => why,
    isNeeded: ([, , , why]) => why !== '',
  },
];

const ID = '22222222-2222-4222-8222-222222222222';

test('columns stay under each other after characters that take two cells or none', () => {
  const rows: readonly Row[] = [
    ['缓存', 'az1', 'x', ''],
    ['e\u0301', 'az2', 'y', ''],
    ['🚀', 'az3', 'z', ''],
  ];
  expect(plain([table(COLUMNS, rows)])).toBe(
    'NAME  AZ   ID\n缓存  az1  x\ne\u0301     az2  y\n🚀    az3  z',
  );
});

describe('where a line has no room for all columns', () => {
  const rows: readonly Row[] = [['a-long-name', 'az1', ID, 'it is denied by a policy']];

  test.each([
    [100, `a-long-name  az1  ${ID}  it is denied by a policy`],
    [70, `a-long-name  az1  ${ID}  it is denied …`],
    [50, 'a-long-name  az1  22222222…  it is denied by a po…'],
    [30, 'a-long-name  az1  22222222…'],
    [20, 'a-long-name  az1'],
    [12, 'a-long…  az1'],
    [10, 'a-long-na…'],
    [8, 'a-long-…'],
  ])('at %i the least important are cut, then left out', (columns, line) => {
    expect(plain([table(COLUMNS, rows)], columns).split('\n')[1]).toBe(line);
  });

  test('no row is wider than the terminal, as long as the important columns fit', () => {
    for (let columns = 8; columns < 120; columns += 1)
      for (const line of plain([table(COLUMNS, rows)], columns).split('\n'))
        expect(widthOf(line)).toBeLessThanOrEqual(columns);
  });

  test('a column that must stay whole is not cut', () => {
    expect(fitColumns([{ title: 'RUN', rank: 0, width: 36 }], 10)).toEqual([36]);
  });
});

test('a long line is broken between words, under its label or the mark of its list', () => {
  const text = [
    'A sentence that is longer than the terminal is wide.',
    'run   an-id-that-is-longer-than-whatever-is-left another',
    '  ok    workers  2 workers for workflows, 1 worker for activities',
    '  1. Start a worker, and look once more whether it polls.',
    'short',
  ].join('\n');
  expect(wrapLines(text, 40)).toBe(
    [
      'A sentence that is longer than the',
      'terminal is wide.',
      'run   an-id-that-is-longer-than-whatever-is-left',
      '      another',
      '  ok    workers  2 workers for',
      '                 workflows, 1 worker for',
      '                 activities',
      '  1. Start a worker, and look once more',
      '     whether it polls.',
      'short',
    ].join('\n'),
  );
});

test('a command stays whole, to be pasted', () => {
  const line = `  dcs-switchover switch ${'x'.repeat(36)} --toggle --reason 'a long one, with several words'`;
  expect(wrapLines(line, 40)).toBe(line);
});
