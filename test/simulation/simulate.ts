/** One schedule from its beginning to the verdict of every invariant. */
import crypto from 'node:crypto';

import { loadDataConverter } from '@temporalio/common/lib/internal-non-workflow';

import { createActivities, OPEN_POLICY } from '../../src/activities/index.js';
import { makeSwitchoverWorkflowId } from '../../src/contract/index.js';
import { createDcsClient } from '../../src/dcs/index.js';
import { auditRunFacts, findViolations } from '../../src/domain/invariants.js';
import type { RunFacts, Violation } from '../../src/domain/invariants.js';
import type { SwapCall } from '../../src/domain/reports.js';
import type { JobScript } from '../../src/simulator/faults/spec.js';
import { readRunFacts } from '../../src/temporal/run-facts.js';

import { startService } from './dcs.js';
import type { DcsModel } from './dcs.js';
import { FaultBook } from './faults.js';
import type { Event, Fault } from './faults.js';
import type { Sandbox } from './sandbox.js';
import type { Asked, Schedule } from './schedule.js';
import { SimTemporal } from './temporal.js';
import type { SimRun, SimWorker } from './temporal.js';
import { tell } from './trace.js';
import { WITNESSED } from './witness.js';
import type { WitnessedRun } from './witness.js';
import { inhabit, hereIs, World } from './world.js';
import type { Machine } from './world.js';

/** What a schedule led to. */
export interface Verdict {
  readonly violations: readonly Violation[];
  readonly outcomes: readonly string[];
  readonly struck: readonly Fault[];
  readonly phases: readonly string[];
}

const JOBS: Readonly<Record<Schedule['job'], JobScript>> = {
  good: {},
  slow: { initMs: 20_000, runMs: 40_000 },
  fails: { outcome: 'FAIL' },
  'fails-changed': { outcome: 'FAIL', changesRoles: true },
  lies: { changesRoles: false },
  'never-ends': { neverEnds: true },
  'bad-master': { newMasterStatus: 'Inactive' },
};

/** Longest virtual time of one run, and how long the world goes on after it, for what comes late. */
const LIMIT_MS = 6 * 3_600_000;
const AFTERMATH_MS = 150_000;

/** Long enough for everything that goes well, and no longer: readings take most of the processor's time. */
const TIMING = {
  ...{ jobTimeoutSeconds: 100, quotaPatienceSeconds: 300 },
  ...{ verifyTimeoutSeconds: 50, verifyIntervalSeconds: 4 },
};

interface Stage {
  readonly world: World;
  readonly schedule: Schedule;
  readonly temporal: SimTemporal;
  readonly dcs: DcsModel;
  readonly server: Machine;
  readonly freezes: { readonly fromMs: number; readonly untilMs: number }[];
  current: SimRun | null;
}

/** Plays a schedule. */
export async function play(
  schedule: Schedule,
  sandbox: Sandbox,
  trace: (line: string) => void = () => undefined,
): Promise<Verdict> {
  const world = new World(schedule.seed);
  inhabit(world);
  const server = world.machine('temporal');
  const service = world.machine('dcs');
  let stage: Stage | null = null;
  const book = new FaultBook(schedule.faults, (event) => {
    if (stage !== null) strike(stage, event);
  });
  return world.on(server, async () => {
    const { habits, job, taskRow } = {
      habits: habitsOf(schedule),
      job: JOBS[schedule.job],
      taskRow: {},
    };
    const dcs = await world.on(service, () =>
      startService(world, service, book, {
        clockOffsetMs: schedule.apiClockMs,
        habits,
        jobs: [job, {}],
        taskRow,
      }),
    );
    const temporal = new SimTemporal(world, server, book, sandbox, schedule.visibilityLagMs);
    const made: Stage = { world, schedule, temporal, dcs, server, freezes: [], current: null };
    stage = made;
    schedule.workerClocksMs.forEach((offsetMs, index) => {
      addWorker(made, `worker-${index}`, offsetMs);
    });
    const runs = await askAll(made);
    for (const line of tell(dcs, runs)) trace(line);
    return judge(made, book, runs);
  });
}

function habitsOf({ taskRows, taskRowDelayMs, staleRoleViewsMs, swapShownAs }: Schedule) {
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
  worker.activities = createActivities({
    findProject: (id) =>
      id === projectId
        ? { projectId, region: 'xx-simulated-1', dcs: client, taskUserName, policy: OPEN_POLICY }
        : undefined,
    temporal: temporal.client,
    searchAttributes: ['DcsInstanceId', 'DcsStatus'],
    isDraining: () => worker.isDraining,
  });
  temporal.workers.push(worker);
}

