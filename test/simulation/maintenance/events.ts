/** What happens to a maintenance beside what happens to workers and instances: messages, others' runs, resets. */
import { makeSwitchoverWorkflowId } from '../../../src/contract/index.js';
import type { MaintenanceUpdate } from '../../../src/contract/index.js';

import type { Event } from '../faults.js';
import { strike, TIMING } from '../simulate.js';
import type { SimRun } from '../temporal.js';

import type { HookScript, Message } from './schedule.js';
import type { MaintenanceStage } from './stage.js';

/** Lets an event of the schedule happen, now. */
export function strikeMaintenance(stage: MaintenanceStage, event: Event): void {
  const own = OWN[event.event];
  if (own !== undefined) {
    const ms = 'ms' in event ? event.ms : 0;
    stage.world.after(ms, stage.server, () => {
      own(stage, event as never);
    });
    return;
  }
  const current = stage.temporal.openRun(stage.workflowIds.at(-1) ?? '');
  strike({ ...stage, dcs: pick(stage, stage.places) ?? stage.dcs, current }, event);
}

type Strike = (
  stage: MaintenanceStage,
  event: { readonly task: number; readonly name: MaintenanceUpdate },
) => void;

/** What happens to a maintenance alone. */
const OWN: Readonly<Partial<Record<Event['event'], Strike>>> = {
  'cancel-child': (stage) => {
    const child = pick(stage, openChildren(stage));
    if (child !== undefined) stage.temporal.cancel(child);
  },
  'terminate-child': (stage) => {
    const child = pick(stage, openChildren(stage));
    if (child !== undefined) stage.temporal.terminate(child);
  },
  'reset-child': (stage, { task }) => {
    const child = pick(stage, childrenOf(stage));
    if (child !== undefined) stage.temporal.reset(child, task);
  },
  reset: (stage, { task }) => {
    const run = latest(stage);
    if (run !== undefined) stage.temporal.reset(run, task);
  },
  message: (stage, { name }) => {
    deliver(stage, { name, of: 0, repeats: 'none' });
  },
  'by-hand': switchByHand,
};

function pick<T>({ world }: MaintenanceStage, list: readonly T[]): T | undefined {
  return list[Math.floor(world.chance() * list.length)];
}

function childrenOf({ temporal }: MaintenanceStage): SimRun[] {
  return temporal.runs().filter(({ type }) => type === 'dcsSwitchover');
}

function openChildren(stage: MaintenanceStage): SimRun[] {
  return childrenOf(stage).filter(({ closedAtMs }) => closedAtMs === null);
}

function latest({ temporal }: MaintenanceStage): SimRun | undefined {
  return temporal.runs().findLast(({ type }) => type === 'dcsMaintenance');
}

/** Someone switches an instance beside the maintenance. */
function switchByHand(stage: MaintenanceStage): void {
  const { temporal, dcs } = stage;
  const { instance } = pick(stage, stage.places) ?? dcs;
  const { projectId } = dcs.options;
  const { instanceId } = instance;
  const timing = { ...TIMING, settleSeconds: 30, coolDownSeconds: 0 };
  const notAfter = new Date(stage.world.nowMs + 600_000).toISOString();
  const input = { projectId, instanceId, toggle: true, requestId: null, timing, notAfter };
  temporal.start(makeSwitchoverWorkflowId({ projectId, instanceId }), input);
}

/** Sends a message to the maintenance that runs, once or twice. */
export function deliver(stage: MaintenanceStage, message: Omit<Message, 'afterMs'>): void {
  const { temporal, world } = stage;
  const run = temporal.openRun(stage.workflowIds.at(-1) ?? '');
  if (run === null) return;
  const { name, of, repeats } = message;
  const { instance } = stage.places[of % stage.places.length] ?? stage.dcs;
  const skipped = name === 'skip' ? { instanceId: instance.instanceId } : {};
  const argument = { by: 'ben', why: 'a rehearsal', ...skipped };
  const id = `${name}-${world.nowMs}-${run.updates.size}`;
  temporal.update(run, { id, name, argument });
  if (repeats !== 'none')
    temporal.update(run, { id: repeats === 'same' ? id : `${id}-again`, name, argument });
}

/** Gives every worker the hooks of the schedule; those that are started later have them, too. */
export function addHooks({ temporal, asked }: MaintenanceStage): void {
  const scripts = [...(asked.hooks ?? [])];
  const askBefore = (): Promise<unknown> => ANSWERS[scripts.shift() ?? 'proceed']();
  temporal.everyWorkerHas({ askBefore, hearAfter: () => Promise.resolve(null) });
}

const ANSWERS: Readonly<Record<HookScript, () => Promise<unknown>>> = {
  proceed: () => Promise.resolve({ answer: 'proceed' }),
  skip: () => Promise.resolve({ answer: 'skip', reason: 'it is in use' }),
  abort: () => Promise.resolve({ answer: 'abort', reason: 'the office is closed' }),
  malformed: () => Promise.resolve({ answer: 'perhaps' }),
  fails: () => Promise.reject(new Error('no answer today')),
  silent: () => new Promise(() => undefined),
};
