import { expect, test } from '@jest/globals';

import { formatTable } from '../../src/cli/format/text.js';

test('columns stay under each other after characters that take two cells or none', () => {
  const rows = [
    ['NAME', 'AZ'],
    ['缓存', 'az1'],
    ['e\u0301', 'az2'],
  ];
  expect(formatTable(rows)).toBe('NAME  AZ\n缓存  az1\ne\u0301     az2');
});
