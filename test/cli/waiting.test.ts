import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';

import { showWaiting } from '../../src/cli/waiting.js';

import { createFakeIo } from './support/fake-io.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test('says nothing of a step that is over within two seconds', () => {
  const io = createFakeIo();
  const waiting = showWaiting(io);
  waiting.step('Starting the worker');
  jest.advanceTimersByTime(1900);
  waiting.step('Starting the simulator');
  jest.advanceTimersByTime(1900);
  waiting.end();
  jest.advanceTimersByTime(60_000);
  expect(io.stderr()).toBe('');
});

test('says in a log what it waits for after two seconds, then every half minute', () => {
  const io = createFakeIo();
  const waiting = showWaiting(io);
  waiting.step('Fetching Redis');
  jest.advanceTimersByTime(63_000);
  waiting.end();
  expect(io.stderr()).toBe(
    'Fetching Redis … 2 s\nFetching Redis … 32 s\nFetching Redis … 1 min 2 s\n',
  );
});

test('rewrites one line on a terminal and leaves nothing of it', () => {
  const io = createFakeIo({ isTerminal: true });
  const waiting = showWaiting(io);
  waiting.step('Fetching Redis');
  jest.advanceTimersByTime(3000);
  waiting.end();
  expect(
    io
      .stderr()
      .split('\r')
      .map((line) => line.replace('\u001B[K\u001B[J', '')),
  ).toEqual([...['', 'Fetching Redis … 2 s', 'Fetching Redis … 3 s', '']]);
});
