/** One schedule from its beginning to the verdict of every invariant. */
import crypto from 'node:crypto';

import { createActivities, OPEN_POLICY } from '../../src/activities/index.js';
import { makeSwitchoverWorkflowId } from '../../src/contract/index.js';
import { createDataPlaneSource } from '../../src/data-plane/index.js';
import { createDcsClient } from '../../src/dcs/index.js';
import type { SwapCall, WatchCall } from '../../src/domain/reports.js';
import type { JobScript } from '../../src/simulator/faults/spec.js';
import type { ManagedInstance } from '../../src/simulator/service/managed-instance.js';

import { startService } from './dcs.js';
import { FaultBook } from './faults.js';
import type { Event } from './faults.js';
import { freeze, thaw } from './freezes.js';
import { judge } from './judge.js';
import type { Played, Stage, Verdict } from './judge.js';
import { REDIS_PASSWORD } from './redis.js';
import type { Sandbox } from './sandbox.js';
import type { Asked, Schedule } from './schedule.js';
import { SimTemporal } from './temporal.js';
import type { SimRun, SimWorker } from './temporal.js';
import { tell } from './trace.js';
import { inhabit, hereIs, World } from './world.js';
import type { Machine } from './world.js';

/** What becomes of the job of a swap. */
export const JOBS: Readonly<Record<Schedule['job'], JobScript>> = {
  good: {},
  slow: { initMs: 20_000, runMs: 40_000 },
  fails: { outcome: 'FAIL' },
  'fails-changed': { outcome: 'FAIL', changesRoles: true },
  lies: { changesRoles: false },
  'never-ends': { neverEnds: true },
  'bad-master': { newMasterStatus: 'Inactive' },
};

/** Longest virtual time of one run. */
const LIMIT_MS = 6 * 3_600_000;
/** How long the world goes on after it, for what comes late. */
export const AFTERMATH_MS = 150_000;

/** Long enough for everything that goes well, and no longer: readings take most of the processor's time. */
export const TIMING = {
  ...{ jobTimeoutSeconds: 100, quotaPatienceSeconds: 300 },
  ...{ verifyTimeoutSeconds: 50, verifyIntervalSeconds: 4 },
};

/** What a stage is set up from. */
export interface Ground {
  readonly world: World;
  readonly book: FaultBook;
  /** Where Temporal is. */
  readonly server: Machine;
  /** Where the API is. */
  readonly service: Machine;
}

/** How a kind of schedule is played. */
interface Play<S> {
  readonly setUp: (ground: Ground) => Promise<S>;
  readonly strike: (stage: S, event: Event) => void;
  /** Where it stands, for the count of what was reached; `null`: not set up yet. */
  readonly phaseOf: (stage: S | null) => string;
  readonly carryOut: (stage: S, book: FaultBook) => Promise<Verdict>;
}

/** Plays a schedule of any kind in a world of its own. */
export function playInWorld<S>(
  { seed, faults }: Pick<Schedule, 'seed' | 'faults'>,
  { setUp, strike, phaseOf, carryOut }: Play<S>,
): Promise<Verdict> {
  const world = new World(seed);
  inhabit(world);
  const server = world.machine('temporal');
  const service = world.machine('dcs');
  let stage: S | null = null;
  const book = new FaultBook(
    faults,
    (event) => {
      if (stage !== null) strike(stage, event);
    },
    () => phaseOf(stage),
  );
  return world.on(server, async () => {
    stage = await setUp({ world, book, server, service });
    return carryOut(stage, book);
  });
}

/** Plays a schedule. */
export function play(
  schedule: Schedule,
  sandbox: Sandbox,
  trace: (line: string) => void = () => undefined,
): Promise<Verdict> {
  return playInWorld<Stage>(schedule, {
    setUp: (ground) => setUp(schedule, ground, sandbox),
    strike,
    phaseOf: (stage) => phaseOf(stage?.current ?? null),
    carryOut: async (stage, book) => {
      const runs = await askAll(stage);
      for (const line of tell(stage.dcs, runs)) trace(line);
      return judge(stage, book, runs);
    },
  });
}

async function setUp(
  schedule: Schedule,
  { world, book, server, service }: Ground,
  sandbox: Sandbox,
): Promise<Stage> {
  const spec = {
    ...{ clockOffsetMs: schedule.apiClockMs, habits: habitsOf(schedule), taskRow: {} },
    jobs: [JOBS[schedule.job], {}],
    ...{ nodes: schedule.nodes ?? 2, redis: schedule.redis },
  };
  const dcs = await world.on(service, () => startService(world, service, book, spec));
  const temporal = new SimTemporal(world, server, book, sandbox, schedule.visibilityLagMs);
  const stage: Stage = { world, schedule, temporal, dcs, server, freezes: [], current: null };
  addWorkers(stage);
  return stage;
}

