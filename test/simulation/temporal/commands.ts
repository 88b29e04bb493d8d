/** What the workflow commands. */
import { defaultPayloadConverter } from '@temporalio/common';

import type { Command } from '../sandbox.js';

import { cancelActivity, resolveLocally, schedule } from './activities.js';
import { cancelExternal, signalExternal, startChild } from './children.js';
import { add, close, STATUS } from './core.js';
import type { Core, SimRun } from './core.js';
import { answerUpdate, sendUpdate } from './messages.js';
import { start } from './start.js';
import { cancelTimer, startTimer } from './timers.js';

/** Carries one out. @throws Error for one that the model does not know */
export function carryOut(core: Core, run: SimRun, command: Command): void {
  const { completeWorkflowExecution: value, failWorkflowExecution: failed } = command;
  const { requestCancelActivity, scheduleLocalActivity: local } = command;
  const { startChildWorkflowExecution, continueAsNewWorkflowExecution } = command;
  const { requestCancelExternalWorkflowExecution, signalExternalWorkflowExecution } = command;
  if (command.scheduleActivity) schedule(core, run, command.scheduleActivity);
  else if (local) resolveLocally(core, run, Number(local.seq));
  else if (command.startTimer) startTimer(core, run, command.startTimer);
  else if (command.cancelTimer) cancelTimer(core, run, Number(command.cancelTimer.seq));
  else if (requestCancelActivity) cancelActivity(core, run, Number(requestCancelActivity.seq));
  else if (command.setPatchMarker)
    add(core, run, 25, 'markerRecorded', { markerName: 'core_patch' });
  else if (command.upsertWorkflowSearchAttributes)
    add(core, run, 40, 'upsertWorkflowSearchAttributes', {});
  else if (command.modifyWorkflowProperties)
    changeMemo(core, run, command.modifyWorkflowProperties.upsertedMemo?.fields ?? {});
  else if (command.updateResponse) answerUpdate(core, run, command.updateResponse);
  else if (startChildWorkflowExecution) startChild(core, run, startChildWorkflowExecution);
  else if (requestCancelExternalWorkflowExecution)
    cancelExternal(core, run, requestCancelExternalWorkflowExecution);
  else if (signalExternalWorkflowExecution)
    signalExternal(core, run, signalExternalWorkflowExecution);
  else if (continueAsNewWorkflowExecution) goOn(core, run, continueAsNewWorkflowExecution);
  else if (value)
    close(core, run, STATUS.completed, 2, 'workflowExecutionCompleted', {
      result: { payloads: [value.result] },
    });
  else if (failed)
    close(core, run, STATUS.failed, 3, 'workflowExecutionFailed', { failure: failed.failure });
  else if (command.cancelWorkflowExecution)
    close(core, run, STATUS.cancelled, 21, 'workflowExecutionCanceled', {});
  else throw new Error(`the model knows no command ${Object.keys(command).join()}`);
}

function changeMemo(
  core: Core,
  run: SimRun,
  fields: Readonly<Record<string, Parameters<typeof defaultPayloadConverter.fromPayload>[0]>>,
): void {
  const read = Object.entries(fields).map(([name, payload]) => [
    name,
    defaultPayloadConverter.fromPayload(payload),
  ]);
  run.memo = { ...run.memo, ...(Object.fromEntries(read) as SimRun['memo']) };
  add(core, run, 47, 'workflowPropertiesModified', { upsertedMemo: { fields } });
}

/** The next run of the chain. Updates that no one has answered reach it: whoever sent them asks again. */
function goOn(
  core: Core,
  run: SimRun,
  { arguments: given }: NonNullable<Command['continueAsNewWorkflowExecution']>,
): void {
  const { workflowId, type, runId, firstRunId, parent } = run;
  const payloads = given ?? [];
  close(core, run, STATUS.continued, 28, 'workflowExecutionContinuedAsNew', {
    ...{ newExecutionRunId: 'the next', input: { payloads } },
  });
  const lineage = { firstRunId, continuedFromRunId: runId, parent };
  const next = start(core, { workflowId, type, payloads, lineage });
  if (next === null) return;
  for (const update of run.updates.values())
    if (update.state === 'admitted') sendUpdate(core, next, update);
}
