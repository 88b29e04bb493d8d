/** What a reading activity does about a refused credential. */
import { describe, expect, test } from '@jest/globals';

import { createReader, readJudgedInstance } from '../../src/activities/session.js';
import { OPEN_POLICY } from '../../src/activities/index.js';
import { DcsHttpError } from '../../src/dcs/index.js';
import type { DcsClient, DcsErrorFacts } from '../../src/dcs/index.js';
import { INSTANCE as READ } from '../domain/support.js';

const INSTANCE = { ...READ, tags: null };

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
  test('is read again and the call repeated', async () => {
    const { reader, counts } = clientFailing(1, refused());
    await reader.tasks();
    expect(counts).toStrictEqual({ readings: 2, refreshes: 1 });
  });

  test('is not read again a second time', async () => {
    const error = refused();
    const { reader, counts } = clientFailing(Infinity, error);
    await expect(reader.tasks()).rejects.toBe(error);
    await expect(reader.tasks()).rejects.toBe(error);
    expect(counts).toStrictEqual({ readings: 3, refreshes: 1 });
  });

  test('is not the matter when the clock is: nothing is read again or repeated', async () => {
    const error = refused({ clockSkewMs: -960_000 });
    const { reader, counts } = clientFailing(Infinity, error);
    await expect(reader.tasks()).rejects.toBe(error);
    expect(counts).toStrictEqual({ readings: 1, refreshes: 0 });
  });
});

describe('the roles of an instance', () => {
  const answerWith = (status: number | null) => () =>
    status === null
      ? Promise.resolve({ value: [], requestId: 'groups', serverTimeMs: null })
      : Promise.reject(
          new DcsHttpError(
            {
              ...{ operation: 'listNodes', method: 'GET', route: '/nodes' },
              ...{ delivery: 'answered', status, bodyParsed: true },
            },
            `status ${status}`,
          ),
        );
  const rolesBy = (nodes: number | null, groups: number | null) =>
    createReader(
      { listNodes: answerWith(nodes), listGroups: answerWith(groups) } as unknown as DcsClient,
      'instance',
      new AbortController().signal,
    ).roles();

  test.each([400, 403, 404, 405, 410])(
    'come from the groups where the nodes answer %d',
    async (status) => {
      expect((await rolesBy(status, null)).requestId).toBe('groups');
    },
  );

  test('are reported by the error of the nodes where neither answers', async () => {
    await expect(rolesBy(403, 404)).rejects.toThrow('status 403');
  });

  test('are reported by the error of the groups where that may pass', async () => {
    await expect(rolesBy(403, 503)).rejects.toThrow('status 503');
  });

  test('are not asked of the groups where the nodes may answer later', async () => {
    await expect(rolesBy(503, null)).rejects.toThrow('status 503');
  });
});

test('tags that a rule asks for and the API refuses are known to be refused', async () => {
  const forbidden = new DcsHttpError(
    {
      ...{ operation: 'showTags', method: 'GET', route: '/tags' },
      ...{ delivery: 'answered', status: 403, bodyParsed: true },
    },
    'forbidden',
  );
  const dataPlane = { asksForTags: () => true, offerFor: () => Promise.resolve(null) };
  const instance = () => Promise.resolve({ value: INSTANCE, serverTimeMs: null, requestId: null });
  const read = (tags: () => Promise<never>) =>
    readJudgedInstance({ instanceId: 'i', instance, tags }, { policy: OPEN_POLICY, dataPlane });
  const { value } = await read(() => Promise.reject(forbidden));
  expect(value).toMatchObject({ tags: null, areTagsRefused: true });
});
