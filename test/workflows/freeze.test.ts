/** The workflow `dcsFreeze` on the time-skipping server; its one activity is scripted. */
import { expect, test } from '@jest/globals';
import type { WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import type { ApplicationFailure } from '@temporalio/common';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';

import { FREEZE_WORKFLOW_ID } from '../../src/contract/index.js';
import type { ThawCall, ThawReport } from '../../src/domain/freeze.js';
import { workflowBundlePath } from '../../src/worker.js';
import { useTimeSkippingServer } from '../support/temporal-server.js';

Runtime.install({ logger: new DefaultLogger('ERROR') });

const server = useTimeSkippingServer();

const RESUMED: ThawReport = { resumed: ['nightly'], failed: [] };

let runs = 0;

interface Options {
  readonly input?: unknown;
  readonly workflowId?: string;
  readonly report?: ThawReport;
  readonly isCancelled?: boolean;
}

/** A freeze of an hour, or whatever is started instead; and what its activity was asked. */
async function runFreeze({ input, workflowId, report = RESUMED, isCancelled }: Options = {}) {
  const { client, nativeConnection } = server();
  const asked: ThawCall[] = [];
  const activities = {
    thawSchedules: (call: ThawCall) => {
      asked.push(call);
      return Promise.resolve(report);
    },
  };
  runs += 1;
  const taskQueue = `freeze-${runs}`;
  const worker = await Worker.create({
    connection: nativeConnection,
    taskQueue,
    activities,
    workflowBundle: { codePath: workflowBundlePath() },
  });
  // By the clock of the server, which skips.
  const until = new Date((await server().currentTimeMs()) + 3_600_000).toISOString();
  const freeze = { until, by: 'ann', reason: 'quarter end' };
  const args = [input ?? freeze];
  const end = await worker.runUntil(async () => {
    const options = { taskQueue, workflowId: workflowId ?? FREEZE_WORKFLOW_ID, args };
    const handle = await client.workflow.start('dcsFreeze', options);
    if (isCancelled === true) await handle.cancel();
    const result = await handle.result().then(
      (value: unknown) => ({ value, cause: undefined }),
      (error: unknown) => ({ value: null, cause: (error as WorkflowFailedError).cause }),
    );
    const { memo, startTime, closeTime } = await handle.describe();
    return { ...result, memo, tookMs: Number(closeTime) - Number(startTime) };
  });
  return { ...end, asked, freeze };
}

test('a freeze stays open until its end, then resumes what it has paused, and ends', async () => {
  const { value, asked, freeze, tookMs, memo } = await runFreeze();
  expect(value).toEqual({ freeze, ...RESUMED });
  expect(asked).toEqual([{ freeze }]);
  expect(tookMs).toBeGreaterThan(3_500_000);
  expect(memo).toEqual({ freeze });
});

test('one whose end has passed ends at once, and resumes all the same', async () => {
  const input = { until: '2020-01-01T00:00:00Z', by: 'ann', reason: 'late' };
  const { value, asked } = await runFreeze({ input });
  expect(value).toMatchObject({ freeze: input });
  expect(asked).toHaveLength(1);
});

test('a cancellation ends it earlier, after resuming what it has paused', async () => {
  const { cause, asked, tookMs } = await runFreeze({ isCancelled: true });
  expect(cause).toBeInstanceOf(CancelledFailure);
  expect(asked).toHaveLength(1);
  expect(tookMs).toBeLessThan(3_500_000);
});

test('schedules that could not be resumed are named, with the command that does it', async () => {
  const report = { resumed: [], failed: [{ scheduleId: 'nightly', detail: 'no answer' }] };
  const { cause, freeze } = await runFreeze({ report });
  expect(cause).toMatchObject({ type: 'THAW_INCOMPLETE', nonRetryable: true });
  expect(cause?.message).toContain('nightly (no answer)');
  expect(cause?.message).toContain('dcs-switchover schedule resume');
  expect((cause as ApplicationFailure).details).toEqual([{ freeze, ...report }]);
});

test.each<[string, Options, string]>([
  ['another id', { workflowId: 'my-freeze' }, 'workflowId has to be dcs-switchover-freeze'],
  ['no end', { input: { by: 'ann', reason: 'x' } }, 'until is no RFC 3339 instant'],
  ['no zone', { input: { until: '2026-12-24T06:00', by: 'a', reason: 'x' } }, 'until is no RFC'],
  ['no argument', { input: 7 }, 'reason is not a text'],
  [
    'a direction mark',
    { input: { until: '2126-12-24T06:00:00Z', by: 'a\u202eb', reason: 'x' } },
    'by is not a text',
  ],
])('is INVALID_INPUT with %s, and freezes nothing', async (_, options, words) => {
  const { cause, asked } = await runFreeze(options);
  expect(cause).toMatchObject({ type: 'INVALID_INPUT', nonRetryable: true });
  expect(cause?.message).toContain(words);
  expect(asked).toEqual([]);
});
