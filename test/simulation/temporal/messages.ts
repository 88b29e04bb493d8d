/** What reaches a workflow from outside: a cancellation, signals, updates. */
import { defaultPayloadConverter } from '@temporalio/common';

import type { Command, Job } from '../sandbox.js';

import { add, STATUS } from './core.js';
import type { Core, SimRun, Update } from './core.js';
import { enqueue } from './tasks.js';

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-assignment
   -- events and messages of the wire, as loose as the SDK has them */

/** Requests a cancellation. */
export function requestCancel(core: Core, run: SimRun): void {
  if (run.status !== STATUS.running) return;
  add(core, run, 20, 'workflowExecutionCancelRequested', {});
  enqueue(core, run, { cancelWorkflow: { reason: 'simulated' } });
}

/** Sends a signal. */
export function signal(core: Core, run: SimRun, signalName: string, payloads: any): void {
  if (run.status !== STATUS.running) return;
  add(core, run, 26, 'workflowExecutionSignaled', { signalName, input: { payloads } });
  enqueue(core, run, { signalWorkflow: { signalName, input: payloads } });
}

/** Sends an update; one of an id that it knows already is that one. It leaves no trace before it is accepted. */
export function sendUpdate(
  core: Core,
  run: SimRun,
  { id, name, argument }: Pick<Update, 'id' | 'name' | 'argument'>,
): Update | null {
  if (run.status !== STATUS.running) return null;
  const known = run.updates.get(id);
  if (known !== undefined) return known;
  const update: Update = {
    ...{ id, name, argument, sentAtMs: core.world.nowMs, state: 'admitted' },
    ...{ acceptedAtMs: null, receipt: null },
  };
  run.updates.set(id, update);
  enqueue(core, run, toJob(update));
  return update;
}

function toJob({ id, name, argument }: Update): Job {
  const input = [defaultPayloadConverter.toPayload(argument)];
  const meta = { updateId: id, identity: 'simulated' };
  return { doUpdate: { id, protocolInstanceId: id, name, input, meta, runValidator: true } };
}

/** What the workflow answers. */
export function answerUpdate(
  core: Core,
  run: SimRun,
  { protocolInstanceId, accepted, rejected, completed }: NonNullable<Command['updateResponse']>,
): void {
  const update = run.updates.get(protocolInstanceId ?? '');
  if (update === undefined) throw new Error('an answer to no update');
  const { id, name, argument } = update;
  const meta = { updateId: id, identity: 'simulated' };
  if (accepted) {
    const input = { name, args: { payloads: [defaultPayloadConverter.toPayload(argument)] } };
    Object.assign(update, { state: 'accepted', acceptedAtMs: core.world.nowMs });
    add(core, run, 41, 'workflowExecutionUpdateAccepted', {
      ...{ protocolInstanceId: id, acceptedRequest: { meta, input } },
    });
  } else if (rejected) update.state = 'rejected';
  else if (completed) {
    const receipt = defaultPayloadConverter.fromPayload(completed);
    Object.assign(update, { state: 'completed', receipt });
    const outcome = { success: { payloads: [completed] } };
    add(core, run, 43, 'workflowExecutionUpdateCompleted', { meta, outcome });
  }
}