/** Lets an event of the schedule happen, now. */
function strike(stage: Stage, event: Event): void {
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
    case 'throttle':
      dcs.throttle(event.ms);
      return;
    case 'freeze':
      freeze(stage, event.ms);
  }
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

function freeze(stage: Stage, ms: number): void {
  const { world, temporal, freezes } = stage;
  const untilMs = world.nowMs + ms;
  freezes.push({ fromMs: world.nowMs, untilMs });
  temporal.freeze = { until: new Date(untilMs).toISOString(), by: 'ann', reason: 'quarter end' };
  later(stage, ms, () => {
    temporal.freeze = null;
  });
}

async function askAll(stage: Stage): Promise<{ readonly run: SimRun; readonly asked: Asked }[]> {
  const { world, schedule } = stage;
  const runs: { run: SimRun; asked: Asked }[] = [];
  for (const asked of schedule.asked) {
    if (runs.length > 0) await passTime(stage, asked.afterMs);
    const run = start(stage, asked, runs.at(-1)?.run ?? null);
    if (run === null) continue;
    stage.current = run;
    runs.push({ run, asked });
    await world.pass(() => run.closedAtMs !== null, LIMIT_MS);
  }
  await passTime(stage, AFTERMATH_MS);
  return runs;
}

async function passTime({ world, server }: Stage, ms: number): Promise<void> {
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
  const other = dcs.instance.roles().find(({ role }) => role === 'replica')?.availabilityZone ?? '';
  const timing = { ...TIMING, settleSeconds, coolDownSeconds };
  const what =
    mode === 'verify'
      ? { examinedRunId: before?.runId ?? crypto.randomUUID() }
      : {
          ...(goal === 'toggle' ? { toggle: true } : { target: { availabilityZone: other } }),
          ...{ reissue, notAfter: new Date(world.nowMs + notAfterSeconds * 1_000).toISOString() },
        };
  const input = { projectId, instanceId, mode, requestId, timing, ...what };
  return temporal.start(makeSwitchoverWorkflowId({ projectId, instanceId }), input);
}

async function judge(
  stage: Stage,
  book: FaultBook,
  runs: readonly { readonly run: SimRun; readonly asked: Asked }[],
): Promise<Verdict> {
  const decoding = { options: { namespace: 'default', loadedDataConverter: loadDataConverter() } };
  const secrets = [stage.dcs.options.secretKey];
  const violations = stage.temporal.breaches.map((found) => ({
    ...{
      name: 'workflow-task',
      sentence: 'No workflow task fails, and every replay comes to the same.',
      found,
    },
  })) as Violation[];
  const outcomes: string[] = [];
  const phases: string[] = [];
  const earlier: RunFacts[] = [];
  for (const { run, asked } of runs) {
    const open = new Map(
      [...run.acts.values()]
        .filter((act) => !act.isClosed && act.attempt === 1)
        .map((act) => [
          act.activityId,
          {
            by: 'run-ended' as const,
            hasHeartbeat: act.details !== null,
            failureType: '',
            failureMessage: '',
          },
        ]),
    );
    const facts = await readRunFacts(decoding, run.events, open);
    if (facts === null) throw new Error('the model made a history of something else');
    const seen = witness(stage, book, { facts, run, asked, earlier });
    violations.push(...auditRunFacts({ ...facts, secrets }), ...findViolations(seen, WITNESSED));
    outcomes.push(facts.result?.outcome ?? facts.ended);
    phases.push(...Object.keys(facts.result?.timings?.phasesMs ?? {}));
    earlier.push(facts);
  }
  return { violations, outcomes, struck: book.struck, phases };
}

interface Played {
  readonly facts: RunFacts;
  readonly run: SimRun;
  readonly asked: Asked;
  readonly earlier: readonly RunFacts[];
}

