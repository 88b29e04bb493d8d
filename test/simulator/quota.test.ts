import { afterEach, describe, expect, it } from '@jest/globals';

import { parseQuota } from '../../src/simulator/index.js';
import type { Simulator } from '../../src/simulator/index.js';
import { get, pathsOf, put, start, stopAll } from './support.js';

afterEach(stopAll);

/** Long enough for a test, and within what a signature may be off. */
const WINDOW_MS = 300_000;

/** Moves the service's clock to the begin of a window, so that none ends in the middle of a test. */
function atBegin(simulator: Simulator, windowMs = WINDOW_MS, windows = 1): void {
  simulator.setClockOffset(windows * windowMs - (Date.now() % windowMs));
}

describe('a quota', () => {
  it('turns away in the words of the gateway, carries nothing out, and begins again with its window', async () => {
    const simulator = await start({ quota: { reads: '2/300s', writes: '1/300s' } });
    atBegin(simulator);
    const { instance, nodes, swap } = pathsOf(simulator);
    expect((await get(simulator, instance)).status).toBe(200);
    expect((await get(simulator, nodes)).status).toBe(200);
    const { status, json, headers } = await get(simulator, nodes);
    expect({ status, json }).toEqual({
      status: 429,
      json: {
        error_code: 'APIGW.0308',
        error_msg:
          'The throttling threshold has been reached: policy user over ratelimit,limit:2,time:5 minute',
        request_id: headers['x-request-id'],
      },
    });
    // Changes have a quota of their own.
    expect((await put(simulator, swap)).status).toBe(200);
    expect((await put(simulator, swap)).status).toBe(429);
    expect(simulator.ledger.puts().map(({ executed }) => executed)).toEqual([true, false]);
    atBegin(simulator, WINDOW_MS, 2);
    expect((await get(simulator, instance)).status).toBe(200);
  });

  it('may be one of each API, and of seconds', async () => {
    const simulator = await start({ quota: { reads: '1/7s', per: 'api' } });
    const { instance, nodes } = pathsOf(simulator);
    atBegin(simulator, 7_000);
    await get(simulator, instance);
    expect((await get(simulator, nodes)).status).toBe(200);
    simulator.quotas.set({ reads: '0/7s', per: 'api' });
    expect((await get(simulator, instance)).json.error_msg).toMatch(
      /policy api over ratelimit,limit:0,time:7 second$/,
    );
  });

  it('may be spent by others', async () => {
    const simulator = await start({ quota: { reads: '5/300s' } });
    const { instance } = pathsOf(simulator);
    atBegin(simulator);
    simulator.quotas.spend({ reads: 4 });
    expect((await get(simulator, instance)).status).toBe(200);
    expect((await get(simulator, instance)).status).toBe(429);
    atBegin(simulator, WINDOW_MS, 2);
    simulator.quotas.others({ reads: Infinity });
    expect((await get(simulator, instance)).status).toBe(429);
    simulator.quotas.others({});
    expect((await get(simulator, instance)).status).toBe(200);
  });

  it.each<[unknown, string]>([
    [{ reads: 'many' }, 'quota.reads must be calls per seconds'],
    [{ writes: '10/0s' }, 'quota.writes must be calls per seconds'],
    [{ per: 'ip' }, 'quota.per must be'],
    [{ others: { reads: -1 } }, 'quota.others needs numbers'],
    [{ rate: 1 }, 'quota has no field rate'],
    [[], 'quota must be an object'],
  ])('%j is refused by name', (value, problem) => {
    expect(() => parseQuota(value)).toThrow(problem);
  });
});
