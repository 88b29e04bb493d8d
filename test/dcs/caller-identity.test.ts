/** Whose credential it is: by STS, and by the rows of what it was answered with. */
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';

import { createAskIdentity, createCallerIdentity } from '../../src/dcs/caller-identity.js';
import { DcsConfigurationError } from '../../src/dcs/index.js';
import type { CloudUser, Credentials } from '../../src/dcs/index.js';
import { startSimulator } from '../../src/simulator/index.js';
import type { FaultActions, Simulator } from '../../src/simulator/index.js';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ instances: [], userName: 'switcher' });
});
afterAll(() => simulator.close());
afterEach(() => {
  jest.restoreAllMocks();
});

const sourceOf = (keys: () => Credentials) => ({
  description: 'test',
  get: () => Promise.resolve().then(keys),
  refresh: () => Promise.resolve(),
});

const keyOf = (accessKey: string, secretKey = 'secret'): Credentials => ({
  ...{ kind: 'access-key', accessKey, secretKey, securityToken: null },
});

const LEARNT: CloudUser = { userId: 'a1', userName: 'shown' };

describe('the user behind a credential', () => {
  test('is reported by STS to whoever signs with its key, which needs no permission', async () => {
    simulator.permissions.deny(['*']);
    const ask = createAskIdentity(simulator.endpoint, {});
    const user = await ask(keyOf(simulator.accessKey, simulator.secretKey));
    simulator.permissions.allowAll();
    expect(user).toEqual({ userName: 'switcher', userId: simulator.account.userId });
    await expect(ask(keyOf(simulator.accessKey, 'wrong'))).rejects.toThrow('STS at');
  });

  test('is not known where an agency calls', async () => {
    const fault = simulator.faults.add({
      route: 'showCallerIdentity',
      respond: {
        status: 200,
        body: { account_id: 'x', principal_urn: 'sts::x:assumed-agency:a/s', principal_id: 'p:s' },
      },
    });
    const ask = createAskIdentity(simulator.endpoint, {});
    expect(await ask(keyOf(simulator.accessKey, simulator.secretKey))).toBeNull();
    fault.remove();
  });

  test('is asked for once for each credential, and not again soon after a failure', async () => {
    let asked = 0;
    let accessKey = 'one';
    const identity = createCallerIdentity(
      sourceOf(() => keyOf(accessKey)),
      () => {
        asked += 1;
        return accessKey === 'bad' ? Promise.reject(new Error('no')) : Promise.resolve(LEARNT);
      },
    );
    await Promise.all([identity.user(), identity.user()]);
    expect(await identity.user()).toMatchObject(LEARNT);
    expect(asked).toBe(1);
    accessKey = 'bad';
    expect([await identity.user(), await identity.user()]).toEqual([null, null]);
    expect(asked).toBe(2);
  });

  test('is learnt from the row of a job that its PUT was answered with, and of no other', async () => {
    let accessKey = 'one';
    const identity = createCallerIdentity(
      sourceOf(() => keyOf(accessKey)),
      null,
    );
    await identity.started('job-1');
    identity.sawRow('job-2', { userId: 'b2', userName: 'else' });
    expect(await identity.user()).toBeNull();
    identity.sawRow('job-1', LEARNT);
    expect(await identity.user()).toMatchObject(LEARNT);
    accessKey = 'another';
    expect(await identity.user()).toBeNull();
  });

  test('is not known where the credential cannot be read', async () => {
    const broken = sourceOf(() => {
      throw new Error('gone');
    });
    const identity = createCallerIdentity(broken, null);
    await identity.started('job-1');
    expect(await identity.user()).toBeNull();
  });

  test.each<[string, object, CloudUser | null]>([
    [
      'its name and id',
      { principal_urn: 'iam::a:user:ann', principal_id: 'u1' },
      { userName: 'ann', userId: 'u1' },
    ],
    [
      'its name, where there is no id',
      { principal_urn: 'iam::a:user:ann', principal_id: '' },
      { userName: 'ann', userId: null },
    ],
    [
      'its name, where the id is no text',
      { principal_urn: 'iam::a:user:ann', principal_id: 7 },
      { userName: 'ann', userId: null },
    ],
    ['no one, where the name is no text', { principal_urn: 7, principal_id: 'u1' }, null],
    ['no one, where the name is that of no user', { principal_urn: 'x:iam::a:user:ann' }, null],
    ['no one, where nothing is answered', {}, null],
  ])('is taken from the answer of STS: %s', async (_, body, user) => {
    const fault = simulator.faults.add({
      ...{ route: 'showCallerIdentity', respond: { status: 200, body } },
    });
    const ask = createAskIdentity(simulator.endpoint, {});
    expect(await ask(keyOf(simulator.accessKey, simulator.secretKey))).toEqual(user);
    fault.remove();
  });

  test('is asked for at an endpoint whose setting is named where it is unusable', () => {
    const create = () => createAskIdentity('http://example.com/x?y', {});
    expect(create).toThrow(DcsConfigurationError);
    expect(create).toThrow(/^stsEndpoint /);
  });

  test('says whose word it is: that of STS, or of a row, which counts more', async () => {
    const identity = createCallerIdentity(
      sourceOf(() => keyOf('one')),
      () => Promise.resolve({ userId: 'u1', userName: 'by-sts' }),
    );
    expect(await identity.user()).toEqual({ userId: 'u1', userName: 'by-sts', by: 'sts' });
    await identity.started('job-1');
    identity.sawRow('job-1', { userId: null, userName: null });
    expect(await identity.user()).toMatchObject({ by: 'sts' });
    identity.sawRow('job-1', { userId: null, userName: 'shown' });
    expect(await identity.user()).toEqual({ userId: null, userName: 'shown', by: 'row' });
    identity.sawRow('job-1', { userId: 'a1', userName: null });
    expect(await identity.user()).toEqual({ userId: 'a1', userName: null, by: 'row' });
  });

  test('is asked for again five minutes after a failure', async () => {
    const now = jest.spyOn(performance, 'now').mockReturnValue(1_000);
    let asked = 0;
    const identity = createCallerIdentity(
      sourceOf(() => keyOf('one')),
      () => {
        asked += 1;
        return asked === 1 ? Promise.reject(new Error('no')) : Promise.resolve(LEARNT);
      },
    );
    expect(await identity.user()).toBeNull();
    now.mockReturnValue(300_999);
    expect(await identity.user()).toBeNull();
    expect(asked).toBe(1);
    now.mockReturnValue(301_000);
    expect(await identity.user()).toMatchObject(LEARNT);
    now.mockReturnValue(0);
    expect(await identity.user()).toMatchObject(LEARNT);
    expect(asked).toBe(2);
  });

  test.each<[string, FaultActions, number]>([
    ['did not answer', { reset: 'before' }, 10_000],
    ['answered that it cannot now', { respond: { status: 503 } }, 10_000],
    ['has a quota, which was spent', { respond: { status: 429 } }, 10_000],
    ['refused, which counts against the key,', { respond: { status: 401 } }, 300_000],
  ])('is asked for again after a while where STS %s', async (_, failure, pauseMs) => {
    const now = jest.spyOn(performance, 'now').mockReturnValue(1_000);
    const { accessKey, secretKey, endpoint, faults } = simulator;
    const ask = createAskIdentity(endpoint, {});
    const fault = faults.add({ route: 'showCallerIdentity', calls: 1, ...failure });
    const keys = keyOf(accessKey, secretKey);
    const identity = createCallerIdentity(
      sourceOf(() => keys),
      ask,
    );
    expect(await identity.user()).toBeNull();
    now.mockReturnValue(1_000 + pauseMs - 1);
    expect(await identity.user()).toBeNull();
    now.mockReturnValue(1_000 + pauseMs);
    expect(await identity.user()).toMatchObject({ userName: 'switcher' });
    fault.remove();
  });

  test('is that of one credential: a token is another than a key of the same letters', async () => {
    let keys: Credentials = keyOf('one');
    const asked: string[] = [];
    const identity = createCallerIdentity(
      sourceOf(() => keys),
      ({ kind }) => {
        asked.push(kind);
        return Promise.resolve(LEARNT);
      },
    );
    await identity.user();
    for (const token of ['one', 'two', 'two']) {
      keys = { kind: 'token', token };
      await identity.user();
    }
    expect(asked).toEqual(['access-key', 'token', 'token']);
  });

  test('is remembered for the last thirty-two credentials and the last thousand jobs', async () => {
    let accessKey = '';
    const asked: string[] = [];
    const identity = createCallerIdentity(
      sourceOf(() => keyOf(accessKey)),
      () => {
        asked.push(accessKey);
        return Promise.resolve(null);
      },
    );
    const use = async (index: number): Promise<void> => {
      accessKey = `key-${index}`;
      await identity.user();
    };
    for (let index = 1; index <= 32; index += 1) await use(index);
    await use(1);
    expect(asked).toHaveLength(32);
    await use(33);
    await use(1);
    expect(asked).toHaveLength(33);
    await use(2);
    expect(asked).toHaveLength(34);
    for (let job = 0; job <= 1_000; job += 1) await identity.started(`job-${job}`);
    identity.sawRow('job-0', LEARNT);
    expect(await identity.user()).toBeNull();
    identity.sawRow('job-1', LEARNT);
    expect(await identity.user()).toMatchObject(LEARNT);
  });
});
