/** Whose words make a freeze, and which records of one are open. */
import { describe, expect, it, test } from '@jest/globals';

import {
  describeFreeze,
  findFreezeProblems,
  FREEZE_NOTE_PREFIX,
  isRecordOpen,
  makeFreezeNote,
  toFreeze,
  UNREADABLE_FREEZE,
} from '../../src/domain/freeze.js';

const FREEZE = { until: '2026-12-24T06:00:00Z', by: 'ann', reason: 'quarter end' };

const fieldsWithProblems = (input: unknown) => findFreezeProblems(input).map(({ field }) => field);

describe('the words of a freeze', () => {
  test('are taken as they are, up to their longest', () => {
    const longest = { ...FREEZE, reason: 'r'.repeat(1024), by: 'b'.repeat(128) };
    for (const words of [FREEZE, longest]) {
      expect(findFreezeProblems(words)).toStrictEqual([]);
      expect(toFreeze(words)).toBe(words);
    }
  });

  test.each([
    ['until', 'no zone', '2026-12-24T06:00:00'],
    ['until', 'no text', 1_766_556_000_000],
    ['reason', 'nothing', undefined],
    ['reason', 'blanks', ' \n'],
    ['reason', 'a list with a text', ['quarter end']],
    ['reason', 'one character too many', 'r'.repeat(1025)],
    ['reason', 'a control character', 'quarter\u0007end'],
    ['by', 'nothing', null],
    ['by', 'blanks', '  '],
    ['by', 'one character too many', 'b'.repeat(129)],
    ['by', 'a mark that turns the direction', 'nna\u202E'],
  ])('are none where `%s` is %s, and say which', (field, _, value) => {
    expect(fieldsWithProblems({ ...FREEZE, [field]: value })).toStrictEqual([field]);
    expect(toFreeze({ ...FREEZE, [field]: value })).toBe(UNREADABLE_FREEZE);
  });

  test.each([[null], ['frozen'], [[FREEZE]]])('are none in %j', (input) => {
    expect(fieldsWithProblems(input)).toStrictEqual(['until', 'reason', 'by']);
  });
});

test('a freeze whose words cannot be read lasts until someone ends it, and is itself well formed', () => {
  expect(findFreezeProblems(UNREADABLE_FREEZE)).toStrictEqual([]);
  expect(UNREADABLE_FREEZE).toMatchObject({ until: '9999-12-31T23:59:59Z', by: 'somebody' });
  expect(UNREADABLE_FREEZE.reason).toContain('dcs-switchover-freeze');
});

describe('the record of a freeze', () => {
  it.each([1, 8])('is open while its run is running or paused (%i)', (status) => {
    expect(isRecordOpen(status)).toBe(true);
  });

  it.each([0, 2, 3, 4, 5, 6, 7, undefined, 'RUNNING'])(
    'is over in any other state (%s)',
    (status) => {
      expect(isRecordOpen(status)).toBe(false);
    },
  );
});

test('the note of a paused schedule begins as no one else’s does, and shows in one line', () => {
  const note = makeFreezeNote({ ...FREEZE, reason: 'quarter\nend' });
  expect(note).toBe('frozen until 2026-12-24T06:00:00Z by ann: quarter\nend');
  expect(note.startsWith(FREEZE_NOTE_PREFIX)).toBe(true);
  expect(describeFreeze({ ...FREEZE, reason: ' quarter\nend' })).toBe(
    'frozen until 2026-12-24T06:00:00Z by ann: quarter end',
  );
});
