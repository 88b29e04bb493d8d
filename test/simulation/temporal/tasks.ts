/**
 * Workflow tasks: activations of the shipped bundle. Every further one that finds its worker gone is a replay, whose
 * commands must be those of the first time.
 */
import { msToTs } from '@temporalio/common/lib/time';
import Long from 'long';

import { activate } from '../sandbox.js';
import type { Activation, Command, Completion, Job } from '../sandbox.js';

import { add, drop, pick, STATUS, terminate } from './core.js';
import type { Core, Done, SimRun, SimWorker } from './core.js';

const TASK_TIMEOUT_MS = 10_000;

/** Has the workflow hear of something. */
export function enqueue(core: Core, run: SimRun, job: Job): void {
  if (run.status !== STATUS.running) return;
  run.jobs.push(job);
  if (!run.isTaskOut) handOut(core, run, 5);
}

function handOut(core: Core, run: SimRun, delayMs: number): void {
  const { world, machine } = core;
  run.isTaskOut = true;
  const task = (run.task += 1);
  world.after(delayMs, machine, () => {
    if (run.task !== task || run.status !== STATUS.running) return;
    const sticky = run.sandbox?.worker;
    const worker = sticky?.machine.isAlive === true ? sticky : pick(core);
    if (worker === null) {
      handOut(core, run, 1_000);
      return;
    }
    add(core, run, 5, 'workflowTaskScheduled', {});
    world.after(5, worker.machine, () => {
      if (run.task === task && run.status === STATUS.running)
        world.work(runTask(core, run, worker));
    });
    world.after(TASK_TIMEOUT_MS, machine, () => {
      if (run.task !== task || !run.isTaskOut) return;
      drop(core, run);
      handOut(core, run, 0);
    });
  });
}

async function runTask(core: Core, run: SimRun, worker: SimWorker): Promise<void> {
  const { book, breaches, world } = core;
  book.pass(POINTS[run.type] ?? 'task');
  // Whatever it computes before it dies, no one hears of.
  if (!worker.machine.isAlive || worker.machine.haltedUntilMs > world.nowMs) return;
  if (run.status !== STATUS.running) return;
  try {
    add(core, run, 6, 'workflowTaskStarted', {});
    if (run.sandbox?.worker !== worker) await replay(core, run, worker);
    const jobs = run.jobs.splice(0);
    const { length } = run.events;
    const activation = toActivation(core, run, jobs);
    const completion = await activateIn(run, activation);
    run.isTaskOut = false;
    run.notices.push(...completion.notices);
    if (isWithoutTrace(jobs, completion)) takeBack(run);
    else {
      run.log.push({ activation, completion, length });
      add(core, run, 7, 'workflowTaskCompleted', {});
    }
    for (const command of completion.commands) core.carryOut(run, command);
    if (run.jobs.length > 0 && isOpen(run)) handOut(core, run, 5);
  } catch (error) {
    breaches.push(error instanceof Error ? error.message : String(error));
    terminate(core, run);
  }
}

function isOpen({ status }: SimRun): boolean {
  return status === STATUS.running;
}

/** Where faults strike: tasks of a maintenance, and of a freeze, are points of their own. */
const POINTS: Readonly<Record<string, string>> = {
  ...{ dcsSwitchover: 'task', dcsMaintenance: 'task.maintenance', dcsFreeze: 'task.freeze' },
};

/** Updates that are refused leave nothing in a history, nor does a task that did nothing else. */
function isWithoutTrace(jobs: readonly Job[], { commands }: Completion): boolean {
  const isRefusal = ({ updateResponse }: Command): boolean =>
    (updateResponse?.rejected ?? null) !== null;
  return jobs.every(({ doUpdate }) => doUpdate) && commands.every(isRefusal);
}

/** Only where nothing has come behind it. */
function takeBack({ events }: SimRun): void {
  while ([5, 6].includes(typeOf(events.at(-1)))) events.pop();
}

function typeOf(event: unknown): number {
  return (event as { readonly eventType?: number } | undefined)?.eventType ?? 0;
}

/** As core has it: what a workflow is, patches, the seed, what people send, everything else in the order of the history. */
function orderOf(job: Job): number {
  if (job.initializeWorkflow) return 0;
  if (job.notifyHasPatch) return 1;
  if (job.updateRandomSeed) return 2;
  return job.signalWorkflow || job.doUpdate ? 3 : 4;
}

function toActivation({ world, suggestedAfter }: Core, run: SimRun, jobs: Job[]): Activation {
  const isLong = run.type === 'dcsMaintenance' && run.events.length >= suggestedAfter;
  return {
    ...{ runId: run.runId, timestamp: msToTs(world.nowMs), isReplaying: false },
    ...{ historyLength: run.events.length, historySizeBytes: Long.fromNumber(1000) },
    ...(isLong ? { continueAsNewSuggested: true } : {}),
    jobs: jobs.toSorted((a, b) => orderOf(a) - orderOf(b)),
  };
}

async function activateIn(run: SimRun, activation: Activation): Promise<Completion> {
  if (run.sandbox === null) throw new Error('no sandbox');
  return activate(run.sandbox.workflow, activation);
}

/** On another worker, or after a lost task: everything again, and it has to come to the same. */
async function replay(core: Core, run: SimRun, worker: SimWorker): Promise<void> {
  drop(core, run);
  const workflow = await core.sandbox(run);
  run.sandbox = { worker, workflow };
  for (const done of run.log) {
    const then = done.completion.commands.filter(({ updateResponse }) => !updateResponse?.rejected);
    const { commands } = await activate(workflow, toReplayed(run, done));
    // A run that a reset has made names itself where the earlier one named its own.
    const [first = '', again = ''] = [then, commands].map((list) =>
      toText(list).replaceAll(done.activation.runId ?? '', run.runId),
    );
    if (first !== again) throw new Error(`replay differs: ${first} then, ${again} now`);
  }
}

/** Patches are known beforehand; updates that were refused never came, and no other is judged again. */
function toReplayed({ runId }: SimRun, { activation, completion }: Done): Activation {
  const patches = completion.commands.flatMap(({ setPatchMarker: marker }) =>
    marker ? [{ notifyHasPatch: { patchId: marker.patchId ?? '' } }] : [],
  );
  const refused = completion.commands.flatMap(({ updateResponse: answer }) =>
    answer?.rejected ? [answer.protocolInstanceId] : [],
  );
  const jobs = (activation.jobs ?? [])
    .filter(({ doUpdate }) => !doUpdate || !refused.includes(doUpdate.protocolInstanceId))
    .map((job) => (job.doUpdate ? { doUpdate: { ...job.doUpdate, runValidator: false } } : job));
  return {
    ...{ ...activation, runId, isReplaying: true },
    ...{ availableInternalFlags: [...completion.flags], jobs: [...patches, ...jobs] },
  };
}

/** Payloads as the text that they are. */
function toText(commands: readonly Command[]): string {
  return JSON.stringify(commands, (_, value: unknown) =>
    ArrayBuffer.isView(value) ? Buffer.from(value as Uint8Array).toString() : value,
  );
}
