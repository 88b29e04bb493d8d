/** Children of a workflow, and what it asks of others: to be cancelled, to hear a signal. */
import { add, attributesOf, openRun, STATUS } from './core.js';
import type { Child, Core, SimRun } from './core.js';
import { requestCancel, signal } from './messages.js';
import { start } from './start.js';
import { enqueue } from './tasks.js';

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-assignment,
   @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument
   -- events and messages of the wire, as loose as the SDK has them */

/** Until the server has carried out what one workflow asks of another. */
const TRANSFER_MS = 20;

/** Starts a child; whoever holds its id refuses it. Abandoned ones start even if their parent ends meanwhile. */
export function startChild(core: Core, run: SimRun, command: any): void {
  const { seq, workflowId, workflowType: type, input, parentClosePolicy } = command;
  const initiatedEventId = add(core, run, 29, 'startChildWorkflowExecutionInitiated', {
    ...{ workflowId, workflowType: { name: type }, input: { payloads: input }, parentClosePolicy },
  });
  const child: Child = { workflowId, initiatedEventId, isClosed: false };
  run.children.set(seq, child);
  core.world.after(TRANSFER_MS, core.machine, () => {
    const parent = { workflowId: run.workflowId, runId: run.runId, seq, initiatedEventId };
    const started = start(core, { workflowId, type, payloads: input ?? [], lineage: { parent } });
    const heir = heirOf(core, run);
    // One that was made by a reset may have asked for another since.
    const isAwaited = heir.children.get(seq)?.initiatedEventId === initiatedEventId;
    if (heir.status !== STATUS.running || !isAwaited) return;
    if (started === null) refuse(core, heir, { seq, workflowId, type, child });
    else confirm(core, heir, { seq, started, initiatedEventId });
  });
}

interface Refused {
  readonly seq: number;
  readonly workflowId: string;
  readonly type: string;
  readonly child: Child;
}

function refuse(core: Core, run: SimRun, { seq, workflowId, type, child }: Refused): void {
  child.isClosed = true;
  const { initiatedEventId } = child;
  const attributes = { workflowId, initiatedEventId, cause: 1 };
  add(core, run, 30, 'startChildWorkflowExecutionFailed', attributes);
  const failed = { workflowId, workflowType: type, cause: 1 };
  enqueue(core, run, { resolveChildWorkflowExecutionStart: { seq, failed } });
}

interface Confirmed {
  readonly seq: number;
  readonly started: SimRun;
  readonly initiatedEventId: number;
}

function confirm(core: Core, run: SimRun, { seq, started, initiatedEventId }: Confirmed): void {
  const { workflowId, runId } = started;
  add(core, run, 31, 'childWorkflowExecutionStarted', {
    ...{ initiatedEventId, workflowExecution: { workflowId, runId } },
  });
  enqueue(core, run, { resolveChildWorkflowExecutionStart: { seq, succeeded: { runId } } });
}

/** The run that answers for one that was reset. */
export function heirOf(core: Core, run: SimRun): SimRun {
  const heir = run.resetRunId === null ? undefined : core.runs.get(run.resetRunId);
  return heir === undefined ? run : heirOf(core, heir);
}

/** Events by which a parent hears of the end of a child, by the child's status. */
const ENDINGS: Readonly<Record<number, readonly [type: number, name: string]>> = {
  [STATUS.completed]: [32, 'childWorkflowExecutionCompleted'],
  [STATUS.failed]: [33, 'childWorkflowExecutionFailed'],
  [STATUS.cancelled]: [34, 'childWorkflowExecutionCanceled'],
  [STATUS.terminated]: [36, 'childWorkflowExecutionTerminated'],
};

