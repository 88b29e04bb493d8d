import { afterEach, describe, expect, it } from '@jest/globals';

import type { Simulator } from '../../src/simulator/index.js';
import { call, get, pathsOf, post, put, start, stopAll } from './support.js';

afterEach(stopAll);

const ACTIONS: readonly (readonly [string, 'GET' | 'PUT', (simulator: Simulator) => string])[] = [
  ['dcs:instance:list', 'GET', (simulator) => pathsOf(simulator).instances],
  ['dcs:instance:get', 'GET', (simulator) => pathsOf(simulator).instance],
  ['dcs:instance:get', 'GET', (simulator) => pathsOf(simulator).nodes],
  ['dcs:instance:get', 'GET', (simulator) => pathsOf(simulator).groups],
  ['dcs:instance:getBackgroundTask', 'GET', (simulator) => pathsOf(simulator).tasks],
  ['dcs:task:list', 'GET', (simulator) => pathsOf(simulator).centerTasks],
  ['dcs:job:get', 'GET', (simulator) => pathsOf(simulator).job('f'.repeat(32))],
  ['dcs:instance:swap', 'PUT', (simulator) => pathsOf(simulator).swap],
];

describe('a denied action', () => {
  it.each(ACTIONS)('%s is answered 403 by name: %s', async (action, method, pathOf) => {
    const simulator = await start({ deny: [action] });
    const reply = await call(simulator, method, pathOf(simulator));
    expect(reply.status).toBe(403);
    expect(reply.json).toEqual({
      error_code: 'DCS.2007',
      error_msg: `Policy does not allow ${action} to be performed.`,
      error_ext_msg: null,
    });
    expect(simulator.ledger.calls[0]).toMatchObject({ executed: false, user: 'simulated-user' });
    simulator.permissions.allowAll();
    expect((await call(simulator, method, pathOf(simulator))).status).not.toBe(403);
  });

  it('may be a pattern, and leaves the others alone', async () => {
    const simulator = await start({ deny: ['dcs:instance:*'] });
    const { instance, centerTasks } = pathsOf(simulator);
    expect((await get(simulator, instance)).status).toBe(403);
    expect((await get(simulator, centerTasks)).status).toBe(200);
  });

  it('may be denied to one kind of credential only, while it runs', async () => {
    const simulator = await start();
    simulator.permissions.deny(['dcs:instance:swap'], 'metadata');
    const { json } = await get(simulator, '/openstack/latest/securitykey', { unsigned: true });
    const { access, secret, securitytoken } = json.credential;
    const keys = { accessKey: access, secretKey: secret, securityToken: securitytoken };
    const { swap } = pathsOf(simulator);
    expect((await put(simulator, swap, { keys })).status).toBe(403);
    expect((await put(simulator, swap)).status).toBe(200);
  });

  it('of IAM is answered in its words', async () => {
    const simulator = await start({ deny: ['iam:agencies:assume'] });
    const reply = await post(simulator, '/v3.0/OS-CREDENTIAL/securitytokens', {}, {});
    expect(reply.status).toBe(403);
    expect(reply.json.error).toMatchObject({ code: 403, title: 'Forbidden' });
  });
});
