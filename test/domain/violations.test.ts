/** What a finding says of what a history holds, whatever that is. */
import { describe, expect, it, test } from '@jest/globals';

import { findViolations, moreThan, said, when } from '../../src/domain/violations.js';

describe('the text of a finding', () => {
  it.each<[string, unknown, string]>([
    ['an object', {}, 'it says an object.'],
    ['an object that cannot become text', Object.create(null), 'it says an object.'],
    ['a list', ['x'], 'it says an object.'],
    ['nothing', null, 'it says null.'],
    ['a number', 7, 'it says 7.'],
    ['a word', 'UNKNOWN', 'it says UNKNOWN.'],
    ['a function', () => 1, 'it says something.'],
    ['a symbol', Symbol('x'), 'it says something.'],
  ])('of %s', (_, value, text) => {
    expect(said`it says ${value}.`).toBe(text);
  });

  test('is one line of a bounded length', () => {
    const sentences = { name: 'n', sentence: 's', check: (found: string) => [found] };
    const [violation] = findViolations(`a\n${'b'.repeat(1_000)}`, [sentences]);
    expect(violation?.found).toBe(`a?${'b'.repeat(498)}…`);
  });

  test('is none where nothing is broken', () => {
    expect([when(false, 'x'), when(true, 'x')]).toEqual([[], ['x']]);
    expect([moreThan(1, [1], 'PUTs'), moreThan(0, [1], 'PUTs')]).toEqual([
      [],
      ['1 PUTs, 0 allowed'],
    ]);
  });
});
