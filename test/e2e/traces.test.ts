/** Traces: one from the caller to each call of the API, sent to a collector for which nothing waits. */
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { Worker } from '@temporalio/worker';

import { makeSwitchoverWorkflowId } from '../../src/contract/index.js';
import type { WorkerProcess } from '../../src/dev/stack.js';
import { waitUntil } from '../../src/simulator/basics.js';
import type { SimulatedInstance } from '../../src/simulator/index.js';
import { workflowBundlePath } from '../../src/worker.js';
import { formatTrace, startCollector } from '../support/otlp.js';
import type { CollectedSpan, Collector } from '../support/otlp.js';
import { installQuietRuntime } from '../support/quiet-runtime.js';
import { FAST, expectNoSecret, useRig } from '../support/rig.js';

const ROOT = path.join(__dirname, '../..');

const rig = useRig({ hasWorker: false });

let collector: Collector;
/** Takes what comes, and never answers. */
let mute: Collector;
let worker: WorkerProcess;

beforeAll(async () => {
  installQuietRuntime();
  collector = await startCollector();
  mute = await startCollector();
  mute.hang();
  worker = await rig().stack.startWorker(tracesTo(collector.url));
}, 180_000);

afterAll(async () => {
  await collector.close();
  await mute.close();
});

const tracesTo = (url: string) => ({
  DCS_SWITCHOVER_TRACES: 'otlp',
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  OTEL_BSP_SCHEDULE_DELAY: '100',
});

/** A caller in a process of its own, by the client's entry. */
const CALLER = `(async () => {
  const { connectDcsSwitchover } = require('dcs-switchover/client');
  const { switchover, close } = await connectDcsSwitchover();
  const run = await switchover.start(JSON.parse(process.argv[1]));
  const { outcome } = await switchover.result(run);
  await switchover.status(run);
  await close();
  console.log(JSON.stringify({ outcome, runId: run.runId }));
})();`;

interface Called {
  readonly outcome: string;
  readonly runId: string;
}

async function call({ instanceId }: SimulatedInstance, url: string): Promise<Called> {
  const { projectId } = rig().simulator;
  const input = JSON.stringify({ projectId, instanceId, toggle: true, timing: FAST });
  const env = { ...rig().stack.clientEnv, ...tracesTo(url) };
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', CALLER, input], {
    cwd: ROOT,
    env,
    timeout: 180_000,
  });
  return JSON.parse(stdout) as Called;
}

/** The trace that a caller has begun, once the run's own span, which ends last, is there. */
async function traceOf(runId: string): Promise<readonly CollectedSpan[]> {
  const isOfRun = ({ name, attributes }: CollectedSpan): boolean =>
    name === 'RunWorkflow:dcsSwitchover' && attributes['runId'] === runId;
  await waitUntil('the trace', 60_000, () => Promise.resolve(collector.spans.some(isOfRun)));
  const found = collector.spans.find(isOfRun);
  return collector.spans.filter(({ traceId }) => traceId === found?.traceId);
}

/** One switchover, whose trace is complete. */
const TREE = `
StartWorkflow:dcsSwitchover
  RunWorkflow:dcsSwitchover
    StartActivity:preflight
      RunActivity:preflight
        DCS showInstance
        DCS listNodes
        DCS listTasks
    StartActivity:requestSwap
      RunActivity:requestSwap
        DCS showInstance
        DCS listNodes
        DCS listTasks
        DCS requestSwap
    StartActivity:awaitJob
      RunActivity:awaitJob
        DCS showJob
    StartActivity:verifyRoles
      RunActivity:verifyRoles
        DCS showInstance
        DCS listNodes
        DCS listTasks`.trim();

/** Which lines there are, and under which; readings that leave together come in any order. */
const sorted = (tree: string): string[] => [...new Set(tree.split('\n'))].sort();

