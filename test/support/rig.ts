/**
 * The rig of the end-to-end tests: a real Temporal server, the simulator and the built worker in a
 * process of its own. Every run is judged by the simulator's ledger as well as by what it says.
 */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, expect } from '@jest/globals';
import { Client } from '@temporalio/client';
import type { Connection, WorkflowClientInterceptor } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';

import { InvalidInputError, RunCancelledError, createDcsSwitchover } from '../../src/client.js';
import type { SwitchoverClient } from '../../src/client.js';
import { isExaminingMode, makeWorkflowId } from '../../src/contract/index.js';
import type {
  Mode,
  Outcome,
  SwitchoverInput,
  SwitchoverResult,
  Timing,
} from '../../src/contract/index.js';
import { startLocalStack } from '../../src/dev/stack.js';
import type { LocalStack, LocalStackOptions, WorkerProcess } from '../../src/dev/stack.js';
import type { InstanceSpec, SimulatedInstance, Simulator } from '../../src/simulator/index.js';
import { loadDataConverter } from '../../src/temporal/data-converter.js';
import { MAX_PRE_CHECK_EVENTS } from '../../src/temporal/earlier-run.js';

// What client and command load only where it is needed is loaded here: Jest refuses a module that is new amid
// concurrent tests.
import 'yaml';
import '../../src/client/maintenance/list.js';
import '../../src/client/switchover/find-instances.js';
import '../../src/client/switchover/list.js';
import '../../src/config/yaml.js';
import '../../src/doctor/index.js';
import '../../src/domain/maintenance/invariants.js';
import '../../src/temporal/maintenance-facts.js';

import { clockEnv, clocksOf } from './clocks.js';
import type { Clocks } from './clocks.js';
import { connectTo } from './connect.js';
import { violationsOf } from './contract-schema.js';
import { showed, showing } from './shown.js';
import { expectCommandsToWork } from './suite-commands.js';
import { expectPromisesKept } from './suite-promises.js';

/** Short times, so that a run with every phase takes seconds. */
export const FAST: Partial<Timing> = {
  jobTimeoutSeconds: 8,
  settleSeconds: 2,
  verifySamples: 2,
  verifyIntervalSeconds: 0,
  verifyTimeoutSeconds: 4,
  busyWaitSeconds: 15,
  coolDownSeconds: 0,
};

/** How long a client of a test waits for Temporal's answer to a call, on a loaded machine. */
export const RPC_TIMEOUT_MS = 60_000;

/** How a run ended, as its caller sees it. */
export interface RunEnd {
  readonly outcome: Outcome | 'CANCELLED';
  /** Not there for CANCELLED and INVALID_INPUT, which tests do not read it of. */
  readonly result: SwitchoverResult;
  readonly runId: string;
  readonly error: Error | null;
}

/** What a test file works with. */
export interface Rig {
  readonly stack: LocalStack;
  readonly simulator: Simulator;
  readonly temporal: Client;
  readonly client: SwitchoverClient;
  readonly clocks: Clocks;
  /** The present by the clock of the API, which stamps what it shows, epoch milliseconds. */
  readonly apiNowMs: () => number;
  /** The present by the latest of all clocks, by which a time such as `notAfter` is over, epoch milliseconds. */
  readonly latestNowMs: () => number;
  /** The worker's log so far. */
  readonly logs: readonly string[];
  readonly worker: WorkerProcess;
  /** A fresh instance: tests do not share any. */
  readonly instance: (spec?: InstanceSpec) => Promise<SimulatedInstance>;
  /** Every PUT of an instance that has come to the API. */
  readonly putsOf: (instance: SimulatedInstance) => ReturnType<Simulator['ledger']['puts']>;
  readonly start: (
    instance: SimulatedInstance,
    input?: Partial<SwitchoverInput>,
  ) => Promise<string>;
  readonly end: (instance: SimulatedInstance, runId: string, mode?: Mode) => Promise<RunEnd>;
  readonly run: (instance: SimulatedInstance, input?: Partial<SwitchoverInput>) => Promise<RunEnd>;
  readonly history: (
    instance: SimulatedInstance,
    runId: string,
    mode?: Mode,
  ) => Promise<HistoryEvent[]>;
}

