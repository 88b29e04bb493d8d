/** What callers and bystanders may do to a plan that nobody would expect; on the time-skipping server. */
import { describe, expect, test } from '@jest/globals';
import { DefaultLogger, Runtime } from '@temporalio/worker';

import { useTimeSkippingServer } from '../support/temporal-server.js';

import { runPlan } from './support/plans.js';

Runtime.install({ logger: new DefaultLogger('ERROR') });

const server = useTimeSkippingServer();

describe('a switchover that cannot be asked for', () => {
  test('is told as not started, and the plan ends', async () => {
    // Nothing says where the masters should go.
    const end = await runPlan(server(), { request: { toggle: false, target: null } });
    expect(end).toMatchObject({
      type: 'PARTIAL',
      started: [],
      result: { counts: { notStarted: 3 } },
    });
  });
});

describe('the way back', () => {
  test('ends where the switchover found the master, which is not where the plan had seen it', async () => {
    const end = await runPlan(server(), {
      instances: 1,
      request: {
        ...{ toggle: false, target: { availabilityZone: 'az2' } },
        returnLeg: { soakSeconds: 300, withinSeconds: 900 },
      },
      // A failover has moved it from b to a since.
      instance: () => ({ master: { nodeId: 'b'.repeat(32), availabilityZone: 'az2' } }),
    });
    expect(end.type).toBe('COMPLETED');
    expect(end.started[1]).toMatchObject({
      target: { nodeId: 'a'.repeat(32) },
      expectedMasterNodeId: 'b'.repeat(32),
    });
  });

  test('needs no master that the plan has seen', async () => {
    const end = await runPlan(server(), {
      instances: 1,
      request: {
        ...{ toggle: false, target: { availabilityZone: 'az2' } },
        returnLeg: { soakSeconds: 300, withinSeconds: 900 },
      },
      instance: () => ({ master: null }),
    });
    expect(end.type).toBe('COMPLETED');
    expect(end.started[1]).toMatchObject({ target: { nodeId: 'a'.repeat(32) } });
  });
});

describe('a second argument', () => {
  // What a run of the chain hands to the next; a caller who gives one has not been validated.
  test.each([
    ['is no state', 'a slip'],
    ['skips the plan', { v: 1, facts: {}, rows: [], decisions: [], stops: [], warnings: [] }],
  ])(
    'of a caller that %s changes nothing',
    async (_, second) => {
      const end = await runPlan(server(), { instances: 1, second });
      expect(end).toMatchObject({ type: 'COMPLETED', result: { counts: { done: 1 } } });
    },
    15_000,
  );
});
