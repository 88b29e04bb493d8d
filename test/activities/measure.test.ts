/** The activity that measures beside a swap: what it may do, how it ends, and what it reports then. */
import { describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';

import { OPEN_POLICY } from '../../src/activities/index.js';
import type { ActivityDeps, DcsClient } from '../../src/activities/index.js';
import { createProbes, measure } from '../../src/activities/measure.js';
import type { Probes } from '../../src/activities/measure.js';
import type {
  DataPlaneAccess,
  DataPlaneSource,
  ProbeFigures,
  RunningProbe,
} from '../../src/data-plane/index.js';
import type { MeasureReport } from '../../src/domain/measurement.js';
import { requestOf } from '../domain/support.js';
import { measured } from '../support/data-plane.js';

import { temporalAnswering } from './support.js';

const RUN_ID = 'run-1';
const { write, read, idleConnection, lostWrites, quality } = measured();
const FIGURES: ProbeFigures = {
  ...{ write, read, idleConnection, lostWrites, quality, coverage: 'whole', notMeasured: [] },
};
const ACCESS: Omit<DataPlaneAccess, 'host'> = {
  ...{ port: 6379, username: null, password: 'canary', login: 'acl', tls: null },
};

type CancelReason = NonNullable<Parameters<MockActivityEnvironment['cancel']>[0]>;

/** What was done to a probe, in order. */
type Deeds = string[];

const probeOf = (deeds: Deeds, probe: Partial<RunningProbe> = {}): RunningProbe => ({
  strip: () => '12o',
  armedAtMs: () => 5_000,
  stop: () => {
    deeds.push('stopped');
    return Promise.resolve(FIGURES);
  },
  abandon: () => {
    deeds.push('abandoned');
    return Promise.resolve();
  },
  ...probe,
});

const hostedBy = (host: string | null, offer?: DataPlaneSource['offerFor']): ActivityDeps => {
  const details = {
    ...{ status: 'RUNNING', cacheMode: 'ha', engine: 'Redis', engineVersion: '6.0', name: 'cart' },
    ...{ tags: {}, task: null, serviceTaskId: null, bandwidthTaskRunning: false },
    address: { ip: host, port: 6379, domainName: null, isTls: null, needsNoPassword: null },
  };
  const answer = { value: details, serverTimeMs: null, requestId: null };
  const dcs = { showInstance: () => Promise.resolve(answer) } as unknown as DcsClient;
  const offerFor: DataPlaneSource['offerFor'] = (instance) =>
    Promise.resolve({
      access: { ...ACCESS, host: instance.address?.ip ?? '' },
      binding: 'password',
      measure: { periodMs: 50, write: true },
    });
  const dataPlane = { asksForTags: () => false, offerFor: offer ?? offerFor };
  const project = { projectId: 'p', region: 'r', taskUserName: null, policy: OPEN_POLICY };
  return {
    findProject: () => ({ ...project, dcs, dataPlane: host === null ? null : dataPlane }),
    ...{ temporal: temporalAnswering(), searchAttributes: [], isDraining: () => false },
  };
};

/** One execution of the activity; `beats`: what it has reported so far. */
function execute(probes: Probes, deps = hostedBy('10.0.0.9'), info: object = {}) {
  const environment = new MockActivityEnvironment({
    workflowExecution: { workflowId: 'w', runId: RUN_ID },
    ...{ scheduledTimestampMs: 1_000, currentAttemptScheduledTimestampMs: 1_000 },
    ...{ startToCloseTimeoutMs: 600_000, ...info },
  });
  const beats: unknown[] = [];
  environment.on('heartbeat', (details) => beats.push(details));
  const call = { request: requestOf({ probe: 'require' }), originalRunId: RUN_ID };
  const report = environment.run<[], MeasureReport, () => Promise<MeasureReport>>(() =>
    measure(deps, probes, call),
  );
  return { environment, beats, report };
}

const begun = async (beats: readonly unknown[]): Promise<void> => {
  while (beats.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe('a measurement', () => {
  test('works until it is asked to end, and reports its figures', async () => {
    const deeds: Deeds = [];
    const options: unknown[] = [];
    const probes = createProbes((access, given) => {
      options.push({ host: access.host, ...given });
      return probeOf(deeds);
    });
    const { environment, beats, report } = execute(probes);
    await begun(beats);
    expect(beats).toEqual([{ strip: '', next: 'measure until the outcome is known' }]);
    expect(deeds).toEqual([]);
    environment.cancel('CANCELLED');
    expect(await report).toMatchObject({
      ...{ state: 'measured', address: '10.0.0.9:6379', missing: [], armed: { atMs: 5_000 } },
      figures: { write, lostWrites, coverage: 'whole' },
    });
    expect(deeds).toEqual(['stopped']);
    expect(options).toEqual([
      { host: '10.0.0.9', runId: RUN_ID, periodMs: 50, write: true, ttlMs: 4_200_000 },
    ]);
    expect(JSON.stringify([beats, await report])).not.toContain('canary');
  });

  test('beats while it still looks for the address: the API may take longer than a beat', async () => {
    let find = (): void => undefined;
    const finding = new Promise<{ why: string }>((resolve) => {
      find = () => {
        resolve({ why: 'its file is gone' });
      };
    });
    const deps = hostedBy('10.0.0.9', () => finding);
    const { beats, report } = execute(
      createProbes(() => probeOf([])),
      deps,
    );
    await begun(beats);
    find();
    expect(await report).toMatchObject({ why: 'its file is gone' });
  });

  test.each<[CancelReason, string]>([
    ['WORKER_SHUTDOWN', 'the worker that measured was shut down before the outcome was known'],
    ['NOT_FOUND', 'the run is over'],
    ['TIMED_OUT', 'the run is over'],
  ])('that ends by %s has no figures, and removes its key', async (reason, why) => {
    const deeds: Deeds = [];
    const { environment, beats, report } = execute(createProbes(() => probeOf(deeds)));
    await begun(beats);
    environment.cancel(reason);
    expect(await report).toEqual({ state: 'not-measured', why, strip: '12o' });
    expect(deeds).toEqual(['abandoned']);
  });

  test('gives up before its timeout, by itself', async () => {
    const probes = createProbes(() => probeOf([]));
    const { report } = execute(probes, undefined, { startToCloseTimeoutMs: 30_050 });
    expect(await report).toMatchObject({ why: 'the run took longer than a measurement may' });
  });

  test('of a Redis that never worked says why', async () => {
    const why = 'Writes: AUTH: Redis refused user or password';
    const broken = { ...FIGURES, write: null, read: null, notMeasured: [why] };
    const probe = probeOf([], { armedAtMs: () => null, stop: () => Promise.resolve(broken) });
    const { environment, beats, report } = execute(createProbes(() => probe));
    await begun(beats);
    environment.cancel('CANCELLED');
    expect(await report).toEqual({ state: 'not-measured', why });
  });
});

describe('nothing is measured', () => {
  const untouched = createProbes(() => {
    throw new Error('no probe may start');
  });

  test.each<[string, object]>([
    ['a second attempt', { attempt: 2 }],
    ['what a lost worker began', { heartbeatDetails: { strip: '9o' } }],
    ['a run that was reset', { workflowExecution: { workflowId: 'w', runId: 'run-2' } }],
  ])('by %s', async (_, info) => {
    const report = await execute(untouched, undefined, info).report;
    expect(report).toMatchObject({ state: 'not-measured' });
    expect((report as { why: string }).why).toMatch(/^what began before cannot be gone on with/);
  });

  test.each<[string, ActivityDeps, RegExp]>([
    ['no entry is for the instance', hostedBy('10.0.0.9', () => Promise.resolve(null)), /no data/],
    ['the worker has no entries', hostedBy(null), /no dataPlane entry/],
    [
      'the entry cannot be used',
      hostedBy('10.0.0.9', () => Promise.resolve({ why: 'its file is gone' })),
      /its file is gone/,
    ],
  ])('where %s', async (_, deps, why) => {
    const report = await execute(untouched, deps).report;
    expect(report).toMatchObject({ state: 'not-measured' });
    expect((report as { why: string }).why).toMatch(why);
  });

  test('at an address that another probe of the worker is at, until that has ended', async () => {
    const probes = createProbes(() => probeOf([]));
    const deps = hostedBy('fd00::9');
    const first = execute(probes, deps);
    await begun(first.beats);
    expect(await execute(probes, deps).report).toEqual({
      ...{ state: 'not-measured', why: 'another probe of this worker is at [fd00::9]:6379' },
    });
    first.environment.cancel('CANCELLED');
    await first.report;
    const second = execute(probes, deps);
    await begun(second.beats);
    second.environment.cancel('CANCELLED');
    expect(await second.report).toMatchObject({ state: 'measured' });
  });

  test.each([
    ['16 run already', 16, Infinity],
    ['the worker has few places', 2, 8],
    ['it has no place to spare', 0, 3],
  ])('where %s', async (_, max, places) => {
    const probes = createProbes(() => probeOf([]), places);
    const running = Array.from({ length: max }, (__, at) =>
      execute(probes, hostedBy(`10.0.1.${at}`)),
    );
    for (const { beats } of running) await begun(beats);
    expect(await execute(probes).report).toEqual({
      ...{ state: 'not-measured', why: 'worker is full' },
    });
    for (const { environment } of running) environment.cancel('CANCELLED');
    expect(await Promise.all(running.map(({ report }) => report))).toHaveLength(max);
  });
});
