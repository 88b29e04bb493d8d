import { afterEach, describe, expect, it, jest } from '@jest/globals';

import { canonicalRequest, signatureOf } from '../../src/simulator/gateway/authentication.js';
import type { Simulator } from '../../src/simulator/index.js';
import { get, pathsOf, put, start, stopAll } from './support.js';
import type { CallOptions } from './support.js';

const MINUTE_MS = 60_000;

afterEach(async () => {
  jest.restoreAllMocks();
  await stopAll();
});

const read = (simulator: Simulator, options?: CallOptions) =>
  get(simulator, pathsOf(simulator).instance, options);

describe('the published signing example', () => {
  it('gives the published signature', () => {
    const canonical = canonicalRequest(
      {
        method: 'GET',
        rawUrl:
          '/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs?marker=13551d6b-755d-4757-b956-536f674975c0&limit=2',
        headers: {
          'content-type': 'application/json',
          host: 'service.region.example.com',
          'x-sdk-date': '20191115T033655Z',
        },
        body: Buffer.alloc(0),
      },
      'content-type;host;x-sdk-date',
    );
    const signature = signatureOf(
      canonical,
      '20191115T033655Z',
      'MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc',
    );
    expect(signature).toBe('7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe');
  });

  it('has its query escaped and sorted as documented', () => {
    const canonical = canonicalRequest(
      {
        method: 'GET',
        rawUrl: '/?test=%E4%B8%80%20(%26%3D%3F!%23%25.*)&multi=2&path=/dir/123&multi=1&limit',
        headers: {},
        body: Buffer.alloc(0),
      },
      'host',
    );
    expect(canonical.split('\n')[2]).toBe(
      'limit=&multi=1&multi=2&path=%2Fdir%2F123&test=%E4%B8%80%20%28%26%3D%3F%21%23%25.%2A%29',
    );
  });
});

describe('a signature', () => {
  it('is accepted with a query and with a body', async () => {
    const simulator = await start();
    const { tasks, swap } = pathsOf(simulator);
    expect((await get(simulator, `${tasks}?offset=0&limit=5`)).status).toBe(200);
    expect((await put(simulator, swap, { body: '{}' })).status).toBe(200);
  });

  it.each<[string, CallOptions, RegExp]>([
    ['no signature', { unsigned: true }, /x-auth-token not found/],
    [
      'another scheme',
      { unsigned: true, headers: { authorization: 'Bearer x' } },
      /decrypt token fail/,
    ],
    [
      'an unknown access key',
      { keys: { accessKey: 'NOBODY', secretKey: 'x' } },
      /Get secretKey failed,ak:NOBODY,err:ak not exist/,
    ],
    [
      'a changed header',
      { headers: { 'x-project-id': 'f'.repeat(32) } },
      /verify aksk signature fail/,
    ],
    ['a changed query', { sentPath: '?limit=1' }, /verify aksk signature fail/],
    ['a token no one asked for', { headers: { 'x-security-token': 't' } }, /decrypt token fail/],
    ['a date 16 minutes ago', { date: new Date(Date.now() - 16 * MINUTE_MS) }, /signature expired/],
    [
      'a date 16 minutes ahead',
      { date: new Date(Date.now() + 16 * MINUTE_MS) },
      /signature expired/,
    ],
  ])('is refused by the gateway with its body: %s', async (_, options, message) => {
    const simulator = await start();
    const { sentPath } = options;
    const path = pathsOf(simulator).instance;
    const reply = await read(simulator, {
      ...options,
      ...(sentPath === undefined ? {} : { sentPath: path + sentPath }),
    });
    expect(reply.status).toBe(401);
    expect(reply.json).toEqual({
      error_msg: expect.stringMatching(message),
      error_code: expect.stringMatching(/^APIGW\.030[13]$/),
      request_id: reply.headers['x-request-id'],
    });
    expect(simulator.ledger.calls[0]).toMatchObject({ status: 401, user: null, executed: false });
  });

  it('made with a wrong key is refused with an echo of what the gateway saw', async () => {
    const simulator = await start();
    const { accessKey } = simulator;
    const reply = await read(simulator, { keys: { accessKey, secretKey: 'wrong' } });
    expect(reply.status).toBe(401);
    expect(reply.json.error_code).toBe('APIGW.0301');
    expect(reply.json.error_msg).toContain(
      `Incorrect IAM authentication information: verify aksk signature fail, canonicalRequest:GET|${pathsOf(simulator).instance}/||host:`,
    );
  });

  it('for one path is worth nothing for another', async () => {
    const simulator = await start();
    const { instance, swap } = pathsOf(simulator);
    const reply = await put(simulator, instance, { sentPath: swap });
    expect(reply.status).toBe(401);
    expect(simulator.ledger.puts()).toMatchObject([{ status: 401, executed: false }]);
    expect(simulator.ledger.swaps).toHaveLength(0);
  });

  it('14 minutes old is still good', async () => {
    const simulator = await start();
    const date = new Date(Date.now() - 14 * MINUTE_MS);
    expect((await read(simulator, { date })).status).toBe(200);
  });
});

