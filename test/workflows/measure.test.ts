/** A measurement beside a swap, whatever becomes of it: no outcome depends on it, and no PUT waits for it. */
import { setTimeout as delay } from 'node:timers/promises';

import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';
import { describe, expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { DefaultLogger, Runtime } from '@temporalio/worker';

import type { Activities } from '../../src/activities/index.js';
import type { MeasureReport } from '../../src/domain/measurement.js';
import type { JobReport, SwapReport } from '../../src/domain/reports.js';
import { BEFORE, observationOf } from '../domain/support.js';
import { measured } from '../support/data-plane.js';
import { useTimeSkippingServer } from '../support/temporal-server.js';

import { runSwitchover } from './support/switchovers.js';
import type { SwitchoverScript } from './support/switchovers.js';

Runtime.install({ logger: new DefaultLogger('ERROR') });

const server = useTimeSkippingServer();

const SENT_AT_MS = 2_000;
const ACCEPTED: SwapReport = {
  ...{ kind: 'accepted', jobId: 'job-1', requestId: null },
  ...{ sentAtMs: SENT_AT_MS, clockAheadMs: 3 },
};
const SUCCESS: JobReport = {
  ...{ state: 'SUCCESS', lastStatus: 'SUCCESS', failReason: null, polls: 1, jobMs: null },
  detail: '',
};
const { write, read, idleConnection, lostWrites, coverage, quality } = measured();
const REPORT: MeasureReport = {
  ...{ state: 'measured', address: '10.0.0.9:6379', missing: [] },
  figures: { write, read, idleConnection, lostWrites, coverage, quality },
  armed: { atMs: SENT_AT_MS - 1, aheadMs: 3 },
};

const aborted = (): Promise<void> =>
  new Promise((resolve) => {
    cancellationSignal().addEventListener(
      'abort',
      () => {
        resolve();
      },
      { once: true },
    );
  });

/** Beats until it is asked to end, as the real one does. */
const untilAsked = async (): Promise<void> => {
  const beats = setInterval(() => {
    heartbeat({ strip: '9o' });
  }, 200);
  await aborted();
  clearInterval(beats);
};
const wellBehaved: Activities['measure'] = async () => {
  await untilAsked();
  return REPORT;
};
const run = (measure?: Activities['measure'], script: Partial<SwitchoverScript> = {}) =>
  runSwitchover(server(), {
    ...{ swaps: [ACCEPTED], jobs: [SUCCESS], seen: [observationOf()] },
    input: { probe: 'if-possible' },
    ...(measure === undefined ? {} : { measure }),
    ...script,
  });

describe('a measurement', () => {
  test('ends with the outcome, stands in the result, and costs five events beside a workflow task', async () => {
    const without = await run();
    expect(without.result).not.toHaveProperty('dataPlane');
    const { result, history } = await run(wellBehaved);
    expect(result).toMatchObject({
      ...{ outcome: 'SUCCEEDED', warnings: [] },
      dataPlane: { ...{ state: 'measured', coverage: 'whole', why: null, write }, lostWrites },
    });
    const own = history.filter((name) => /^activity|^timer/.test(name));
    const before = without.history.filter((name) => /^activity|^timer/.test(name));
    expect(own).toHaveLength(before.length + 5);
    expect(own).toContain('activityTaskCancelRequestedEventAttributes');
  });

  test('that fails is said to have failed, and changes no outcome', async () => {
    const { result } = await run(() => {
      throw ApplicationFailure.nonRetryable('no such host');
    });
    expect(result).toMatchObject({
      outcome: 'SUCCEEDED',
      dataPlane: { state: 'not-measured', why: 'the measurement failed (no such host)' },
      warnings: ['The interruption was not measured: the measurement failed (no such host).'],
    });
  });

  test('is not tried again: another worker would see another stretch of time', async () => {
    let attempts = 0;
    await run(() => {
      attempts = Math.max(attempts + 1, activityInfo().attempt);
      throw new Error('for now');
    });
    expect(attempts).toBe(1);
  });

  test('that will not end is waited for 15 s and no longer', async () => {
    const { result } = await run(async () => {
      const beats = setInterval(heartbeat, 500);
      await aborted();
      await delay(20_000);
      clearInterval(beats);
      return REPORT;
    });
    expect(result).toMatchObject({
      outcome: 'SUCCEEDED',
      dataPlane: { why: 'its worker did not report within 15 s of the end' },
    });
  });

  test('holds no lock longer: it ends when the outcome is UNKNOWN, not with the hold', async () => {
    const notRead = observationOf({
      ...{ roles: null, change: null, stable: false, newSwapTasks: null, lastError: '503' },
    });
    const { result } = await run(wellBehaved, {
      seen: [notRead],
      input: { probe: 'if-possible', timing: { settleSeconds: 1, coolDownSeconds: 0 } },
    });
    expect(result).toMatchObject({ outcome: 'UNKNOWN', dataPlane: { state: 'measured' } });
  });

  test('of a PUT that never left has nothing to say', async () => {
    const drift: SwapReport = {
      ...{ kind: 'not-sent', reason: 'drift', retryAfterMs: null, detail: 'the master moved' },
    };
    const { result } = await run(wellBehaved, { swaps: [drift] });
    expect(result).toMatchObject({
      outcome: 'REFUSED',
      dataPlane: { state: 'not-measured', why: 'no PUT was sent', write: null },
    });
  });

  test('goes on while a PUT that did nothing is looked at, and is reported', async () => {
    const rejected: SwapReport = { kind: 'rejected', detail: '400', requestId: 'r-1' };
    const held = observationOf({
      ...{ roles: BEFORE, change: 'unchanged', heldThroughout: true, newSwapTasks: [] },
    });
    const { result } = await run(wellBehaved, { swaps: [rejected], seen: [held] });
    expect(result).toMatchObject({ outcome: 'FAILED_UNCHANGED', dataPlane: { state: 'measured' } });
  });
});
