/** Turns: what readings of one client make of a spent quota. */
import { afterEach, describe, expect, it } from '@jest/globals';

import type { TurnOptions } from '../../src/dcs/index.js';

import {
  INSTANCE_ID,
  clientOf,
  json,
  rejectionOf,
  showInstance,
  startServer,
  stopServers,
} from './support.js';
import type { Respond } from './support.js';

afterEach(stopServers);

const LABELS = 'policy user over ratelimit,limit:50,time:1 second';

/** Turns away so many calls, then answers. */
function throttleFirst(count: number, headers: Record<string, string> = {}): Respond {
  let left = count;
  return (request, response) => {
    left -= 1;
    if (left < 0) {
      json({ instance_id: INSTANCE_ID })(request, response);
      return;
    }
    response.writeHead(429, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify({ error_code: 'APIGW.0308', error_msg: `reached: ${LABELS}` }));
  };
}

/** Waits for a turn so long, in milliseconds. */
const patient = (ms: number, more: Partial<TurnOptions> = {}): TurnOptions => {
  const endsAtMs = performance.now() + ms;
  return { priority: 2, leftMs: () => endsAtMs - performance.now(), ...more };
};

const { signal } = new AbortController();

describe('a reading that was answered 429', () => {
  it('is sent again until it passes, while its caller has time, and shows how long it waited', async () => {
    const server = await startServer(throttleFirst(3));
    const answer = await clientOf(server.origin).showInstance(INSTANCE_ID, {
      signal,
      turn: patient(60_000),
    });
    expect(server.arrivals).toHaveLength(4);
    expect(answer.turnWaitMs).toBeGreaterThan(0);
  });

  it('is thrown as it is where the caller does not wait', async () => {
    const server = await startServer(throttleFirst(1));
    expect(await rejectionOf(showInstance(clientOf(server.origin)))).toMatchObject({ status: 429 });
    expect(server.arrivals).toHaveLength(1);
  });

  it('waits at least as long as Retry-After asks', async () => {
    const server = await startServer(throttleFirst(1, { 'retry-after': '4' }));
    const { turnWaitMs } = await clientOf(server.origin).showInstance(INSTANCE_ID, {
      signal,
      turn: patient(60_000),
    });
    expect(turnWaitMs).toBeGreaterThanOrEqual(999);
  });

  it('ends with words that name the quota when its time is over', async () => {
    const server = await startServer(throttleFirst(Infinity));
    const client = clientOf(server.origin);
    const error = await rejectionOf(
      client.showInstance(INSTANCE_ID, { signal, turn: patient(1_000) }),
    );
    expect(error).toMatchObject({ name: 'DcsThrottledError', status: 429 });
    expect((error as Error).message).toContain('policy user, limit 50 per 1 s');
  });
});

describe('readings while a quota is spent', () => {
  it('probe one at a time, those of a run whose PUT has left first', async () => {
    const server = await startServer(throttleFirst(1, { 'retry-after': '4' }));
    const client = clientOf(server.origin);
    const order: string[] = [];
    const read = async (name: string, priority: number): Promise<void> => {
      await client.showInstance(INSTANCE_ID, { signal, turn: patient(60_000, { priority }) });
      order.push(name);
    };
    // Its 429 closes the gate; then the others come, the most urgent one last.
    const first = read('first', 3);
    while (server.arrivals.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await Promise.all([first, read('plan', 3), read('pre-check', 2), read('settling', 0)]);
    expect(order[0]).toBe('settling');
    expect(order[1]).toBe('pre-check');
  });

  it('need no turn again once one has passed: no patience is needed then', async () => {
    const server = await startServer(throttleFirst(1));
    const client = clientOf(server.origin);
    await client.showInstance(INSTANCE_ID, { signal, turn: patient(60_000) });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await client.showInstance(INSTANCE_ID, { signal, turn: patient(0) });
    expect(server.arrivals).toHaveLength(3);
  });

  it('stop waiting when they are cancelled', async () => {
    const server = await startServer(throttleFirst(Infinity, { 'retry-after': '600' }));
    const controller = new AbortController();
    const reading = rejectionOf(
      clientOf(server.origin).showInstance(INSTANCE_ID, {
        signal: controller.signal,
        turn: patient(600_000),
      }),
    );
    while (server.arrivals.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    const reason = new Error('cancelled by the test');
    controller.abort(reason);
    expect(await reading).toBe(reason);
  });
});