/** Starts the workers of a schedule, each with its clock. */
export function addWorkers(stage: Stage): void {
  stage.schedule.workerClocksMs.forEach((offsetMs, index) => {
    addWorker(stage, `worker-${index}`, offsetMs);
  });
}

/** How its service behaves. */
export function habitsOf({ taskRows, taskRowDelayMs, staleRoleViewsMs, swapShownAs }: Schedule) {
  return { taskRows, taskRowDelayMs, staleRoleViewsMs, swapShownAs };
}

function addWorker(
  { world, temporal, dcs, schedule }: Stage,
  name: string,
  offsetMs: number,
): void {
  const machine = world.machine(name, offsetMs);
  const { projectId, accessKey, secretKey } = dcs.options;
  const credentials = {
    description: 'simulated',
    get: () =>
      Promise.resolve({ kind: 'access-key' as const, accessKey, secretKey, securityToken: null }),
    refresh: () => Promise.resolve(),
  };
  const client = createDcsClient({ endpoint: 'http://127.0.0.1:1', projectId, credentials });
  const taskUserName = schedule.knowsUser ? 'simulated-user' : null;
  const worker: SimWorker = {
    machine,
    isDraining: false,
    running: new Set(),
    activities: {} as never,
  };
  const project = { projectId, region: 'xx-simulated-1', dcs: client, taskUserName };
  const dataPlane = schedule.redis === undefined ? null : wayToRedis(dcs.instance);
  worker.activities = createActivities({
    findProject: (id) =>
      id === projectId ? { ...project, policy: OPEN_POLICY, dataPlane } : undefined,
    temporal: temporal.client,
    searchAttributes: ['DcsInstanceId', 'DcsStatus'],
    isDraining: () => worker.isDraining,
  });
  temporal.workers.push(worker);
}

/** As the worker's file would say it. */
function wayToRedis({ instanceId }: ManagedInstance) {
  const entry = {
    ...{ match: { instanceId }, usernameFile: null, passwordFile: 'password', tls: null },
    ...{ login: 'acl' as const, address: null, allowedNetworks: null },
    measure: { periodMs: 50, write: true },
  };
  const readSecret = () => Promise.resolve(REDIS_PASSWORD);
  return createDataPlaneSource([entry], { readSecret, readText: readSecret });
}

const PHASES: Readonly<Record<string, string>> = {
  ...{ preflight: 'PREFLIGHT', requestSwap: 'SWAPPING', awaitJob: 'AWAITING_JOB' },
  ...{ verifyRoles: 'VERIFYING', watchRoles: 'VERIFYING' },
};

/** The phase that a run is in, by its latest activity. */
function phaseOf(run: SimRun | null): string {
  const act = [...(run?.acts.values() ?? [])].findLast(({ type }) => type !== 'measure');
  if (act === undefined) return 'PREFLIGHT';
  const { purpose, putSent, phase, mayHaveInactiveReplicas } = act.call as Partial<
    SwapCall & WatchCall
  >;
  const isOver = act.type !== 'requestSwap' && act.isClosed && run?.isTaskOut === false;
  if (phase === 'HOLDING' || isOver) return 'HOLDING';
  if (purpose === 'compensate' || mayHaveInactiveReplicas === true) return 'COMPENSATING';
  if (act.type === 'watchRoles' && putSent === 'possibly') return 'RECONCILING';
  return PHASES[act.type] ?? act.type;
}

/** Lets an event of the schedule happen, now. */
export function strike(stage: Stage, event: Event): void {
  const { world, temporal, dcs, current } = stage;
  const worker = temporal.workers.find(({ machine }) => machine === hereIs());
  switch (event.event) {
    case 'kill':
      if (worker !== undefined) kill(stage, worker, event.ms);
      return;
    case 'drain':
      if (worker !== undefined) drain(stage, worker, event.ms);
      return;
    case 'halt':
      if (worker !== undefined) worker.machine.haltedUntilMs = world.nowMs + event.ms;
      return;
    case 'clock':
      if (worker !== undefined) worker.machine.offsetMs += event.ms;
      return;
    case 'api-clock':
      dcs.stepClock(event.ms);
      return;
    case 'cancel':
      if (current !== null) temporal.cancel(current);
      return;
    case 'terminate':
      if (current !== null) temporal.terminate(current);
      return;
    case 'foreign-swap':
      later(stage, 0, () => void dcs.instance.swapBy('another-operator').catch(() => undefined));
      return;
    case 'failover':
      world.on(stage.server, () => {
        dcs.failover();
      });
      return;
    case 'busy':
      dcs.instance.setTask('BACKUPING');
      later(stage, event.ms, () => {
        dcs.instance.setTask(null);
      });
      return;
    case 'inactive':
      for (const { nodeId } of dcs.instance.roles()) dcs.instance.setNodeStatus(nodeId, 'Inactive');
      later(stage, event.ms, () => {
        for (const { nodeId } of dcs.instance.roles()) dcs.instance.setNodeStatus(nodeId, 'Active');
      });
      return;
    case 'heal':
      for (const { nodeId } of dcs.instance.roles()) dcs.instance.setNodeStatus(nodeId, 'Active');
      return;
    case 'throttle':
      dcs.throttle(event.ms);
      return;
    case 'freeze':
      freeze(stage, event.ms);
      return;
    case 'thaw':
      thaw(stage);
      return;
    case 'priorities':
      rotatePriorities(dcs.instance);
      return;
    case 'redis':
      dcs.redis?.move(event);
      return;
    case 'reset':
      later(stage, event.ms, () => {
        if (current !== null) resetLatest(stage, current, event.task);
      });
      return;
    // Of a maintenance.
    case 'cancel-child':
    case 'terminate-child':
    case 'by-hand':
    case 'message':
    case 'reset-child':
  }
}

