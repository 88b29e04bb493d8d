/** What a plan does and when, on the time-skipping server. */
import { describe, expect, test } from '@jest/globals';
import { DefaultLogger, Runtime } from '@temporalio/worker';

import { useTimeSkippingServer } from '../support/temporal-server.js';

import { runPlan, withPlan } from './support/plans.js';

Runtime.install({ logger: new DefaultLogger('ERROR') });

const server = useTimeSkippingServer();

describe('a plan', () => {
  test('switches every instance in order and completes', async () => {
    const { type, result, started } = await runPlan(server(), {});
    expect(type).toBe('COMPLETED');
    expect(result).toMatchObject({ cause: 'ALL_DONE', counts: { done: 3, pending: 0 } });
    const order = started.map(({ instanceId }) => instanceId);
    expect(order).toEqual(result.rows.map(({ instanceId }) => instanceId));
  });
});
