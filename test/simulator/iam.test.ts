import { afterEach, describe, expect, it } from '@jest/globals';

import type { Simulator } from '../../src/simulator/index.js';
import { get, pathsOf, post, put, start, stopAll } from './support.js';
import type { Reply } from './support.js';

const TOKENS = '/v3/auth/tokens';
const TEMPORARY_KEYS = '/v3.0/OS-CREDENTIAL/securitytokens';

afterEach(stopAll);

interface Login {
  readonly password?: string;
  readonly scope?: unknown;
}

function logIn(simulator: Simulator, { password, scope }: Login = {}): Promise<Reply> {
  const { userName, domainName, password: own } = simulator.account;
  const user = { name: userName, password: password ?? own, domain: { name: domainName } };
  return post(simulator, TOKENS, {
    auth: {
      identity: { methods: ['password'], password: { user } },
      scope: scope ?? { project: { id: simulator.projectId } },
    },
  });
}

const tokenOf = (reply: Reply): string => String(reply.headers['x-subject-token']);

const readWith = (simulator: Simulator, token: string): Promise<Reply> =>
  get(simulator, pathsOf(simulator).instance, {
    unsigned: true,
    headers: { 'x-auth-token': token },
  });

/** Assumes the agency, by a signed request. */
function assume(simulator: Simulator, changes: Record<string, unknown> = {}): Promise<Reply> {
  const { agencyName, domainName } = simulator.account;
  const role = { agency_name: agencyName, domain_name: domainName, duration_seconds: 900 };
  const identity = { methods: ['assume_role'], assume_role: { ...role, ...changes } };
  return post(simulator, TEMPORARY_KEYS, { auth: { identity } }, {});
}

const keysOf = ({ json }: Reply) => ({
  accessKey: json.credential.access,
  secretKey: json.credential.secret,
  securityToken: json.credential.securitytoken,
});