function witness(
  stage: Stage,
  book: FaultBook,
  { facts, run, asked, earlier }: Played,
): WitnessedRun {
  const { dcs, schedule } = stage;
  const acts = [...run.acts.values()];
  const own = dcs.puts.filter(({ runId }) => runId === run.runId);
  const callOf = (activityId: string) => {
    const act = acts.find((one) => one.activityId === activityId);
    return { ...(act?.call as Pick<SwapCall, 'purpose' | 'notAfterMs'>), act };
  };
  const puts = own.map(({ activityId, atMs }) => {
    const { purpose, notAfterMs, act } = callOf(activityId);
    return {
      atMs,
      purpose,
      notAfterMs,
      activityClosedAtMs: act?.closedAtMs ?? null,
    };
  });
  const sincePreflight =
    acts.find(({ type }) => type === 'preflight')?.closedAtMs ?? run.startedAtMs;
  // A job that did nothing and says SUCCESS, and a failover in its time, which no list shows: no one can distinguish that from a swap.
  const lie = dcs.changes.find(
    ({ atMs, by }) => schedule.job === 'lies' && by === 'failover' && atMs > sincePreflight,
  );
  const swaps = own
    .filter(({ jobId }) => jobId !== null)
    .map(({ activityId, jobId, arrivedAtMs }) => {
      const change = dcs.changes.find(({ by }) => by === jobId) ?? lie;
      return {
        atMs: arrivedAtMs ?? 0,
        purpose: callOf(activityId).purpose,
        changedAtMs: change?.atMs ?? null,
        to: change?.to ?? '',
      };
    });
  const ownJobs = own.map(({ jobId }) => jobId);
  const ownChanges = swaps.map(({ changedAtMs }) => changedAtMs);
  const first = dcs.instance.rows()[0]?.key ?? '';
  const masterAt = (atMs: number): string =>
    dcs.changes.findLast((change) => change.atMs <= atMs)?.to ?? first;
  // A worker whose clock is further from the API's than that is turned away by the gateway, whatever it asks.
  const isTrusted = schedule.workerClocksMs.every(
    (ms) => Math.abs(ms - schedule.apiClockMs) < 880_000,
  );
  const isCalm =
    isTrusted &&
    book.struck.length === 0 &&
    schedule.job === 'good' &&
    schedule.taskRowDelayMs === 0 &&
    schedule.staleRoleViewsMs === 0 &&
    schedule.taskRows !== 'ownJobId' &&
    asked.notAfterSeconds >= 60;
  return {
    ...{
      run: facts,
      puts,
      swaps,
      freezes: stage.freezes,
    },
    foreignChanges: dcs.changes.filter(
      ({ atMs, by }) =>
        atMs > sincePreflight && !ownJobs.includes(by) && !ownChanges.includes(atMs),
    ),
    isBlind: dcs.changes.some(
      ({ atMs, by }) =>
        atMs <= sincePreflight &&
        atMs >= sincePreflight - 2_000 - schedule.staleRoleViewsMs &&
        (by === 'failover' || !isShielded(asked, schedule)),
    ),
    hasLostAttempt: acts.some(
      ({ type, details, failedBy }) =>
        type === 'requestSwap' && details === null && failedBy === 'activityTaskTimedOut',
    ),
    masterBefore: masterAt(sincePreflight - schedule.staleRoleViewsMs),
    hasPassedFence: acts.some(({ type, details }) => type === 'requestSwap' && details !== null),
    staleMs: schedule.staleRoleViewsMs,
    isUndisturbed: isCalm && earlier.every(({ result }) => result?.outcome !== 'UNKNOWN'),
    isRepeat: earlier.some((before) => isSameRequest(before, facts, asked)),
    isBarred: isBarredBy(earlier),
  };
}

/** Whether a cool-down bars a run for as long as lists may show the roles from before a swap of another. */
function isShielded({ coolDownSeconds }: Asked, schedule: Schedule): boolean {
  const { staleRoleViewsMs, taskRowDelayMs } = schedule;
  return taskRowDelayMs === 0 && coolDownSeconds * 1000 > staleRoleViewsMs;
}

function isSameRequest(before: RunFacts, { request }: RunFacts, asked: Asked): boolean {
  if (
    asked.requestId === null ||
    before.request === null ||
    request === null ||
    asked.mode !== 'switch'
  )
    return false;
  const isSame = before.request.requestId === asked.requestId && before.mode === 'switch';
  return isSame && before.puts.some(({ sent, state }) => sent > 0 && state !== 'not-applied');
}

/** The latest run decides: one that is settled settles those before it. */
function isBarredBy(earlier: readonly RunFacts[]): boolean {
  const last = earlier.findLast(
    ({ puts, mode }) => mode === 'verify' || puts.some(({ sent }) => sent > 0),
  );
  if (last === undefined) return false;
  const isUnresolved = last.puts.some(({ state }) => state !== 'not-applied');
  return isUnresolved && (last.ended === 'from-outside' || last.result?.outcome === 'UNKNOWN');
}