/** Another replica is the one that can be promoted from now on. */
function rotatePriorities(instance: ManagedInstance): void {
  const replicas = instance.rows().filter(({ role }) => role === 'replica');
  const next = (replicas.findIndex(({ priority }) => priority > 0) + 1) % replicas.length;
  for (const [index, { nodeId }] of replicas.entries())
    instance.setPriority(nodeId, index === next ? 1 : 0);
}

/** As `temporal workflow reset` does: of the latest run of the id, open or closed. */
function resetLatest(stage: Stage, { workflowId }: SimRun, task: number): void {
  const { temporal } = stage;
  const latest = temporal.runs().findLast((run) => run.workflowId === workflowId);
  const made = latest === undefined ? null : temporal.reset(latest, task);
  if (made !== null) stage.current = made;
}

function later({ world, server }: Stage, ms: number, run: () => void): void {
  world.after(ms, server, run);
}

function kill(stage: Stage, worker: SimWorker, ms: number): void {
  worker.machine.isAlive = false;
  later(stage, ms, () => {
    addWorker(stage, `${worker.machine.name}'`, worker.machine.offsetMs);
  });
}

/** SIGTERM: no new work, and after the grace the running activities are cancelled. */
function drain(stage: Stage, worker: SimWorker, ms: number): void {
  if (worker.isDraining) return;
  worker.isDraining = true;
  stage.world.after(10_000, worker.machine, () => {
    for (const activity of worker.running)
      activity.cancel('WORKER_SHUTDOWN', { workerShutdown: true } as never);
  });
  later(stage, ms, () => {
    addWorker(stage, `${worker.machine.name}'`, worker.machine.offsetMs);
  });
}

async function askAll(stage: Stage): Promise<Played[]> {
  const { world, schedule, temporal } = stage;
  const asked = new Map<string, Asked>();
  const switchovers = (): SimRun[] =>
    temporal.runs().filter(({ type }) => type === 'dcsSwitchover');
  const isOver = (): boolean => switchovers().every(({ closedAtMs }) => closedAtMs !== null);
  for (const next of schedule.asked) {
    if (asked.size > 0) await passTime(stage, next.afterMs);
    const run = start(stage, next, switchovers().at(-1) ?? null);
    if (run === null) continue;
    stage.current = run;
    asked.set(run.runId, next);
    await world.pass(isOver, LIMIT_MS);
  }
  await passTime(stage, AFTERMATH_MS);
  await world.pass(isOver, LIMIT_MS);
  return switchovers()
    .toSorted((one, other) => (one.closedAtMs ?? 0) - (other.closedAtMs ?? 0))
    .flatMap((run) => {
      const terms = asked.get(run.originalRunId);
      return terms === undefined ? [] : [{ run, asked: terms }];
    });
}

/** Lets the world go on for a while. */
export async function passTime({ world, server }: Stage, ms: number): Promise<void> {
  let isOver = false;
  world.after(ms, server, () => {
    isOver = true;
  });
  await world.pass(() => isOver, LIMIT_MS);
}

function start(
  { world, temporal, dcs }: Stage,
  asked: Asked,
  before: SimRun | null,
): SimRun | null {
  const { projectId } = dcs.options;
  const { instanceId } = dcs.instance;
  const { mode, requestId, goal, reissue, settleSeconds, coolDownSeconds, notAfterSeconds } = asked;
  const { probe = 'off' } = asked;
  const other = dcs.instance.roles().find(({ role }) => role === 'replica')?.availabilityZone ?? '';
  const timing = { ...TIMING, settleSeconds, coolDownSeconds };
  const what =
    mode === 'verify'
      ? { examinedRunId: before?.runId ?? crypto.randomUUID() }
      : {
          ...(goal === 'toggle' ? { toggle: true } : { target: { availabilityZone: other } }),
          ...(probe === 'off' ? {} : { probe }),
          ...{ reissue, notAfter: new Date(world.nowMs + notAfterSeconds * 1_000).toISOString() },
        };
  const input = { projectId, instanceId, mode, requestId, timing, ...what };
  return temporal.start(makeSwitchoverWorkflowId({ projectId, instanceId }), input);
}
