import { expect, test } from '@jest/globals';

import { formatTable, wrapLines } from '../../src/cli/format/text.js';

test('columns stay under each other after characters that take two cells or none', () => {
  const rows = [
    ['NAME', 'AZ'],
    ['缓存', 'az1'],
    ['e\u0301', 'az2'],
  ];
  expect(formatTable(rows)).toBe('NAME  AZ\n缓存  az1\ne\u0301     az2');
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

test.each([
  [
    'a command, to be pasted',
    `  dcs-switchover switch ${'x'.repeat(36)} --toggle --reason 'a long one, with several words'`,
  ],
  ['the row of a table', `${'x'.repeat(36)}  dcs-cart  NOT_STARTED  az1  it is denied`],
])('%s stays whole', (_, line) => {
  expect(wrapLines(line, 40)).toBe(line);
});
