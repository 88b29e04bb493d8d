/** A refused credential is not sent at the pace of a poll: five failures lock it for everybody. */
import type { ServerResponse } from 'node:http';

import { afterEach, describe, expect, it, jest } from '@jest/globals';

import { createRefusals } from '../../src/dcs/attempt.js';
import { DcsHttpError, DcsUnauthenticatedError } from '../../src/dcs/index.js';

import {
  clientOf,
  json,
  rejectionOf,
  requestSwap,
  showInstance,
  startServer,
  stopServers,
} from './support.js';

afterEach(stopServers);

const refusal = json({ error_code: 'APIGW.0301', error_msg: 'Incorrect' }, 401);
const keyOf = (secretKey: string) =>
  ({ kind: 'access-key', accessKey: 'access', secretKey, securityToken: null }) as const;

/** A source that gives what `current.key` is. */
const sourceOf = (current: { key: string }) => ({
  description: 'file /keys/sk',
  get: () => Promise.resolve(keyOf(current.key)),
  refresh: () => Promise.resolve(),
});

describe('a credential that is refused', () => {
  it('is reported with the place where it has to be corrected', async () => {
    const { origin } = await startServer(refusal);
    const client = clientOf(origin, { credentials: sourceOf({ key: 'old' }) });
    for (const call of [showInstance, requestSwap]) {
      const error = await rejectionOf(call(client));
      expect((error as Error).message).toContain(
        'the credential was refused: correct it in file /keys/sk',
      );
    }
  });

  it('is sent twice, then waits; another one is sent at once', async () => {
    const { origin, arrivals } = await startServer(refusal);
    const current = { key: 'old' };
    const client = clientOf(origin, { credentials: sourceOf(current) });
    const errors: unknown[] = [];
    for (let call = 1; call <= 6; call += 1) errors.push(await rejectionOf(showInstance(client)));
    errors.push(await rejectionOf(requestSwap(client)));
    expect(arrivals).toHaveLength(2);
    expect(errors.slice(0, 2).every((error) => error instanceof DcsHttpError)).toBe(true);
    for (const error of errors.slice(2)) {
      expect(error).toBeInstanceOf(DcsUnauthenticatedError);
      expect(error).toMatchObject({ delivery: 'never-sent' });
      expect((error as Error).message).toMatch(
        /refused 2 times in a row, last as .*APIGW\.0301.*another one at once$/,
      );
      expect((error as Error).message).not.toContain('old');
    }
    current.key = 'new';
    await rejectionOf(showInstance(client));
    expect(arrivals).toHaveLength(3);
  });

  it('begins again once it was accepted', async () => {
    let calls = 0;
    const { origin, arrivals } = await startServer((request, response) => {
      calls += 1;
      (calls % 2 === 0 ? json({ status: 'RUNNING' }) : refusal)(request, response);
    });
    const client = clientOf(origin, { credentials: sourceOf({ key: 'k' }) });
    for (let call = 1; call <= 8; call += 1) await showInstance(client).catch(() => undefined);
    expect(arrivals).toHaveLength(8);
  });

  it('is not taken for accepted by an answer that says nothing of it', async () => {
    const others = [
      (_: unknown, response: ServerResponse) => response.writeHead(503).end('<html>'),
      (_: unknown, response: ServerResponse) => response.writeHead(200).end('<html>'),
      (_: unknown, response: ServerResponse) => response.writeHead(403).end('<html>'),
      json({ error_code: 'APIGW.0308', error_msg: 'throttled' }, 429),
    ];
    for (const other of others) {
      let calls = 0;
      const { origin, arrivals } = await startServer((request, response) => {
        calls += 1;
        (calls % 2 === 0 ? other : refusal)(request, response);
      });
      const client = clientOf(origin, { credentials: sourceOf({ key: 'k' }) });
      for (let call = 1; call <= 8; call += 1) await rejectionOf(showInstance(client));
      expect(arrivals).toHaveLength(3);
    }
  });

  it('is taken for accepted when it is informed that something does not exist', async () => {
    let calls = 0;
    const missing = json({ error_code: 'DCS.4202', error_msg: 'no such instance' }, 404);
    const { origin, arrivals } = await startServer((request, response) => {
      calls += 1;
      (calls % 2 === 0 ? missing : refusal)(request, response);
    });
    const client = clientOf(origin, { credentials: sourceOf({ key: 'k' }) });
    for (let call = 1; call <= 8; call += 1) await rejectionOf(showInstance(client));
    expect(arrivals).toHaveLength(8);
  });

  it('counts a burst of calls that were on their way as one', () => {
    const clock = { nowMs: 0 };
    const refusals = createRefusals(() => clock.nowMs);
    for (let call = 1; call <= 20; call += 1) refusals.refused('key', '401');
    const isSent = (): boolean =>
      !isHeld(() => {
        refusals.check('key');
      });
    clock.nowMs = 29_999;
    expect(isSent()).toBe(false);
    clock.nowMs = 30_000;
    expect(isSent()).toBe(true);
  });

  it('does not wait longer because the clock that it was refused for is set right', () => {
    const wrong = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 3_600_000);
    const refusals = createRefusals();
    refusals.refused('key', '401');
    refusals.refused('key', '401');
    wrong.mockRestore();
    const check = (): void => {
      refusals.check('key');
    };
    expect(check).toThrow(/Sent again in (?:30|29) s/);
  });

  it('waits longer after each further refusal, and five minutes at most', () => {
    const clock = { nowMs: 0 };
    const refusals = createRefusals(() => clock.nowMs);
    const waits: number[] = [];
    for (let round = 1; round <= 8; round += 1) {
      refusals.refused('key', '401');
      const from = clock.nowMs;
      while (
        isHeld(() => {
          refusals.check('key');
        })
      )
        clock.nowMs += 10_000;
      waits.push((clock.nowMs - from) / 1000);
    }
    expect(waits).toEqual([0, 30, 60, 120, 240, 300, 300, 300]);
  });
});

function isHeld(check: () => void): boolean {
  try {
    check();
    return false;
  } catch {
    return true;
  }
}
