/** Numbers of callers: what is none must become an error that they can catch, never a timer that fires at once. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';

import { InvalidInputError, TemporalConfigError, createDcsSwitchover } from '../../src/client.js';

const connection = Connection.lazy({ address: '127.0.0.1:1' });
const client = new Client({ connection });
afterAll(() => connection.close());

const RUN = {
  projectId: '0ebd32bc6a0123456789abcdef012345',
  instanceId: '5560df16-cebf-4473-95c4-d1b573c16e79',
};
const NO_TIMES = [NaN, -1, Infinity, 2 ** 31];

describe.each(NO_TIMES)('a time of %d ms is refused by the name of its option', (timeMs) => {
  const dcs = createDcsSwitchover({ client });

  test('for all calls of a client', () => {
    const create = () => createDcsSwitchover({ client, rpcTimeoutMs: timeMs });
    expect(create).toThrow(InvalidInputError);
    expect(create).toThrow('rpcTimeoutMs');
  });

  test('while one waits for a switchover or a maintenance', async () => {
    const options = { timeoutMs: timeMs };
    await expect(dcs.switchover.result(RUN, options)).rejects.toThrow('timeoutMs is');
    const ref = { maintenanceId: 'drill' };
    await expect(dcs.maintenance.result(ref, options)).rejects.toThrow('timeoutMs is');
  });
});

test('a limit of the history that is no number is refused', async () => {
  const { switchover } = createDcsSwitchover({ client });
  await expect(switchover.history(RUN, { limit: NaN })).rejects.toThrow('limit is');
});

test.each(['', ' ', 'mine\u0007', 'mine\n', ' mine', 'x'.repeat(201), 'mi\u202ene'])(
  'the task queue %j, which no one could serve, is refused by its name',
  (taskQueue) => {
    const create = () => createDcsSwitchover({ client, taskQueue });
    expect(create).toThrow(TemporalConfigError);
    expect(create).toThrow('task queue');
  },
);