describe('the trace of a switchover', () => {
  let instance: SimulatedInstance;
  let called: Called;
  let spans: readonly CollectedSpan[];

  beforeAll(async () => {
    instance = await rig().instance();
    called = await call(instance, collector.url);
    spans = await traceOf(called.runId);
  }, 180_000);

  test('begins at its caller and leads to each call of the API', () => {
    expect(called.outcome).toBe('SUCCEEDED');
    expect(spans.filter(({ parentSpanId }) => parentSpanId === '')).toHaveLength(1);
    expect(sorted(formatTrace(spans))).toEqual(sorted(TREE));
    expect(spans.filter(({ isError }) => isError)).toEqual([]);
  });

  test('has the calls of the ledger, each with its status and the id by which the service finds it again', () => {
    const { calls } = rig().simulator.ledger;
    const made = calls.filter(({ instanceId }) => instanceId === instance.instanceId);
    const traced = spans.filter(({ name }) => name.startsWith('DCS '));
    const shownCalls = traced.map(
      ({ attributes }) =>
        `${String(attributes['http.response.status_code'])} ${String(attributes['dcs.request_id'])}`,
    );
    expect(shownCalls.sort()).toEqual(
      made.map(({ status, requestId }) => `${String(status)} ${requestId}`).sort(),
    );
  });

  test('names runs and no more: no key, no signed header, no memo, and no query is a trace', () => {
    expectNoSecret(rig(), collector.bodies);
    const keys = new Set(spans.flatMap(({ attributes }) => Object.keys(attributes)));
    expect([...keys].sort()).toEqual([
      ...['attempt', 'dcs.operation', 'dcs.request_id', 'http.request.method'],
      ...['http.response.status_code', 'namespace', 'runId', 'run_id', 'taskQueue'],
      ...['temporalActivityId', 'temporalWorkflowId', 'url.template', 'workflowId', 'workflowType'],
    ]);
    expect(collector.bodies.join()).not.toMatch(/HandleQuery|QueryWorkflow/);
  });

  test('costs no history event, and its history replays with traces and without', async () => {
    const { projectId } = rig().simulator;
    const workflowId = makeSwitchoverWorkflowId({ projectId, instanceId: instance.instanceId });
    const handle = rig().temporal.workflow.getHandle(workflowId, called.runId);
    const history = JSON.parse(historyToJSON(await handle.fetchHistory())) as { events: object[] };
    expect(history.events).toHaveLength(31);
    for (const options of [{}, { hasTraces: true }]) {
      const code = readFileSync(workflowBundlePath(options), 'utf8');
      const sinks = { exporter: { export: { fn: () => undefined } } };
      await Worker.runReplayHistory({ workflowBundle: { code }, sinks }, history, workflowId);
    }
  });
});

describe('a collector that is of no use', () => {
  test.each([
    ['is away', () => 'http://127.0.0.1:9', /the collector does not take traces/],
    ['never answers', () => mute.url, /worker stopped/],
  ])(
    'and %s holds up neither a run, nor its caller, nor a worker that ends',
    async (_, urlOf, said) => {
      const url = urlOf();
      await worker.stop();
      worker = await rig().stack.startWorker(tracesTo(url));
      const { outcome } = await call(await rig().instance(), url);
      expect(outcome).toBe('SUCCEEDED');
      await worker.stop();
      const log = worker.log().join('\n');
      expect(log).toMatch(said);
      expect(log).toContain('worker stopped');
    },
  );
});

describe('traces that cannot be made', () => {
  /** Starts the command where Node finds nothing of OpenTelemetry. */
  const run = (args: readonly string[], traces: string) => {
    const script = `const Module = require('node:module');
      const find = Module._resolveFilename;
      Module._resolveFilename = function (name, ...rest) {
        if (name.includes('opentelemetry')) throw new Error('not installed');
        return find.call(this, name, ...rest);
      };
      process.argv = ['node', 'x', ...${JSON.stringify(args)}];
      require('./dist/cli.js');`;
    const env = { ...rig().stack.workerEnv(), DCS_SWITCHOVER_TRACES: traces };
    return spawnSync(process.execPath, ['-e', script], { cwd: ROOT, env, encoding: 'utf8' });
  };

  test.each([
    ['a worker', ['worker']],
    ['a command', ['freeze', '--show']],
  ])('are a mistake of the settings: %s says what is missing, and opens nothing', (_, args) => {
    const { status, stderr } = run(args, 'otlp');
    expect(stderr).toContain('@opentelemetry/api');
    expect(stderr).toContain('docs/observability.md#traces');
    expect(status).toBe(2);
    expect(run(args, 'yes').stderr).toContain('DCS_SWITCHOVER_TRACES is not "otlp"');
  });
});
