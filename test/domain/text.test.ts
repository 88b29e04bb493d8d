/** Texts of others, cut and checked. */
import { describe, expect, it, test } from '@jest/globals';

import {
  canForge,
  clipBytes,
  countOf,
  cutDeep,
  describeInstance,
  echoOf,
  findTaskQueueProblem,
  isInstant,
  nameOfField,
  pickIds,
  readInstanceName,
  shortId,
} from '../../src/domain/text.js';

describe('a text is cut so that its bytes fit, as JSON writes them', () => {
  it.each([
    ['one byte', 'abcdef', 3, 'abc…'],
    ['two for a quote', 'a"b', 2, 'a…'],
    ['two for a backslash', 'a\\b', 3, 'a\\…'],
    ['six for a control character', 'a\u0001b', 6, 'a…'],
    ['one for a space', 'a b', 2, 'a …'],
    ['two up to U+07FF', '\u07ff\u07ff', 3, '\u07ff…'],
    ['three from U+0800', '\u0800\u0800', 5, '\u0800…'],
    ['three up to U+FFFF', '\uffff\uffff', 5, '\uffff…'],
    ['four beyond', '\u{10000}\u{10000}', 7, '\u{10000}…'],
    ['one up to U+007F', '\u007f\u007f', 1, '\u007f…'],
    ['two from U+0080', '\u0080\u0080', 3, '\u0080…'],
    ['six up to U+001F', '\u001f\u001f', 11, '\u001f…'],
  ])('%s', (_, text, maxBytes, cut) => {
    expect(clipBytes(text, maxBytes)).toBe(cut);
    const bytes = Buffer.byteLength(JSON.stringify(text)) - 2;
    expect(clipBytes(text, 64)).toBe(text);
    expect(bytes).toBeGreaterThan(maxBytes);
  });

  test('and is whole where they fit exactly', () => {
    expect(clipBytes('a"b', 4)).toBe('a"b');
    expect(clipBytes('', 0)).toBe('');
  });
});

describe('a text can forge', () => {
  it.each([
    '\u0007',
    '\u001b',
    '\r',
    '\u2028',
    '\u2029',
    '\u202a',
    '\u202e',
    '\u2066',
    '\u2069',
    '\u061c',
    '\u200e',
    '\u200f',
    '\ud800',
  ])('with %j', (character) => {
    expect(canForge(`a${character}b`)).toBe(true);
  });

  it.each(['a\nb', 'a\tb', 'é', '🔒', '\u2027', '\u202f', '\u2065', '\u206a'])(
    'not with %j',
    (text) => {
      expect(canForge(text)).toBe(false);
    },
  );
});

describe('an input that no one has validated', () => {
  test('is repeated up to 128 characters, and only where it is text', () => {
    expect(echoOf({ id: 'x'.repeat(128) }, 'id')).toBe('x'.repeat(128));
    expect(echoOf({ id: 'x'.repeat(129) }, 'id')).toBe(`${'x'.repeat(128)}…`);
    expect(echoOf({ id: 7 }, 'id')).toBeNull();
  });

  test('gives its ids, each null where it has none', () => {
    const none = {
      ...{ mode: null, projectId: null, instanceId: null },
      ...{ region: null, requestId: null, changeId: null },
    };
    expect(pickIds(null)).toStrictEqual(none);
    expect(pickIds({ mode: 'plan', changeId: 'C1', reason: 'x' })).toStrictEqual({
      ...{ ...none, mode: 'plan', changeId: 'C1' },
    });
  });
});

describe('the name of a task queue', () => {
  it.each([
    ['', 'is empty'],
    ['  ', 'is empty'],
    ['q'.repeat(201), 'is longer than 200 characters'],
    [' q', 'begins or ends with a space'],
    ['q\t', 'begins or ends with a space'],
    ['a\nb', 'holds a line break or another invisible character'],
    ['a\u200bb', 'holds a line break or another invisible character'],
    ['a\u2028b', 'holds a line break or another invisible character'],
    ['a\u2029b', 'holds a line break or another invisible character'],
    ['q'.repeat(200), null],
    ['a b', null],
  ])('%j: %s', (name, problem) => {
    expect(findTaskQueueProblem(name)).toBe(problem);
  });
});

describe('an instant', () => {
  it.each([
    ['2026-02-28T00:00:00Z', true],
    ['2028-02-29T23:59:59+02:00', true],
    ['2026-01-01T00:00:00.123456789-11:30', true],
    ['2026-02-30T00:00:00Z', false],
    ['2026-13-01T00:00:00Z', false],
    ['2026-01-01T24:00:01Z', false],
    ['2026-01-01T00:00:00', false],
    ['2026-01-01T00:00Z', false],
    ['2026-01-01T00:00:00.1234567890Z', false],
    ['2026-01-01T00:00:00.Z', false],
    ['2026-01-01T00:00:00+0200', false],
    ['x2026-01-01T00:00:00Z', false],
    ['2026-01-01T00:00:00Zx', false],
    ['2026-01-01 00:00:00Z', false],
    [1_766_556_000_000, false],
    [null, false],
  ])('is %j: %s', (value, isOne) => {
    expect(isInstant(value)).toBe(isOne);
  });
});

describe('an instance in a line of text', () => {
  const ID = '5560df16-cebf-4473-95c4-d1b573c16e79';

  test('has its name and the beginning of its id, or else the whole id', () => {
    expect(describeInstance(ID, 'cart')).toBe('cart (5560df16…)');
    expect(describeInstance(ID, null)).toBe(ID);
    expect(shortId('i1')).toBe('i1');
  });

  it.each([
    ['cart', 'cart'],
    [' cart\u202e\n2 ', 'cart??2'],
    ['x'.repeat(70), `${'x'.repeat(64)}…`],
    ['  ', null],
    [undefined, null],
    [7, null],
  ])('has of the name %j what can be shown: %j', (name, shown) => {
    expect(readInstanceName(name)).toBe(shown);
  });
});

describe('an input, however deep,', () => {
  /** `leaf` under so many levels, by turns of a list and an object. */
  const nest = (levels: number, leaf: unknown): unknown =>
    Array.from({ length: levels }).reduce<unknown>(
      (inner, _, level) => (level % 2 === 0 ? [inner] : { inner }),
      leaf,
    );

  test.each([null, 7, 'text', true, undefined])('is handed on as it is: %j', (value) => {
    expect(cutDeep(value)).toBe(value);
    expect(cutDeep({ a: [value, { b: value }], c: value })).toEqual({
      ...{ a: [value, { b: value }], c: value },
    });
  });

  test('is whole up to as many levels as are asked for, and cut below', () => {
    expect(cutDeep(nest(3, {}), 4)).toEqual(nest(3, {}));
    expect(cutDeep(nest(3, {}), 3)).toEqual(nest(3, '…'));
    expect(cutDeep(nest(3, 'leaf'), 3)).toEqual(nest(3, 'leaf'));
    expect(cutDeep(nest(40, 'leaf'))).toEqual(nest(32, '…'));
  });

  test('has fields whose names are fit for a message', () => {
    expect(['', 'a', 'a\nb', 'x'.repeat(65)].map(nameOfField)).toEqual([
      ...['""', 'a', 'a?b', `${'x'.repeat(64)}…`],
    ]);
  });
});

test('a count goes with its noun', () => {
  expect([0, 1, 2].map((count) => countOf(count, 'run'))).toEqual(['0 runs', '1 run', '2 runs']);
});
