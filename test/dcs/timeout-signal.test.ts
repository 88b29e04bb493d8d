/** Time limits that hold whatever the garbage collector has taken. */
import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { expect, test } from '@jest/globals';

import { timeoutSignal } from '../../src/util.js';

const LIMIT_MS = 300;

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
}

/** As an activity has it: the limit itself is known only to the signal of both. */
const withinLimit = (): AbortSignal =>
  AbortSignal.any([new AbortController().signal, timeoutSignal(LIMIT_MS)]);

test('a time limit that is one of several signals strikes, although garbage was collected before', async () => {
  const signal = withinLimit();
  // Not at once: what this turn of the event loop has made is not garbage yet.
  setTimeout(collectGarbage, LIMIT_MS / 3);
  await once(signal, 'abort');
  expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
});

test('a time limit strikes once', async () => {
  let strikes = 0;
  const signal = timeoutSignal(1);
  signal.addEventListener('abort', () => (strikes += 1));
  await new Promise((resolve) => setTimeout(resolve, LIMIT_MS));
  expect({ strikes, aborted: signal.aborted }).toEqual({ strikes: 1, aborted: true });
});