/** One event of a history as JSON, payloads decoded in place. */
export type HistoryEvent = Readonly<Record<string, unknown>> & {
  readonly eventType?: string;
  readonly eventTime?: string;
};

interface RigOptions extends LocalStackOptions {
  /** Whether a worker is started with the rig. @default true */
  readonly hasWorker?: boolean;
  /** Added to the environment of the rig's worker and used for its client's codec. */
  readonly codecEnv?: NodeJS.ProcessEnv;
  /** For a suite that is about clocks itself. @default those of `clocksOf` */
  readonly clocks?: Clocks;
}

/** Starts a rig for the tests of a file and ends it with them. */
export function useRig(options: RigOptions = {}): () => Rig {
  let rig: Rig | undefined;
  let close = (): Promise<void> => Promise.resolve();
  let judge = (): Promise<void> => Promise.resolve();
  beforeAll(async () => {
    const securityToken = `canary-${randomUUID()}`;
    const timing = { jobInitMs: 100, jobRunMs: 900 };
    const clocks = options.clocks ?? clocksOf(expect.getState().testPath ?? '');
    const clockOffsetMs = clocks.apiMs;
    const simulator = { timing, securityToken, clockOffsetMs, ...options.simulator };
    const local = await startLocalStack({ redis: false, ...options, simulator });
    const stack = withWorkerClock(local, clocks);
    const connection = await connectTo(stack.temporal.address);
    close = async () => {
      await connection.close();
      await stack.close();
    };
    const created = await createRig(stack, connection, { ...options, clocks });
    judge = () => expectPromisesKept(created).finally(() => expectCommandsToWork(created));
    rig = created;
  });
  afterAll(() => judge().finally(close));
  return () => {
    if (rig === undefined) throw new Error('the rig is not up');
    return rig;
  };
}

/** Every worker of a suite has the same clock, unless it is given another. */
function withWorkerClock(stack: LocalStack, { workerMs }: Clocks): LocalStack {
  const clock = clockEnv(workerMs);
  return {
    ...stack,
    workerEnv: () => ({ ...stack.workerEnv(), ...clock }),
    startWorker: (extraEnv, onLog) =>
      stack.startWorker({ ...clock, ...extraEnv }, (line) => onLog?.(showed(line))),
  };
}

/** Whatever a query or an update answers is shown to someone. */
const SHOWING: WorkflowClientInterceptor = {
  query: async (input, next) => showed(await next(input)),
};

