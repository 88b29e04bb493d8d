/**
 * What the worker counts is compared with what happened: with the outcomes that the runs reported, and
 * with the calls in the simulator's ledger. One worker, many runs, one scrape.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import {
  FREEZE_MEMO,
  FREEZE_WORKFLOW_ID,
  FREEZE_WORKFLOW_TYPE,
  makeWorkflowId,
} from '../../src/contract/index.js';
import type { SwitchoverInput } from '../../src/contract/index.js';
import type { WorkerProcess } from '../../src/dev/stack.js';
import { METRICS } from '../../src/domain/telemetry.js';
import type { MetricSpec } from '../../src/domain/telemetry.js';
import { waitUntil } from '../../src/simulator/basics.js';
import type { FaultActions, RouteName } from '../../src/simulator/index.js';
import { instancesOf, startMaintenance } from '../support/maintenance-rig.js';
import type { MaintenanceEnd } from '../support/maintenance-rig.js';
import { ANY_PORT, httpOf, scrape, sumBy } from '../support/probes.js';
import type { Sample } from '../support/probes.js';
import { startPrometheus } from '../support/prometheus.js';
import type { Prometheus } from '../support/prometheus.js';
import { startReceiver } from '../support/receiver.js';
import type { Receiver } from '../support/receiver.js';
import { writeRedisSettings } from '../support/redis-settings.js';
import { useRig } from '../support/rig.js';
import type { RunEnd } from '../support/rig.js';

const rig = useRig({ hasWorker: false, redis: true });

let worker: WorkerProcess;
let receiver: Receiver;
let folder = '';
let ends: RunEnd[];
let maintenances: MaintenanceEnd[];
let samples: readonly Sample[];
/** Of a worker that was started later, when all runs had ended and a freeze was in force. */
let later: readonly Sample[];
let prometheus: Prometheus;

const MONITORING = path.join(__dirname, '../../deploy/monitoring');

/** Scenarios that together touch every metric: name, fault of the PUT, input. */
const SCENARIOS: readonly [string, FaultActions | null, Partial<SwitchoverInput>][] = [
  ['accepted', null, {}],
  ['accepted again', null, {}],
  ['plan', null, { mode: 'plan', toggle: true }],
  ['answer lost, task found', { reset: 'after' }, {}],
  ['PUT lost', { reset: 'before' }, {}],
  ['rejected', { respond: { status: 400, code: 'DCS.4011' } }, {}],
  ['job failed', { job: { outcome: 'FAIL' } }, {}],
  ['bad master', { job: { newMasterStatus: 'Inactive' } }, {}],
  ['refused', null, { expectedMasterNodeId: 'f'.repeat(32) }],
];

async function play(fault: FaultActions | null, input: Partial<SwitchoverInput>): Promise<RunEnd> {
  const instance = await rig().instance();
  const { instanceId } = instance;
  if (fault !== null)
    rig().simulator.faults.add({ route: 'asyncSwap', instanceId, calls: 1, ...fault });
  return rig().run(instance, input);
}

/**
 * A run that is cancelled before any worker has seen it. A later cancellation may meet the end of the
 * pre-check; Temporal then has the last task done again, and the worker counts the run twice.
 */
async function startCancelled(): Promise<() => Promise<RunEnd>> {
  const instance = await rig().instance();
  const runId = await rig().start(instance);
  const { projectId } = rig().simulator;
  const workflowId = makeWorkflowId('switch', { projectId, instanceId: instance.instanceId });
  await rig().temporal.workflow.getHandle(workflowId, runId).cancel();
  return () => rig().end(instance, runId);
}

/** Maintenance runs that start no switchover, so that runs are counted for themselves. */
async function playMaintenances(): Promise<MaintenanceEnd[]> {
  const instances = await instancesOf(rig(), 1);
  const inputs = [{ mode: 'plan' }, { region: 'xx-elsewhere-1' }] as const;
  return Promise.all(
    inputs.map(async (input) => (await startMaintenance(rig(), instances, input)).end()),
  );
}