describe('temporary keys', () => {
  it('need their security token', async () => {
    const simulator = await start({ securityToken: 'temporary' });
    const { accessKey, secretKey } = simulator;
    const withToken = { accessKey, secretKey, securityToken: 'temporary' };
    expect((await read(simulator, { keys: withToken })).status).toBe(200);
    expect((await read(simulator, { keys: { accessKey, secretKey } })).status).toBe(401);
    const wrong = { ...withToken, securityToken: 'other' };
    expect((await read(simulator, { keys: wrong })).status).toBe(401);
  });

  it('stop working once they are rotated', async () => {
    const simulator = await start();
    const { accessKey, secretKey } = simulator;
    simulator.setCredentials({ accessKey: 'NEW', secretKey: 'new', securityToken: 'token' });
    expect((await read(simulator, { keys: { accessKey, secretKey } })).status).toBe(401);
    expect((await read(simulator)).status).toBe(200);
    expect(simulator).toMatchObject({ accessKey: 'NEW', secretKey: 'new', securityToken: 'token' });
  });
});

describe('a key', () => {
  const failTimes = async (simulator: Simulator, times: number): Promise<void> => {
    const keys = { accessKey: simulator.accessKey, secretKey: 'wrong' };
    for (let count = 0; count < times; count += 1) await read(simulator, { keys });
  };

  it('is locked for five minutes after five failures in a row', async () => {
    const simulator = await start();
    await failTimes(simulator, 5);
    const locked = await read(simulator);
    expect(locked.status).toBe(401);
    expect(locked.json.error_msg).toMatch(/AK access failed to reach the limit,forbidden$/);
    const now = Date.now();
    jest.spyOn(Date, 'now').mockReturnValue(now + 5 * MINUTE_MS + 1000);
    expect((await read(simulator)).status).toBe(200);
  });

  it('is not locked when a success comes between the failures', async () => {
    const simulator = await start();
    await failTimes(simulator, 4);
    expect((await read(simulator)).status).toBe(200);
    await failTimes(simulator, 4);
    expect((await read(simulator)).status).toBe(200);
  });
});

describe('another project', () => {
  it('is refused as not matching the keys, in the path and in the header', async () => {
    const simulator = await start();
    const other = { ...simulator, projectId: 'f'.repeat(32) };
    const path = pathsOf(simulator).instance.replace(simulator.projectId, other.projectId);
    for (const reply of [
      await get(simulator, path),
      await get(other, pathsOf(simulator).instance),
    ]) {
      expect(reply.status).toBe(401);
      expect(reply.json).toMatchObject({ error_code: 'DCS.1004', error_ext_msg: null });
    }
  });
});