async function createRig(
  stack: LocalStack,
  connection: Connection,
  { hasWorker = true, codecEnv = {}, clocks }: RigOptions & { readonly clocks: Clocks },
): Promise<Rig> {
  const { simulator, taskQueue } = stack;
  const logs: string[] = [];
  const { namespace } = stack.temporal;
  const codec = loadDataConverter(codecEnv, { namespace, codec: null });
  const dataConverter = codec === undefined ? {} : { dataConverter: codec.dataConverter };
  const interceptors = { workflow: [SHOWING] };
  const temporal = new Client({ connection, namespace, interceptors, ...dataConverter });
  const { switchover: client } = showing(
    createDcsSwitchover({ client: temporal, taskQueue, rpcTimeoutMs: RPC_TIMEOUT_MS }),
  );
  const worker = hasWorker
    ? await stack.startWorker(codecEnv, (line) => logs.push(line))
    : (undefined as unknown as WorkerProcess);
  const { projectId } = simulator;
  const refOf = ({ instanceId }: SimulatedInstance) => ({ projectId, instanceId });

  const rig: Rig = {
    stack,
    simulator,
    temporal,
    client,
    clocks,
    apiNowMs: () => Date.now() + clocks.apiMs,
    latestNowMs: () => Date.now() + Math.max(0, clocks.workerMs, clocks.apiMs),
    logs,
    worker,
    instance: (spec = {}) => simulator.addInstance(spec),
    putsOf: ({ instanceId }) => simulator.ledger.puts(instanceId),
    start: async (instance, input = {}) => {
      const goal = input.target ?? input.expectedMasterNodeId ?? input.mode;
      const { timing, ...rest } = input;
      const toggle = goal === undefined ? { toggle: true } : {};
      const whole = { ...refOf(instance), ...toggle, ...rest, timing: { ...FAST, ...timing } };
      return (await client.start(whole, { joinEquivalent: false })).runId;
    },
    end: async (instance, runId, mode = 'switch') => {
      const end = await endOf(client, { ...refOf(instance), mode }, runId);
      await expectTruth(rig, instance, end, mode);
      const audited = await client.audit({ ...refOf(instance), mode, runId });
      expect(audited.violations).toEqual([]);
      await recordHistory(rig, instance, end, mode);
      return end;
    },
    run: async (instance, input) =>
      rig.end(instance, await rig.start(instance, input), input?.mode ?? 'switch'),
    history: async ({ instanceId }, runId, mode = 'switch') => {
      const workflowId = makeWorkflowId(mode, { projectId, instanceId });
      const handle = temporal.workflow.getHandle(workflowId, runId);
      const { events } = JSON.parse(historyToJSON(await handle.fetchHistory())) as {
        events: HistoryEvent[];
      };
      return decodePayloads(events) as HistoryEvent[];
    },
  };
  return rig;
}

async function endOf(
  client: SwitchoverClient,
  ref: { projectId: string; instanceId: string; mode: Mode },
  runId: string,
): Promise<RunEnd> {
  const nothing = undefined as unknown as SwitchoverResult;
  try {
    const result = await client.result({ ...ref, runId });
    return { outcome: result.outcome, result, runId, error: null };
  } catch (error) {
    if (error instanceof InvalidInputError)
      return { outcome: 'INVALID_INPUT', result: nothing, runId, error };
    if (error instanceof RunCancelledError)
      return { outcome: 'CANCELLED', result: nothing, runId, error };
    throw error;
  }
}

/**
 * `npm run record:histories` keeps one history per outcome, cause, and what was seen of Redis, for the
 * replay tests of later versions.
 */
async function recordHistory(
  { temporal, simulator: { projectId } }: Rig,
  { instanceId }: SimulatedInstance,
  { outcome, result, runId }: RunEnd,
  mode: Mode,
): Promise<void> {
  const folder = process.env['RECORD_HISTORIES'] ?? '';
  if (folder === '') return;
  const seen = [causeOf(result), redisStateOf(result)];
  const name = [isExaminingMode(mode) ? mode : '', outcome, ...seen]
    .filter(Boolean)
    .join('-')
    .toLowerCase()
    .replaceAll('_', '-');
  const handle = temporal.workflow.getHandle(
    makeWorkflowId(mode, { projectId, instanceId }),
    runId,
  );
  const history = JSON.parse(historyToJSON(await handle.fetchHistory())) as unknown;
  await writeFile(path.join(folder, `${name}.json`), JSON.stringify(history, withoutMachine));
}

/** Fixtures report nothing of the machine on which they were recorded. */
export function withoutMachine(key: string, value: unknown): unknown {
  if (key === 'stackTrace') return '';
  if (typeof value === 'string' && /^\d+@/.test(value)) return 'recorded';
  return key === 'identity' || key === 'stickyTaskQueue' ? undefined : value;
}

/** Outcomes that promise that nothing was accepted in this run. */
const NOTHING_ACCEPTED = ['REFUSED', 'NOOP', 'INVALID_INPUT', 'CANCELLED', 'PLANNED', 'RESOLVED'];

