import { describe, expect, test } from '@jest/globals';

import { noticeLagMs } from '../../src/domain/notice-lag.js';

const END = Date.parse('2026-01-01T00:00:10Z');

describe('how late a job was seen to have ended', () => {
  test('is counted by this clock, which is finer, while both agree', () => {
    expect(noticeLagMs(END, END + 1_250, END + 1_000)).toBe(1_250);
    expect(noticeLagMs(END, END + 1_250, null)).toBe(1_250);
  });

  test('is counted by the clock of DCS where this one is off', () => {
    expect(noticeLagMs(END, END + 300_000, END + 2_000)).toBe(2_000);
    expect(noticeLagMs(END, END - 300_000, END + 2_000)).toBe(2_000);
  });

  test('is never negative', () => {
    expect(noticeLagMs(END, END - 500, END)).toBe(0);
  });
});
