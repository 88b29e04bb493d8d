/** A reset: a new run that begins as an earlier one did, up to one of its workflow tasks, and goes on by itself. */
import crypto from 'node:crypto';

import Long from 'long';

import { dispatch } from './activities.js';
import { heirOf, reportEnd } from './children.js';
import { add, attributesOf, close, lineOf, openRun, show, STATUS } from './core.js';
import type { Act, Core, Done, SimRun } from './core.js';
import { sendUpdate, signal } from './messages.js';
import { newRun } from './start.js';
import { enqueue } from './tasks.js';
import { restartTimer } from './timers.js';

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-assignment,
   @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument
   -- events and messages of the wire, as loose as the SDK has them */

/**
 * Resets a run to the beginning of one of its workflow tasks. The open run of the id is terminated; what it asked of
 * others goes on, children that were started before the point report to the new run. Updates and signals that came
 * after the point come again, a cancellation does not.
 *
 * @param nth workflow task, counted from 0; one that the run has not done is its last
 * @returns `null` where it has done none
 */
export function reset(core: Core, base: SimRun, nth: number): SimRun | null {
  const at = base.log[Math.min(nth, base.log.length - 1)];
  if (at === undefined) return null;
  const open = openRun(core, base.workflowId);
  const runId = crypto.randomUUID();
  if (open !== null) {
    open.resetRunId = runId;
    close(core, open, STATUS.terminated, 27, 'workflowExecutionTerminated', RESETTER);
  }
  const listedAtMs = core.world.nowMs;
  const run = newRun({ ...base, runId, listedAtMs, resetFromRunId: base.runId });
  base.resetRunId = runId;
  core.runs.set(runId, run);
  run.events.push(...base.events.slice(0, at.length));
  run.log.push(...base.log.slice(0, base.log.indexOf(at)));
  add(core, run, 9, 'workflowTaskFailed', { cause: 9, baseRunId: base.runId, newRunId: runId });
  takeOver(core, base, run);
  show(core, run);
  run.isTaskOut = true;
  const isEvent = ({ doUpdate }: NonNullable<Done['activation']['jobs']>[number]): boolean =>
    !doUpdate;
  const jobs = (at.activation.jobs ?? []).filter(isEvent);
  run.jobs.push(...jobs);
  run.isTaskOut = false;
  enqueue(core, run, { updateRandomSeed: { randomnessSeed: Long.fromNumber(core.runs.size) } });
  comeAgain(core, run, base.events.slice(at.length));
  return run;
}

const RESETTER = { reason: 'simulated', identity: 'history-resetter' };

/** What was open at the point, by the events that were copied. */
function takeOver(core: Core, base: SimRun, run: SimRun): void {
  const { nowMs } = core.world;
  const isCopied = (id: number): boolean => id <= run.events.length;
  for (const [seq, act] of base.acts)
    if (isCopied(act.scheduledEventId)) {
      const isClosed = run.events.some(
        (event) =>
          eventEndsActivity(event) && attributesOf(event).scheduledEventId === act.scheduledEventId,
      );
      const again: Act = {
        ...{ ...act, attempt: 1, attemptAtMs: nowMs, startedAtMs: null, details: null, isClosed },
        ...{ closedAtMs: null, isCancelRequested: isAskedToEnd(run, act) },
        ...{ begunAtMs: null, fence: null, failedBy: null, hasReported: false },
      };
      run.acts.set(seq, isClosed ? act : again);
      if (!isClosed) dispatch(core, run, again, 5);
    }
  for (const [seq, { eventId }] of base.timers)
    if (isCopied(eventId)) restartTimer(core, run, seq, eventId);
  for (const [seq, child] of base.children)
    if (isCopied(child.initiatedEventId)) adopt(core, base, run, seq);
  for (const [id, update] of base.updates)
    if (run.events.some((event) => attributesOf(event).protocolInstanceId === id))
      run.updates.set(id, update);
}

function isAskedToEnd({ events }: SimRun, { scheduledEventId }: Act): boolean {
  return events.some(
    ({ activityTaskCancelRequestedEventAttributes: asked }) =>
      asked?.scheduledEventId === scheduledEventId,
  );
}

const ENDS = [12, 13, 14, 16];

function eventEndsActivity({ eventType }: any): boolean {
  return ENDS.includes(eventType as number);
}

/** What the child has reported after the point it reports again. */
function adopt(core: Core, base: SimRun, run: SimRun, seq: number): void {
  const child = base.children.get(seq);
  if (child === undefined) return;
  const { initiatedEventId } = child;
  const isOver = run.events.some(
    (event) =>
      event.eventType >= 32 &&
      event.eventType <= 36 &&
      attributesOf(event).initiatedEventId === initiatedEventId,
  );
  run.children.set(seq, { ...child, isClosed: isOver });
  if (isOver) return;
  const started = run.events.some(
    (event) => event.eventType === 31 && attributesOf(event).initiatedEventId === initiatedEventId,
  );
  const answer = base.events
    .slice(run.events.length - 1)
    .find((event) => attributesOf(event).initiatedEventId === initiatedEventId);
  if (!started && answer !== undefined) answerAgain(core, run, seq, answer);
  // A run that was reset before has taken its child over from the one that started it.
  const line = lineOf(core, base).map(({ runId }) => runId);
  const ended = [...core.runs.values()].find(
    ({ parent, status }) =>
      parent?.initiatedEventId === initiatedEventId &&
      line.includes(parent.runId) &&
      status !== STATUS.running,
  );
  if (ended !== undefined && heirOf(core, ended) === ended)
    reportEnd(core, ended, ended.events.at(-1));
}

function answerAgain(core: Core, run: SimRun, seq: number, { eventType, ...rest }: any): void {
  const attributes = attributesOf(rest);
  const isStarted = eventType === 31;
  const name = isStarted ? 'childWorkflowExecutionStarted' : 'startChildWorkflowExecutionFailed';
  add(core, run, eventType, name, attributes);
  const { workflowId, workflowExecution } = attributes;
  const answer = isStarted
    ? { succeeded: { runId: workflowExecution.runId } }
    : { failed: { workflowId, workflowType: 'dcsSwitchover', cause: 1 } };
  enqueue(core, run, { resolveChildWorkflowExecutionStart: { seq, ...answer } });
}

/** Signals and updates that came after the point. */
function comeAgain(core: Core, run: SimRun, events: readonly any[]): void {
  for (const event of events) {
    const { signalName, input, acceptedRequest } = attributesOf(event);
    if (event.eventType === 26) signal(core, run, signalName, input.payloads);
    const update = event.eventType === 41 ? acceptedRequest : null;
    if (update !== null) resend(core, run, update);
  }
}

function resend(core: Core, run: SimRun, { meta, input }: any): void {
  const [payload] = input.args.payloads;
  const argument: unknown = JSON.parse(Buffer.from(payload.data).toString());
  sendUpdate(core, run, { id: meta.updateId, name: input.name, argument });
}
