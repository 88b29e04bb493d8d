/** A worker that does not serve the project: another one of its queue may. */
import { describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';

import { createActivities } from '../../src/activities/index.js';
import type { PreflightCall } from '../../src/domain/preflight-report.js';
import type { JobCall, SwapCall, WatchCall } from '../../src/domain/reports.js';
import { parseInput, toRequest } from '../../src/schema/index.js';

import { temporalAnswering } from './support.js';

const projectId = 'a'.repeat(32);
const instanceId = '11111111-2222-3333-4444-555555555555';
const INPUT = { projectId, instanceId, toggle: true };

const activities = createActivities({
  findProject: () => undefined,
  isDraining: () => false,
  searchAttributes: [],
  temporal: temporalAnswering(),
});

const request = () => {
  const parsed = parseInput(INPUT);
  if (!parsed.ok) throw new Error('the input is wrong');
  return toRequest(parsed.input, Date.now(), 'eu-west-101');
};

const preflightCall = (): PreflightCall => ({
  input: INPUT,
  workflowId: `dcs-switchover:${projectId}:${instanceId}`,
  runId: 'run-1',
  startedAtMs: Date.now(),
  hasCronSchedule: false,
  hasRetryPolicy: false,
  timeoutMs: null,
});

const at = (attempt: number) => new MockActivityEnvironment({ attempt });

describe('a worker that does not serve the project', () => {
  test('leaves the polling of a job to another worker', async () => {
    const call = { request: request(), jobId: 'job-1', taskId: null, deadlineMs: Date.now() };
    await expect(at(1).run(activities.awaitJob, call as JobCall)).rejects.toThrow(/does not serve/);
  });

  test('leaves the watching of roles to another worker', async () => {
    const call = { request: request(), ownJobIds: [] } as unknown as WatchCall;
    await expect(at(1).run(activities.watchRoles, call)).rejects.toThrow(/does not serve/);
  });

  test('leaves the pre-check to another worker, and reports at last that the input is invalid', async () => {
    await expect(at(1).run(activities.preflight, preflightCall())).rejects.toThrow(
      /does not serve/,
    );
    expect(await at(4).run(activities.preflight, preflightCall())).toMatchObject({
      verdict: 'invalid',
      problems: [{ field: 'projectId' }],
    });
  });

  test('sends nothing, as text after which the run tries again', async () => {
    const call = { request: request(), purpose: 'forward', originalRunId: 'test-runId' };
    const environment = new MockActivityEnvironment({ attempt: 1 });
    const { runId } = environment.context.info.workflowExecution ?? { runId: '' };
    const report = await environment.run(activities.requestSwap, {
      ...call,
      originalRunId: runId,
    } as unknown as SwapCall);
    expect(report).toMatchObject({ kind: 'not-sent', reason: 'unreadable' });
  });
});
