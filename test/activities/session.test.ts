/** What a reading activity does about a refused credential. */
import { describe, expect, test } from '@jest/globals';

import { createReader } from '../../src/activities/session.js';
import { DcsHttpError } from '../../src/dcs/index.js';
import type { DcsClient, DcsErrorFacts } from '../../src/dcs/index.js';

const refused = (more: Pick<DcsErrorFacts, 'clockSkewMs'> = {}): DcsHttpError =>
  new DcsHttpError(
    {
      operation: 'listTasks',
      method: 'GET',
      route: '/tasks',
      delivery: 'answered',
      status: 401,
      bodyParsed: true,
      ...more,
    },
    'refused',
  );

/** A client whose readings fail so often before they work. */
function clientFailing(times: number, error: Error) {
  const counts = { readings: 0, refreshes: 0 };
  const client = {
    listTasks: () => {
      counts.readings += 1;
      return counts.readings <= times
        ? Promise.reject(error)
        : Promise.resolve({ value: [], requestId: null, serverTimeMs: null });
    },
    refreshCredentials: () => {
      counts.refreshes += 1;
      return Promise.resolve();
    },
  } as unknown as DcsClient;
  const reader = createReader(client, 'instance', new AbortController().signal);
  return { reader, counts };
}

describe('a refused credential', () => {
  test('is read anew and the call repeated', async () => {
    const { reader, counts } = clientFailing(1, refused());
    await reader.tasks();
    expect(counts).toStrictEqual({ readings: 2, refreshes: 1 });
  });

  test('is not read anew a second time', async () => {
    const error = refused();
    const { reader, counts } = clientFailing(Infinity, error);
    await expect(reader.tasks()).rejects.toBe(error);
    await expect(reader.tasks()).rejects.toBe(error);
    expect(counts).toStrictEqual({ readings: 3, refreshes: 1 });
  });

  test('is not the matter when the clock is: nothing is read anew or repeated', async () => {
    const error = refused({ clockSkewMs: -960_000 });
    const { reader, counts } = clientFailing(Infinity, error);
    await expect(reader.tasks()).rejects.toBe(error);
    expect(counts).toStrictEqual({ readings: 1, refreshes: 0 });
  });
});
