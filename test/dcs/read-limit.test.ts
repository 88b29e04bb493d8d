/** The read limit: readings wait for their turn, the PUT does not. */
import { afterEach, describe, expect, it } from '@jest/globals';

import { DcsConfigurationError } from '../../src/dcs/index.js';
import type { OnTurnWait, TurnWait } from '../../src/dcs/index.js';
import { classifyRead } from '../../src/domain/retry-classification.js';
import type { FailureFacts } from '../../src/domain/retry-classification.js';

import {
  INSTANCE_ID,
  JOB_ID,
  clientOf,
  json,
  rejectionOf,
  requestSwap,
  showInstance,
  startServer,
  stopServers,
} from './support.js';

afterEach(stopServers);

const accept = json({ job_id: JOB_ID, status: 'RUNNING' });

/** One reading in 100 s: whoever gets the first turn leaves none. */
const ONE_TURN = { maxReadsPerSecond: 0.01, readTimeoutMs: 2_000 };

describe('readings beyond the limit', () => {
  it('wait for their turn', async () => {
    const server = await startServer(accept);
    const client = clientOf(server.origin, { maxReadsPerSecond: 20 });
    const startedAtMs = performance.now();
    await Promise.all(Array.from({ length: 25 }, () => showInstance(client)));
    // A further window of one second has to begin.
    expect(performance.now() - startedAtMs).toBeGreaterThan(500);
    expect(server.arrivals).toHaveLength(25);
  });

  it('are given up within their time, never sent, and worth a repetition', async () => {
    const server = await startServer(accept);
    const client = clientOf(server.origin, ONE_TURN);
    await showInstance(client);
    const error = await rejectionOf(showInstance(client));
    expect(error).toMatchObject({ name: 'DcsReadLimitError', delivery: 'never-sent' });
    expect((error as Error).message).toContain('maxReadsPerSecond');
    expect(classifyRead(error as FailureFacts)).toBe('RETRY');
    expect(server.arrivals).toHaveLength(1);
  });

  it('stop waiting when they are cancelled', async () => {
    const server = await startServer(accept);
    const client = clientOf(server.origin, { ...ONE_TURN, readTimeoutMs: 10_000 });
    await showInstance(client);
    const controller = new AbortController();
    const reading = rejectionOf(client.showInstance(INSTANCE_ID, { signal: controller.signal }));
    const reason = new Error('cancelled by the test');
    controller.abort(reason);
    expect(await reading).toBe(reason);
  });

  it('do not hold up the PUT', async () => {
    const server = await startServer(accept);
    const client = clientOf(server.origin, ONE_TURN);
    await showInstance(client);
    const waiting = rejectionOf(showInstance(client));
    expect((await requestSwap(client)).value.jobId).toBe(JOB_ID);
    await waiting;
  });
});

describe('who is notified of waits', () => {
  it('hears of each reading that waited, and of none that did not', async () => {
    const server = await startServer(accept);
    const waits: TurnWait[] = [];
    const onTurnWait: OnTurnWait = (wait) => {
      waits.push(wait);
      throw new Error('of the observer');
    };
    const client = clientOf(server.origin, { ...ONE_TURN, onTurnWait });
    await showInstance(client);
    expect(waits).toEqual([]);
    await rejectionOf(showInstance(client));
    expect(waits).toMatchObject([{ cause: 'pace', isGiven: false }]);
    expect(waits[0]?.durationMs).toBeGreaterThanOrEqual(ONE_TURN.readTimeoutMs - 1);
  });
});

describe('the limit', () => {
  it.each([[0], [-1], [Number.NaN], [Number.POSITIVE_INFINITY]])('is not %d', (limit) => {
    expect(() => clientOf('http://127.0.0.1:9', { maxReadsPerSecond: limit })).toThrow(
      DcsConfigurationError,
    );
  });

  it('is absent unless it is set', async () => {
    const server = await startServer(accept);
    const client = clientOf(server.origin);
    await Promise.all(Array.from({ length: 60 }, () => showInstance(client)));
    expect(server.arrivals).toHaveLength(60);
  });
});