/** A child has ended. Its parent's run hears of it, or the run that a reset has made of that; no later one of the chain. */
export function reportEnd(core: Core, run: SimRun, event: any): void {
  const { parent } = run;
  const asked = parent === null ? undefined : core.runs.get(parent.runId);
  const ending = ENDINGS[run.status];
  if (parent === null || asked === undefined || ending === undefined) return;
  core.world.after(TRANSFER_MS, core.machine, () => {
    const heir = heirOf(core, asked);
    const child = heir.children.get(parent.seq);
    if (heir.status !== STATUS.running || child === undefined || child.isClosed) return;
    if (child.initiatedEventId !== parent.initiatedEventId) return;
    child.isClosed = true;
    const [type, name] = ending;
    const { workflowId, runId } = run;
    const { result, failure } = attributesOf(event);
    const who = { workflowExecution: { workflowId, runId }, workflowType: { name: run.type } };
    const at = { initiatedEventId: child.initiatedEventId };
    add(core, heir, type, name, { ...who, ...at, result, failure });
    const resolved = { seq: parent.seq, result: toResult(run, { result, failure }) };
    enqueue(core, heir, { resolveChildWorkflowExecution: resolved });
  });
}

function toResult(run: SimRun, { result, failure }: any): any {
  const { workflowId, runId, type, status } = run;
  const wrap = (cause: object): object => ({
    message: 'Child Workflow execution failed',
    childWorkflowExecutionFailureInfo: {
      ...{ namespace: 'default', workflowExecution: { workflowId, runId } },
      workflowType: { name: type },
    },
    cause,
  });
  if (status === STATUS.completed) return { completed: { result: result?.payloads?.[0] } };
  if (status === STATUS.cancelled)
    return { cancelled: { failure: wrap({ message: 'cancelled', canceledFailureInfo: {} }) } };
  const terminated = { message: 'terminated', terminatedFailureInfo: {} };
  return { failed: { failure: wrap(status === STATUS.failed ? failure : terminated) } };
}

/** Asks another workflow to end. */
export function cancelExternal(core: Core, run: SimRun, { seq, workflowExecution }: any): void {
  const { workflowId, runId } = workflowExecution;
  const asked = { workflowExecution: { workflowId, runId } };
  const initiatedEventId = add(
    core,
    run,
    22,
    'requestCancelExternalWorkflowExecutionInitiated',
    asked,
  );
  reach(core, workflowExecution, (target) => {
    if (target !== null) requestCancel(core, target);
    if (run.status !== STATUS.running) return;
    const [type, name] =
      target === null
        ? ([23, 'requestCancelExternalWorkflowExecutionFailed'] as const)
        : ([24, 'externalWorkflowExecutionCancelRequested'] as const);
    add(core, run, type, name, { ...asked, initiatedEventId });
    const outcome = target === null ? { failure: NOT_FOUND } : {};
    enqueue(core, run, { resolveRequestCancelExternalWorkflow: { seq, ...outcome } });
  });
}

/** Sends a signal to another workflow. */
export function signalExternal(core: Core, run: SimRun, command: any): void {
  const { seq, workflowExecution, signalName, args } = command;
  const asked = { workflowExecution, signalName };
  const initiatedEventId = add(core, run, 37, 'signalExternalWorkflowExecutionInitiated', asked);
  reach(core, workflowExecution, (target) => {
    if (target !== null) signal(core, target, signalName, args);
    if (run.status !== STATUS.running) return;
    const [type, name] =
      target === null
        ? ([38, 'signalExternalWorkflowExecutionFailed'] as const)
        : ([39, 'externalWorkflowExecutionSignaled'] as const);
    add(core, run, type, name, { ...asked, initiatedEventId });
    const outcome = target === null ? { failure: NOT_FOUND } : {};
    enqueue(core, run, { resolveSignalExternalWorkflow: { seq, ...outcome } });
  });
}

const NOT_FOUND = { message: 'workflow not found', applicationFailureInfo: { type: 'NotFound' } };

function reach(
  core: Core,
  { workflowId, runId }: any,
  carryOut: (target: SimRun | null) => void,
): void {
  core.world.after(TRANSFER_MS, core.machine, () => {
    const target = openRun(core, workflowId);
    const isMeant = runId === undefined || runId === '' || target?.runId === runId;
    carryOut(isMeant ? target : null);
  });
}
