/** What callers and bystanders may do to a plan that nobody would expect; on the time-skipping server. */
import { describe, expect, test } from '@jest/globals';
import { DefaultLogger, Runtime } from '@temporalio/worker';

import { useTimeSkippingServer } from '../support/temporal-server.js';

import { runPlan } from './support/plans.js';

Runtime.install({ logger: new DefaultLogger('ERROR') });

const server = useTimeSkippingServer();

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