/** The invariants that every run has to hold, by the ledger's word; and no secret anywhere. */
async function expectTruth(
  rig: Rig,
  instance: SimulatedInstance,
  end: RunEnd,
  mode: Mode,
): Promise<void> {
  const { instanceId } = instance;
  const events = await rig.history(instance, end.runId, mode);
  const hasResult = end.outcome !== 'INVALID_INPUT' && end.outcome !== 'CANCELLED';
  if (hasResult) expect(violationsOf('switchover-result', end.result)).toEqual([]);
  expectTellingLength(events, end.outcome);
  const startedAt = Date.parse(events[0]?.eventTime ?? '');
  const puts = rig.simulator.ledger.puts(instanceId).filter(({ at }) => at >= startedAt);
  const accepted = puts.filter(({ executed }) => executed);
  expect(accepted.length).toBeLessThanOrEqual(
    end.outcome === 'COMPENSATED' ? 2 : 1 + compensations(end),
  );
  const isExamining = isExaminingMode(mode);
  const isRepeat = hasResult && (end.result.repeatOfRunId ?? null) !== null;
  // What the gateway turned away for a spent quota never came to the service.
  const passed = puts.filter(({ executed, status }) => executed || status !== 429);
  if (isExamining || isRepeat || NOTHING_ACCEPTED.includes(end.outcome))
    expect(passed).toHaveLength(0);
  if (end.outcome === 'SUCCEEDED' && !isExamining && !isRepeat) expect(accepted).toHaveLength(1);
  if (end.outcome === 'UNKNOWN' || end.outcome === 'REFUSED')
    expect(end.result.message).toMatch(/dcs-switchover|\. /);
  expectNoSecret(rig, [JSON.stringify(events), JSON.stringify([end.result]), ...rig.logs]);
}

/**
 * Later runs take a short history for that of a run that its pre-check ended, and do not read it: no run that came to
 * its PUT may have one, and the refused ones are to. A workflow task that was lost adds events.
 */
function expectTellingLength(events: readonly HistoryEvent[], outcome: RunEnd['outcome']): void {
  const has = (type: string): boolean => events.some(({ eventType }) => eventType === type);
  const cameToPut = JSON.stringify(events).includes('"activityType":{"name":"requestSwap"}');
  if (cameToPut) expect(events.length).toBeGreaterThan(MAX_PRE_CHECK_EVENTS);
  const isPlain =
    !has('EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT') && !has('EVENT_TYPE_WORKFLOW_TASK_FAILED');
  if (!cameToPut && outcome === 'REFUSED' && isPlain)
    expect(events.length).toBeLessThanOrEqual(MAX_PRE_CHECK_EVENTS);
}

function compensations({ result }: RunEnd): number {
  return causeOf(result)?.startsWith('COMPENSATION_') === true ? 1 : 0;
}

function redisStateOf(result: SwitchoverResult | undefined): string | undefined {
  return result?.dataPlane?.state;
}

function causeOf(result: SwitchoverResult | undefined): string | null | undefined {
  return result === undefined ? undefined : result.cause;
}

/** The simulator's own keys are the canaries: they are random in each start. */
export function expectNoSecret(
  { simulator }: Pick<Rig, 'simulator'>,
  texts: readonly string[],
): void {
  for (const text of texts) {
    expect(text.includes(simulator.secretKey)).toBe(false);
    expect(text.includes(simulator.accessKey)).toBe(false);
    expect(text.includes(simulator.securityToken ?? simulator.secretKey)).toBe(false);
    expect(/SDK-HMAC-SHA256|X-Security-Token/i.test(text)).toBe(false);
  }
}

/** Replaces base64 payloads by their text, so that a search finds what stands in them. */
export function decodePayloads(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decodePayloads);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, field]) =>
    key === 'data' && typeof field === 'string'
      ? [key, Buffer.from(field, 'base64').toString('utf8')]
      : [key, decodePayloads(field)],
  );
  return Object.fromEntries(entries) as unknown;
}
