import { afterEach, describe, expect, it } from '@jest/globals';

import type { Simulator, SimulatorOptions } from '../../src/simulator/index.js';
import { call, get, pathsOf, start, stopAll } from './support.js';
import type { Reply } from './support.js';

afterEach(stopAll);

const askToken = (simulator: Simulator, seconds: string | null = '21600'): Promise<Reply> =>
  call(simulator, 'PUT', '/meta-data/latest/api/token', {
    unsigned: true,
    headers: seconds === null ? {} : { 'x-metadata-token-ttl-seconds': seconds },
  });

const askKey = (simulator: Simulator, token?: string): Promise<Reply> =>
  get(simulator, '/openstack/latest/securitykey', {
    unsigned: true,
    headers: token === undefined ? {} : { 'x-metadata-token': token },
  });

const startWith = (metadata: SimulatorOptions['metadata'] = {}): Promise<Simulator> =>
  start({ metadata });

describe('the metadata service', () => {
  it('gives a token, and for it a temporary key that opens the API', async () => {
    const simulator = await startWith();
    const token = await askToken(simulator);
    expect(token.status).toBe(200);
    const reply = await askKey(simulator, token.text);
    expect(reply.status).toBe(200);
    const { access, secret, securitytoken } = reply.json.credential;
    const keys = { accessKey: access, secretKey: secret, securityToken: securitytoken };
    expect((await get(simulator, pathsOf(simulator).instance, { keys })).status).toBe(200);
    expect(simulator.ledger.calls.at(-1)).toMatchObject({
      user: 'simulated-domain/simulated-ecs-agency',
    });
  });

  it.each([null, '0', '21601', 'soon'])('gives no token for a lifetime of %s', async (seconds) => {
    expect((await askToken(await startWith(), seconds)).status).toBe(400);
  });

  it('gives no key for a token that is invented or out of date', async () => {
    const simulator = await startWith();
    const { text } = await askToken(simulator, '60');
    expect((await askKey(simulator, 'invented')).status).toBe(401);
    simulator.setClockOffset(61_000);
    expect((await askKey(simulator, text)).status).toBe(401);
  });

  it.each([
    ['optional', 200, 200],
    ['required', 200, 401],
    ['unavailable', 404, 200],
  ] as const)(
    'with tokens %s answers %d to the wish for one and %d without one',
    async (tokens, tokenStatus, keyStatus) => {
      const simulator = await startWith({ tokens });
      expect((await askToken(simulator)).status).toBe(tokenStatus);
      expect((await askKey(simulator)).status).toBe(keyStatus);
    },
  );

  it('says when no agency is configured', async () => {
    const reply = await askKey(await startWith({ agencyName: null }));
    expect(reply.status).toBe(401);
    expect(reply.text).toContain('Please configure Cloud Service Agency first');
  });

  it('gives keys of the lifetime that the options name', async () => {
    const simulator = await start({ temporaryKeyLifetimeSeconds: 5 });
    const { expires_at: expiresAt } = (await askKey(simulator)).json.credential;
    expect(Date.parse(expiresAt) - Date.now()).toBeLessThanOrEqual(5000);
  });
});
