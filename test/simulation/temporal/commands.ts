/** What the workflow commands. */
import type { Command } from '../sandbox.js';

import { cancelActivity, schedule } from './activities.js';
import { add, close, STATUS } from './core.js';
import type { Core, SimRun } from './core.js';
import { cancelTimer, startTimer } from './timers.js';

/** Carries one out. @throws Error for one that the model does not know */
export function carryOut(core: Core, run: SimRun, command: Command): void {
  const { completeWorkflowExecution: value, failWorkflowExecution: failed } = command;
  const { requestCancelActivity } = command;
  if (command.scheduleActivity) schedule(core, run, command.scheduleActivity);
  else if (command.startTimer) startTimer(core, run, command.startTimer);
  else if (command.cancelTimer) cancelTimer(core, run, Number(command.cancelTimer.seq));
  else if (requestCancelActivity) cancelActivity(core, run, Number(requestCancelActivity.seq));
  else if (command.setPatchMarker)
    add(core, run, 25, 'markerRecorded', { markerName: 'core_patch' });
  else if (command.upsertWorkflowSearchAttributes)
    add(core, run, 40, 'upsertWorkflowSearchAttributes', {});
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
