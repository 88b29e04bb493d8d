/** Whose credential it is: by STS, and by the rows of what it was answered with. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { createAskIdentity, createCallerIdentity } from '../../src/dcs/caller-identity.js';
import type { CloudUser, Credentials } from '../../src/dcs/index.js';
import { startSimulator } from '../../src/simulator/index.js';
import type { Simulator } from '../../src/simulator/index.js';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ instances: [], userName: 'switcher' });
});
afterAll(() => simulator.close());

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
});