/** The gateway turns some of its readings away, and the others wait. */
async function playThrottled(): Promise<RunEnd> {
  rig().simulator.quotas.set({ reads: '1/1s' });
  const end = await play(null, { mode: 'plan', toggle: true });
  rig().simulator.quotas.set({});
  return end;
}

const PASSWORD = 'canary-of-the-probe';

/** The worker's settings, with Redis' password of the instances that are measured. */
function settings(): NodeJS.ProcessEnv {
  folder = mkdtempSync(path.join(tmpdir(), 'metrics-'));
  return writeRedisSettings(folder, rig().simulator, {
    ...{ match: { name: 'measured' }, password: PASSWORD },
  });
}

/** A run that is measured while Redis loses what it had acknowledged. */
async function playMeasured(): Promise<RunEnd> {
  const instance = await rig().instance({ name: 'measured', redis: { password: PASSWORD } });
  const { instanceId } = instance;
  const redis = { promotion: 'abrupt', loseMs: 800 } as const;
  // The PUT takes its time: until the probe is ready.
  const swap = { route: 'asyncSwap', delayMs: 2_500, redis } as const;
  rig().simulator.faults.add({ ...swap, instanceId, calls: 1 });
  return rig().run(instance, { probe: 'require' });
}

/** By its record alone: on a queue of no one it stays. */
async function freeze(): Promise<void> {
  const words = { until: '2099-01-01T00:00:00Z', by: 'ann', reason: 'quarter end' };
  await rig().temporal.workflow.start(FREEZE_WORKFLOW_TYPE, {
    workflowId: FREEZE_WORKFLOW_ID,
    taskQueue: 'nobody',
    args: [words],
    memo: { [FREEZE_MEMO]: words },
  });
}

/** What a worker reports once it has read the gauges of the namespace, within some ten seconds. */
async function scrapeGauges(from: WorkerProcess): Promise<readonly Sample[]> {
  let scraped: readonly Sample[] = [];
  await waitUntil('the gauges of the namespace', 120_000, async () => {
    scraped = await scrape(httpOf(from));
    return scraped.some(({ name }) => name === METRICS.namespaceRead.name);
  });
  return scraped;
}

beforeAll(async () => {
  receiver = await startReceiver();
  const endOfCancelled = await startCancelled();
  worker = await rig().stack.startWorker({
    ...{ ...ANY_PORT, ...settings() },
    DCS_SWITCHOVER_WEBHOOK_URL: receiver.url,
    DCS_SWITCHOVER_WEBHOOK_SECRET: receiver.secret,
  });
  ends = await Promise.all([
    ...SCENARIOS.map(([, fault, input]) => play(fault, input)),
    endOfCancelled(),
  ]);
  maintenances = await playMaintenances();
  // One after the other: a probe next to all the others would have to wait for its answers.
  ends.push(await playMeasured(), await playThrottled());
  samples = await scrape(httpOf(worker));
  await freeze();
  const laterWorker = await rig().stack.startWorker(ANY_PORT);
  later = await scrapeGauges(laterWorker);
  prometheus = await startPrometheus([worker, laterWorker].map(httpOf), `${MONITORING}/rules.yaml`);
  await rig().temporal.workflow.getHandle(FREEZE_WORKFLOW_ID).terminate('thawed');
}, 240_000);

afterAll(async () => {
  await receiver.close();
  await prometheus.stop();
  rmSync(folder, { recursive: true });
});

