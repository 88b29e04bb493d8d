import { afterEach, describe, expect, it } from '@jest/globals';

import type { Simulator } from '../../src/simulator/index.js';
import { call, get, pathsOf, post, start, stopAll } from './support.js';
import type { Reply } from './support.js';

afterEach(stopAll);

const askAgent = (simulator: Simulator, token: string): Promise<Reply> =>
  call(simulator, 'POST', '/v1/credentials', {
    ...{ unsigned: true, body: '{}' },
    headers: { authorization: token },
  });

describe('the pod identity agent', () => {
  it('gives a temporary key of the agency that opens the API', async () => {
    const simulator = await start();
    const reply = await askAgent(simulator, simulator.account.serviceAccountToken);
    expect(reply.status).toBe(200);
    const { accessKeyId, secretAccessKey, securityToken } = (
      reply.json as unknown as { credentials: Record<string, string> }
    ).credentials;
    const keys = {
      accessKey: accessKeyId ?? '',
      secretKey: secretAccessKey ?? '',
      securityToken: securityToken ?? '',
    };
    expect((await get(simulator, pathsOf(simulator).instance, { keys })).status).toBe(200);
    expect(simulator.ledger.calls.at(-1)).toMatchObject({
      user: 'simulated-domain/simulated-agency',
    });
  });

  it('takes the token of now only', async () => {
    const simulator = await start();
    const { serviceAccountToken } = simulator.account;
    simulator.account.setServiceAccountToken('next');
    expect((await askAgent(simulator, serviceAccountToken)).status).toBe(401);
    expect((await askAgent(simulator, 'next')).status).toBe(200);
  });
});

describe('an ID token', () => {
  const logIn = (simulator: Simulator, idpId: string, idToken: string): Promise<Reply> =>
    post(
      simulator,
      '/v3.0/OS-AUTH/id-token/tokens',
      { auth: { id_token: { id: idToken } } },
      { unsigned: true, headers: { 'x-idp-id': idpId } },
    );
  const exchange = (simulator: Simulator, id: string): Promise<Reply> =>
    post(
      simulator,
      '/v3.0/OS-CREDENTIAL/securitytokens',
      { auth: { identity: { methods: ['token'], token: { id, duration_seconds: 21_600 } } } },
      { unsigned: true },
    );

  it('is exchanged for a token, and that for a key that opens the API', async () => {
    const simulator = await start();
    const { idpId, serviceAccountToken } = simulator.account;
    const login = await logIn(simulator, idpId, serviceAccountToken);
    expect(login.status).toBe(201);
    const reply = await exchange(simulator, String(login.headers['x-subject-token']));
    expect(reply.status).toBe(201);
    const { access, secret, securitytoken, expires_at: expiresAt } = reply.json.credential;
    expect(Math.round((Date.parse(expiresAt) - Date.now()) / 3_600_000)).toBe(6);
    const keys = { accessKey: access, secretKey: secret, securityToken: securitytoken };
    expect((await get(simulator, pathsOf(simulator).instance, { keys })).status).toBe(200);
    expect(simulator.ledger.calls.at(-1)).toMatchObject({ user: 'simulated-domain/simulated-idp' });
  });

  it('is refused for another provider, when it is wrong, and so is an invented token', async () => {
    const simulator = await start({ idpId: 'k8s', serviceAccountToken: 'right' });
    expect((await logIn(simulator, 'other', 'right')).status).toBe(404);
    expect((await logIn(simulator, 'k8s', 'wrong')).status).toBe(401);
    expect((await exchange(simulator, 'invented')).status).toBe(401);
  });
});
