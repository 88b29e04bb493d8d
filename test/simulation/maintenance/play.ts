/** One schedule of a maintenance, from its first start to the verdict. */
import { makeMaintenanceWorkflowId, NOTIFICATION_TYPES } from '../../../src/contract/index.js';
import type { MaintenanceInput } from '../../../src/contract/index.js';

import { startService } from '../dcs.js';
import type { DcsModel } from '../dcs.js';
import type { Verdict } from '../judge.js';
import type { Sandbox } from '../sandbox.js';
import type { Schedule } from '../schedule.js';
import {
  addWorkers,
  AFTERMATH_MS,
  habitsOf,
  JOBS,
  passTime,
  playInWorld,
  TIMING,
} from '../simulate.js';
import type { Ground } from '../simulate.js';
import { SimTemporal } from '../temporal.js';
import type { SimRun } from '../temporal.js';
import { tell } from '../trace.js';

import { addHooks, deliver, strikeMaintenance } from './events.js';
import { judgeMaintenance } from './judge.js';
import type { MaintenanceSchedule, Starting } from './schedule.js';
import { DURATIONS } from './stage.js';
import type { MaintenanceStage } from './stage.js';

/** Longest virtual time: a window of the next day, and all that may follow it. */
const LIMIT_MS = 60 * 3_600_000;

const ID = 'm-1';

/** Plays it. */
export function playMaintenance(
  schedule: MaintenanceSchedule,
  sandbox: Sandbox,
  trace: (line: string) => void = () => undefined,
): Promise<Verdict> {
  return playInWorld<MaintenanceStage>(schedule, {
    setUp: (ground) => setUp(schedule, ground, sandbox),
    strike: strikeMaintenance,
    phaseOf,
    carryOut: async (stage, book) => {
      await carryOut(stage);
      const runs = stage.temporal.runs().map((run) => ({ run }));
      for (const line of tell(stage.dcs, runs)) trace(line);
      return judgeMaintenance(stage, book);
    },
  });
}

async function setUp(
  asked: MaintenanceSchedule,
  { world, book, server, service }: Ground,
  sandbox: Sandbox,
): Promise<MaintenanceStage> {
  const schedule: Schedule = { ...asked, asked: [], knowsUser: true, job: 'good', faults: [] };
  const spec = {
    ...{ clockOffsetMs: schedule.apiClockMs, habits: habitsOf(schedule), taskRow: {} },
    nodes: asked.nodes ?? 2,
    jobs: asked.jobs.map((job) => JOBS[job]),
  };
  const places = await world.on(service, async () => {
    const dcs = await startService(world, service, book, spec);
    const list = [dcs];
    while (list.length < asked.instances) list.push(await dcs.add());
    return list;
  });
  const [dcs] = places as [DcsModel];
  const { visibilityLagMs, suggestedAfter } = asked;
  const limit = suggestedAfter === 0 ? Infinity : suggestedAfter;
  const temporal = new SimTemporal(world, server, book, sandbox, visibilityLagMs, limit);
  const stage: MaintenanceStage = {
    ...{ world, schedule, temporal, dcs, server, freezes: [], current: null },
    ...{ asked, places, workflowIds: [], beganAtMs: world.nowMs },
  };
  addWorkers(stage);
  addHooks(stage);
  return stage;
}

/** Of the maintenance that runs, or has run last. */
function phaseOf(stage: MaintenanceStage | null): string {
  const notices = stage?.temporal.runs().flatMap((run) => run.notices) ?? [];
  const entered = notices.findLast(({ type }) => type === NOTIFICATION_TYPES.maintenancePhase);
  const phase = entered?.data['phase'];
  return typeof phase === 'string' ? phase : 'PLANNING';
}

async function carryOut(stage: MaintenanceStage): Promise<void> {
  const { world, server, asked } = stage;
  let left = asked.starts.length + asked.messages.length;
  const at = (ms: number, what: () => void): void => {
    world.after(ms, server, () => {
      left -= 1;
      what();
    });
  };
  for (const starting of asked.starts)
    at(starting.afterMs, () => {
      begin(stage, starting);
    });
  for (const message of asked.messages)
    at(message.afterMs, () => {
      deliver(stage, message);
    });
  const isOver = (): boolean =>
    left === 0 &&
    stage.temporal
      .runs()
      .every(({ type, closedAtMs }) => type === 'dcsFreeze' || closedAtMs !== null);
  await world.pass(isOver, LIMIT_MS);
  await passTime(stage, AFTERMATH_MS);
  await world.pass(isOver, LIMIT_MS);
}

function begin(stage: MaintenanceStage, { nominalMinute, again }: Starting): SimRun | null {
  const { temporal, beganAtMs, workflowIds } = stage;
  const nominalAtMs = nominalMinute === null ? null : beganAtMs + nominalMinute * 60_000;
  const tail =
    nominalAtMs === null ? '' : `-${new Date(nominalAtMs).toISOString().replace('.000', '')}`;
  const workflowId = `${makeMaintenanceWorkflowId(ID)}${tail}`;
  workflowIds.push(workflowId);
  const input = { ...inputOf(stage), ...(again ? { again } : {}) };
  return temporal.start(workflowId, input, { type: 'dcsMaintenance', nominalAtMs });
}

function inputOf({ asked, places, dcs, beganAtMs }: MaintenanceStage): MaintenanceInput {
  const { maxConcurrent, canaryCount, maxFailures, requireApproval, soakSeconds, hooks } = asked;
  const zones = dcs.instance.roles().map(({ availabilityZone }) => availabilityZone);
  const other = zones[1] ?? '';
  return {
    ...{ maintenanceId: ID, projectId: dcs.options.projectId, requestedBy: 'ann' },
    instanceIds: places.map(({ instance }) => instance.instanceId),
    ...(asked.goal === 'toggle' ? { toggle: true } : { target: { availabilityZone: other } }),
    window: windowOf(asked, beganAtMs),
    withinInstanceWindow: asked.window.isNarrow,
    ...DURATIONS,
    ...{ maxConcurrent, canaryCount, maxFailures, requireApproval },
    timing: { ...TIMING, settleSeconds: 30, coolDownSeconds: 0 },
    ...(soakSeconds === null ? {} : { returnLeg: { soakSeconds, withinSeconds: 900 } }),
    ...(hooks === null ? {} : { hooks: HOOKS }),
  };
}

const HOOKS = { taskQueue: 'hooks', before: 'askBefore', after: 'hearAfter', timeoutSeconds: 60 };

function windowOf({ window }: MaintenanceSchedule, beganAtMs: number): MaintenanceInput['window'] {
  const opensAt = new Date(beganAtMs + window.opens * 60_000).toISOString();
  const closesAt = new Date(beganAtMs + (window.opens + window.minutes) * 60_000).toISOString();
  if (!window.isLocal) return { opensAt, closesAt };
  return { timeZone: 'UTC', start: opensAt.slice(11, 16), end: closesAt.slice(11, 16) };
}
