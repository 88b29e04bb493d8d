import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { createProcessIo } from '../../src/cli/io.js';

const { isTTY } = process.stderr;
const { TERM } = process.env;

beforeEach(() => {
  process.stderr.isTTY = true;
});

afterEach(() => {
  process.stderr.isTTY = isTTY;
  if (TERM === undefined) delete process.env['TERM'];
  else process.env['TERM'] = TERM;
});

test.each([
  ['xterm-256color', true],
  ['dumb', false],
])('on a terminal of type %s lines may be rewritten: %s', (type, expected) => {
  process.env['TERM'] = type;
  expect(createProcessIo().isTerminal).toBe(expected);
});
