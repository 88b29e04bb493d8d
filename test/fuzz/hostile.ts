/** What an attacker, a broken service or a tired person may send. Everything is a recipe. */
import fc from 'fast-check';

import type { Edit, Recipe } from './recipe.js';

/** Names that mean something to JavaScript itself. */
const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'then',
];

const TEXTS = [
  ...['', ' ', '\n', '\u0000', '\u001b[31m', '\u009b31m', '\u202e', '\u2028', '\u200b', '\ufeff'],
  ...[
    '\ud800',
    '\udfff',
    '🔒',
    'e\u0301',
    '\r\nX-Injected: 1',
    '"',
    '\\',
    "'",
    '`',
    '$(id)',
    '%00',
  ],
  ...[
    '../../etc/passwd',
    '..%2f..%2f',
    '/dev/zero',
    '~/',
    'file:///etc/passwd',
    '?',
    '#',
    ';',
    '&',
  ],
  ...[
    'http://169.254.169.254/',
    'https://user:pass@evil.example/',
    '//evil.example',
    'javascript:1',
  ],
  ...[
    '2026-02-30T00:00:00Z',
    '9999-12-31T23:59:59Z',
    '+275760-09-13T00:00:00Z',
    '0000-01-01T00:00:00Z',
  ],
  ...['-1', '0', '1e999', 'NaN', '9007199254740993', '0x10', 'null', 'true', '{}', '[]'],
  ...[
    'SUCCESS',
    'FAIL',
    'RUNNING',
    'master',
    'slave',
    'masterStandbySwapJob',
    'DCS.4049',
    '111400063',
  ],
];

/** Numbers as they may stand in JSON, whether or not a double holds them. */
const NUMBERS = [
  ...[
    '-1',
    '-0',
    '0',
    '1',
    '1.5',
    '1e-7',
    '9007199254740991',
    '9007199254740993',
    '1e308',
    '1e999',
  ],
  ...['8640000000000001', '253402300800000', '-62135596800001', '18446744073709551616'],
];

/** A text: mostly short and strange, sometimes long. */
export const hostileText: fc.Arbitrary<Recipe> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...TEXTS, ...NAMES) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('x', 'a.', '🔒', '\ud800', ' ', '.', '-', '=', '\t'), fc.nat(30_000))
      .map((repeat) => ({ $repeat: repeat })),
  },
);

/** A name of a field. */
export const hostileName: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...NAMES, `x${'🔒'.repeat(100)}`, '\ud800', '\u202e'),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

/** Anything that is no object with more than a few fields. */
export const hostileLeaf: fc.Arbitrary<Recipe> = fc.oneof(
  { weight: 4, arbitrary: hostileText },
  { weight: 2, arbitrary: fc.constantFrom(...NUMBERS).map((number) => ({ $raw: number })) },
  { weight: 2, arbitrary: fc.constantFrom<Recipe>(null, true, false, [], {}, [[]], [null], [{}]) },
  { weight: 1, arbitrary: fc.constantFrom(50, 1_500, 20_000).map((levels) => ({ $deep: levels })) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom<Recipe>(null, 'x', {}, []), fc.nat(2_000))
      .map((list) => ({ $list: list })),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.tuple(hostileName, fc.constantFrom<Recipe>(1, 'x', null, {})), { maxLength: 4 })
      .map((pairs) => ({ $pairs: pairs })),
  },
);

/** A few changes of something that would be accepted. */
export const edits: fc.Arbitrary<readonly Edit[]> = fc.array(
  fc.record({
    at: fc.nat(500),
    how: fc.constantFrom('put', 'put', 'drop', 'add'),
    name: hostileName,
    value: hostileLeaf,
  }),
  { minLength: 1, maxLength: 4 },
);