/** Numbers of equal words. */
function tally(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

const total = ({ name }: MetricSpec): string => `${name}_total`;
const count = ({ name }: MetricSpec): string => `${name}_count`;

describe('the metrics of a worker', () => {
  test('the scenarios ended as they were meant to', () => {
    expect(ends.map(({ outcome }) => outcome)).toEqual([
      'SUCCEEDED',
      'SUCCEEDED',
      'PLANNED',
      'SUCCEEDED',
      'UNKNOWN',
      'FAILED_UNCHANGED',
      'FAILED_UNCHANGED',
      'COMPENSATED',
      'REFUSED',
      'CANCELLED',
      'SUCCEEDED',
      'PLANNED',
    ]);
  });

  test('runs, by outcome and mode', () => {
    const modes = [
      ...SCENARIOS.map(([, , { mode }]) => mode ?? 'switch'),
      'switch',
      'switch',
      'plan',
    ];
    expect(sumBy(samples, total(METRICS.runs), 'outcome', 'mode')).toEqual(
      tally(ends.map(({ outcome }, index) => `${outcome} ${modes[index] ?? ''}`)),
    );
  });

  test('maintenance runs, by outcome and cause', () => {
    expect(maintenances.map(({ type }) => type)).toEqual(['PLANNED', 'INVALID_INPUT']);
    expect(sumBy(samples, total(METRICS.maintenances), 'outcome', 'cause')).toEqual({
      'PLANNED PLAN_ONLY': 1,
      'INVALID_INPUT none': 1,
    });
  });

  test('PUTs are those of the ledger, by what is known of them', () => {
    const puts = sumBy(samples, total(METRICS.puts), 'purpose', 'answer');
    expect(puts).toEqual({
      'forward accepted': 5,
      'forward ambiguous': 2,
      'forward rejected': 1,
      'compensate accepted': 1,
    });
    const sum = Object.values(puts).reduce((all, some) => all + some, 0);
    expect(sum).toBe(rig().simulator.ledger.puts().length);
  });

  test('reconciliations and compensations', () => {
    expect(sumBy(samples, total(METRICS.reconciliations), 'found')).toEqual({
      task: 1,
      nothing: 1,
    });
    expect(sumBy(samples, total(METRICS.compensations), 'result')).toEqual({ restored: 1 });
  });

  test('phases: each run counts each of its phases once, with the time in its result', () => {
    const phases = ends.flatMap(({ result }) =>
      Object.entries((result as RunEnd['result'] | undefined)?.timings.phasesMs ?? {}),
    );
    const reported = phases.filter(([phase]) => phase !== 'ENDED');
    const counts = sumBy(samples, count(METRICS.phaseDuration), 'phase');
    // The cancelled run has no result; it was in its pre-check only.
    expect(counts).toEqual(tally([...reported.map(([phase]) => phase), 'PREFLIGHT']));
    const sums = sumBy(samples, `${METRICS.phaseDuration.name}_sum`, 'phase');
    const awaited = reported.filter(([phase]) => phase === 'AWAITING_JOB');
    const awaitedSeconds = awaited.reduce((sum, [, ms]) => sum + ms / 1000, 0);
    expect(sums['AWAITING_JOB']).toBeCloseTo(awaitedSeconds, 6);
  });

  test('the lag of the poll: once for every job', () => {
    const { swaps } = rig().simulator.ledger;
    expect(sumBy(samples, count(METRICS.jobNoticeLag))).toEqual({ '': swaps.length });
  });

  test('calls to DCS are those of the ledger, by operation and status', () => {
    const operation = (route: RouteName): string => (route === 'asyncSwap' ? 'requestSwap' : route);
    // Who we are is asked of STS, which is no call to DCS.
    const calls = rig().simulator.ledger.calls.filter(
      ({ route }) => route !== 'showCallerIdentity',
    );
    const seen = calls.map(
      ({ route, status }) =>
        `${operation(route)} ${typeof status === 'number' ? String(status) : 'none'}`,
    );
    const counted = sumBy(samples, total(METRICS.dcsCalls), 'operation', 'status');
    expect(counted).toEqual(tally(seen));
    const durations = sumBy(samples, count(METRICS.dcsCallDuration), 'operation');
    expect(durations).toEqual(tally(calls.map(({ route }) => operation(route))));
  });

  test('waits of readings, while the quota of the API was spent', () => {
    const waits = sumBy(samples, count(METRICS.dcsTurnWait), 'cause', 'result');
    expect(waits['quota given']).toBeGreaterThan(0);
    expect(Object.keys(waits).filter((key) => !/^(quota|pace) given$/.test(key))).toEqual([]);
    const { 'quota given': seconds = 0 } = sumBy(
      samples,
      `${METRICS.dcsTurnWait.name}_sum`,
      'cause',
      'result',
    );
    expect(seconds).toBeGreaterThan(0);
  });

  test('a freeze in force, and the one instance that is unresolved; read when the worker says so', () => {
    expect(sumBy(later, METRICS.freezeInForce.name)).toEqual({ '': 1 });
    expect(sumBy(later, METRICS.unresolvedInstances.name)).toEqual({ '': 1 });
    const readAtMs = (sumBy(later, METRICS.namespaceRead.name)[''] ?? 0) * 1000;
    expect(Math.abs(readAtMs - (Date.now() + rig().clocks.workerMs))).toBeLessThan(300_000);
  });

  test('labels are those that the documentation names, and report no instance', () => {
    const specs: readonly MetricSpec[] = Object.values(METRICS);
    for (const { name, labels } of specs) {
      const ours = [...samples, ...later].filter((sample) => sample.name.startsWith(name));
      expect({ name, isThere: ours.length > 0 }).toEqual({ name, isThere: true });
      for (const sample of ours)
        expect(Object.keys(sample.labels)).toEqual(expect.arrayContaining([...labels]));
    }
    const text = JSON.stringify(samples.filter(({ name }) => name.startsWith('dcs_switchover_')));
    for (const { instanceId } of rig().simulator.instances) expect(text).not.toContain(instanceId);
    expect(text).not.toContain(rig().simulator.projectId);
  });

  test('the SDK’s own are there as well', () => {
    const names = new Set(samples.map(({ name }) => name));
    expect(names).toContain('temporal_activity_execution_latency_seconds_count');
    expect(names).toContain('temporal_request_total');
  });
});

interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

const { panels } = JSON.parse(readFileSync(`${MONITORING}/dashboard.json`, 'utf8')) as Dashboard;

describe('deploy/monitoring, by a Prometheus that scrapes these workers', () => {
  // Rates need two scrapes of each worker.
  beforeAll(
    () =>
      waitUntil('scrapes', 60_000, async () => {
        const seen = await prometheus.query('min(count_over_time(up[1m])) > 3');
        return seen.length > 0;
      }),
    90_000,
  );

  test.each(panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr])))(
    'the panel "%s" shows something: %s',
    async (_, expr = '') => {
      const asked = expr.replaceAll('$__rate_interval', '1m');
      const found = await prometheus.query(asked);
      expect(found.length).toBeGreaterThan(0);
      const [, by = ''] = /sum by \(([^)]*)\)/.exec(asked) ?? [];
      const labels = by.split(', ').filter((label) => label !== '' && label !== 'le');
      expect(Object.keys(found[0]?.metric ?? {}).sort()).toEqual(labels.sort());
    },
  );

  test('every alert can be evaluated, and the freeze, the unresolved instance and its run are seen', async () => {
    await waitUntil('an evaluation', 60_000, async () =>
      (await prometheus.rules()).every(({ health }) => health !== 'unknown'),
    );
    const rules = await prometheus.rules();
    expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
    const active = await prometheus.query('ALERTS');
    expect(
      active.map(({ metric }) => `${metric['alertname'] ?? ''} ${metric['alertstate'] ?? ''}`),
    ).toEqual(
      expect.arrayContaining([
        'DcsSwitchoverUnknown firing',
        'DcsSwitchoverUnresolved pending',
        'DcsSwitchoverCompensated firing',
        'DcsSwitchoverFreezeStays pending',
      ]),
    );
  });
});
