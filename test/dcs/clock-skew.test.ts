/** A refused signature that is the clock's fault says so. */
import { afterEach, describe, expect, it } from '@jest/globals';

import { DcsHttpError } from '../../src/dcs/index.js';

import {
  CANARIES,
  clientOf,
  json,
  rejectionOf,
  requestSwap,
  showInstance,
  startServer,
  stopServers,
} from './support.js';

afterEach(stopServers);

const refusal = { error_code: 'APIGW.0303', error_msg: 'Incorrect app authentication information' };

/** An API whose clock is ahead of ours by so many minutes. */
const startApi = (minutes: number, status = 401) =>
  startServer((request, response) => {
    response.setHeader('Date', new Date(Date.now() + minutes * 60_000).toUTCString());
    json(refusal, status)(request, response);
  });

describe('a refused signature', () => {
  it.each([
    [16, /this machine's clock is 9(?:59|60|61) s behind the API/, true],
    [-16, /this machine's clock is 9(?:59|60|61) s ahead of the API/, true],
    [6, /this machine's clock is 3(?:59|60|61) s behind the API/, false],
  ])('names a clock that is off by %i min', async (minutes, words, isTheReason) => {
    const { origin } = await startApi(minutes);
    for (const call of [showInstance, requestSwap]) {
      const error = await rejectionOf(call(clientOf(origin)));
      expect(error).toBeInstanceOf(DcsHttpError);
      expect((error as Error).message).toMatch(words);
      expect(error).toMatchObject({ status: 401, code: 'APIGW.0303' });
      expect((error as DcsHttpError).clockSkewMs !== null).toBe(isTheReason);
    }
  });

  it('does not blame a clock that is right', async () => {
    const { origin } = await startApi(0);
    const error = await rejectionOf(showInstance(clientOf(origin)));
    expect(error).toMatchObject({ clockSkewMs: null });
    expect((error as Error).message).not.toContain('clock');
  });
});

describe('the clock is not blamed for', () => {
  it('another refusal', async () => {
    const { origin } = await startApi(16, 403);
    const error = await rejectionOf(showInstance(clientOf(origin)));
    expect(error).toMatchObject({ status: 403, clockSkewMs: null });
  });

  it('a refused token, which no clock was needed for', async () => {
    const { origin } = await startApi(16);
    const token = { kind: 'token', token: CANARIES.securityToken } as const;
    const credentials = {
      description: 'test',
      get: () => Promise.resolve(token),
      refresh: () => Promise.resolve(),
    };
    const error = await rejectionOf(showInstance(clientOf(origin, { credentials })));
    expect(error).toMatchObject({ status: 401, clockSkewMs: null });
  });
});