describe('an IAM token', () => {
  it.each([
    ['id', (simulator: Simulator) => ({ project: { id: simulator.projectId } })],
    ['name', (simulator: Simulator) => ({ project: { name: simulator.region } })],
  ])('for the project by its %s opens the API and lasts a day', async (_, scopeOf) => {
    const simulator = await start();
    const reply = await logIn(simulator, { scope: scopeOf(simulator) });
    expect(reply.status).toBe(201);
    expect(reply.json.token.project?.id).toBe(simulator.projectId);
    expect(reply.json.token.expires_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    const lifetimeMs = Date.parse(reply.json.token.expires_at) - Date.now();
    expect(Math.round(lifetimeMs / 3_600_000)).toBe(24);
    expect((await readWith(simulator, tokenOf(reply))).status).toBe(200);
    expect(simulator.ledger.calls.at(-1)).toMatchObject({ user: 'simulated-user' });
  });

  it('is refused for a wrong password, in the words of IAM', async () => {
    const simulator = await start();
    const reply = await logIn(simulator, { password: 'wrong' });
    expect(reply.status).toBe(401);
    expect(reply.json).toEqual({
      error: { code: 401, message: 'The username or password is wrong.', title: 'Unauthorized' },
    });
    expect(reply.headers).not.toHaveProperty('x-subject-token');
  });

  it('needs the new password once it is changed; issued tokens stay good', async () => {
    const simulator = await start({ password: 'first' });
    const token = tokenOf(await logIn(simulator));
    simulator.account.setPassword('second');
    expect((await logIn(simulator, { password: 'first' })).status).toBe(401);
    expect((await logIn(simulator, { password: 'second' })).status).toBe(201);
    expect((await readWith(simulator, token)).status).toBe(200);
  });

  it('is refused for another project, and for a body that is none', async () => {
    const simulator = await start();
    const other = await logIn(simulator, { scope: { project: { id: 'f'.repeat(32) } } });
    expect([other.status, other.json.error.title]).toEqual([401, 'Unauthorized']);
    const empty = await post(simulator, TOKENS, { auth: {} });
    expect([empty.status, empty.json.error.title]).toEqual([400, 'Bad Request']);
  });

  it('of the whole domain is not good for a project', async () => {
    const simulator = await start();
    const { domainName } = simulator.account;
    const reply = await logIn(simulator, { scope: { domain: { name: domainName } } });
    expect((await readWith(simulator, tokenOf(reply))).json.error_code).toBe('DCS.1004');
  });

  it('is refused when no one has issued it, in the words of the gateway', async () => {
    const simulator = await start();
    const reply = await readWith(simulator, 'invented');
    expect(reply.status).toBe(401);
    expect(reply.json).toEqual({
      error_msg: 'Incorrect IAM authentication information: decrypt token fail',
      error_code: 'APIGW.0301',
      request_id: reply.headers['x-request-id'],
    });
  });

  it('is refused once its lifetime is over, and a new one is not', async () => {
    const simulator = await start({ tokenLifetimeSeconds: 60 });
    const token = tokenOf(await logIn(simulator));
    simulator.setClockOffset(61_000);
    const late = await readWith(simulator, token);
    expect([late.status, late.json.error_code]).toEqual([401, 'APIGW.0307']);
    expect((await readWith(simulator, tokenOf(await logIn(simulator)))).status).toBe(200);
  });

  it('swaps in the name of its user', async () => {
    const simulator = await start({ userName: 'operator' });
    const token = tokenOf(await logIn(simulator));
    const options = { unsigned: true, headers: { 'x-auth-token': token } };
    expect((await put(simulator, pathsOf(simulator).swap, options)).status).toBe(200);
    expect(simulator.ledger.swaps).toMatchObject([{ byUser: 'operator' }]);
  });
});

describe('a temporary key of an agency', () => {
  it('is issued to a signed request and lasts as long as asked', async () => {
    const simulator = await start();
    const reply = await assume(simulator, { duration_seconds: 1800 });
    expect(reply.status).toBe(201);
    const lifetimeMs = Date.parse(reply.json.credential.expires_at) - Date.now();
    expect(Math.round(lifetimeMs / 60_000)).toBe(30);
    const keys = keysOf(reply);
    const { swap } = pathsOf(simulator);
    expect((await put(simulator, swap, { keys })).status).toBe(200);
    expect(simulator.ledger.swaps).toMatchObject([{ byUser: 'simulated-domain/simulated-agency' }]);
    const withoutToken = { ...keys, securityToken: null };
    expect((await put(simulator, swap, { keys: withoutToken })).status).toBe(401);
  });

  it('is refused to a request with a wrong signature, by the gateway', async () => {
    const simulator = await start();
    const keys = { accessKey: simulator.accessKey, secretKey: 'wrong' };
    const reply = await post(simulator, TEMPORARY_KEYS, {}, { keys });
    expect([reply.status, reply.json.error_code]).toEqual([401, 'APIGW.0301']);
  });

  it.each([
    ['another agency', { agency_name: 'other' }, 404],
    ['another account', { domain_name: 'other' }, 404],
    ['less than 15 minutes', { duration_seconds: 899 }, 400],
    ['more than a day', { duration_seconds: 86_401 }, 400],
  ])('is refused for %s', async (_, changes, status) => {
    const simulator = await start();
    const reply = await assume(simulator, changes);
    expect([reply.status, reply.json.error.code]).toEqual([status, status]);
  });

  it.each([
    [
      'its lifetime is over',
      (simulator: Simulator) => {
        simulator.setClockOffset(901_000);
      },
      901_000,
    ],
    [
      'the simulator expires it',
      (simulator: Simulator) => {
        simulator.expireIssued();
      },
      0,
    ],
  ])('stops working when %s; the own key goes on', async (_, end, offsetMs) => {
    const simulator = await start();
    const keys = keysOf(await assume(simulator));
    end(simulator);
    const date = new Date(Date.now() + offsetMs);
    const { instance } = pathsOf(simulator);
    const late = await get(simulator, instance, { keys, date });
    expect([late.status, late.json.error_code]).toEqual([401, 'APIGW.0301']);
    expect(late.json.error_msg).toContain('token expires');
    expect((await get(simulator, instance, { date })).status).toBe(200);
  });
});
