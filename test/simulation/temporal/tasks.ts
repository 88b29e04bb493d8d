/**
 * Workflow tasks: activations of the shipped bundle. Every further one that finds its worker gone is a replay, whose
 * commands must be those of the first time.
 */
import { isDeepStrictEqual } from 'node:util';

import { msToTs } from '@temporalio/common/lib/time';
import Long from 'long';

import { activate } from '../sandbox.js';
import type { Activation, Command, Completion, Job } from '../sandbox.js';

import { add, drop, pick, STATUS, terminate } from './core.js';
import type { Core, SimRun, SimWorker } from './core.js';

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
  book.pass('task');
  // Whatever it computes before it dies, no one hears of.
  if (!worker.machine.isAlive || worker.machine.haltedUntilMs > world.nowMs) return;
  if (run.status !== STATUS.running) return;
  try {
    if (run.sandbox?.worker !== worker) await replay(core, run, worker);
    const jobs = run.jobs.splice(0);
    const activation = toActivation(core, run, jobs, false);
    const completion = await activateIn(run, activation);
    run.log.push({ activation, completion });
    run.isTaskOut = false;
    add(core, run, 7, 'workflowTaskCompleted', {});
    for (const command of completion.commands) core.carryOut(run, command);
    if (run.jobs.length > 0) handOut(core, run, 5);
  } catch (error) {
    breaches.push(error instanceof Error ? error.message : String(error));
    terminate(core, run);
  }
}

function toActivation({ world }: Core, run: SimRun, jobs: Job[], isReplaying: boolean): Activation {
  const order = (job: Job): number => (job.initializeWorkflow ? 0 : job.cancelWorkflow ? 1 : 2);
  return {
    ...{
      runId: run.runId,
      timestamp: msToTs(world.nowMs),
      isReplaying,
      historyLength: run.events.length,
    },
    historySizeBytes: Long.fromNumber(1000),
    jobs: jobs.toSorted((a, b) => order(a) - order(b)),
  };
}

async function activateIn(run: SimRun, activation: Activation): Promise<Completion> {
  if (run.sandbox === null) throw new Error('no sandbox');
  return activate(run.sandbox.workflow, activation);
}

/** On another worker, or after a lost task: everything again, and it has to come to the same. */
async function replay(core: Core, run: SimRun, worker: SimWorker): Promise<void> {
  drop(core, run);
  const { workflowId, runId, startedAtMs } = run;
  const workflow = await core.sandbox({ workflowId, runId, originalRunId: runId, startedAtMs });
  run.sandbox = { worker, workflow };
  for (const { activation, completion } of run.log) {
    const patches = completion.commands.flatMap(({ setPatchMarker: marker }) =>
      marker ? [{ notifyHasPatch: { patchId: marker.patchId ?? '' } }] : [],
    );
    const again = {
      ...activation,
      ...{ isReplaying: true, availableInternalFlags: [...completion.flags] },
      jobs: [...patches, ...(activation.jobs ?? [])],
    };
    const { commands } = await activate(workflow, again);
    const [then, now] = [completion.commands, commands].map((list) => list.map(toPlain));
    if (!isDeepStrictEqual(then, now))
      throw new Error(`replay differs: ${JSON.stringify(then)} then, ${JSON.stringify(now)} now`);
  }
}

function toPlain(command: Command): unknown {
  return JSON.parse(JSON.stringify(command)) as unknown;
}
