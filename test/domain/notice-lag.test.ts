import { describe, expect, test } from '@jest/globals';

import { noticeLagMs } from '../../src/domain/clocks.js';

const END = Date.parse('2026-01-01T00:00:10Z');

describe('how late a job was observed to have ended', () => {
  test('is counted by the clock of DCS alone, whose answers report whole seconds', () => {
    expect(noticeLagMs(END, END + 1_000)).toBe(1_500);
    expect(noticeLagMs(END, END)).toBe(500);
  });

  test('is never negative', () => {
    expect(noticeLagMs(END + 900, END)).toBe(0);
  });
});
