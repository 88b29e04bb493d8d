/** A run that someone has paused in Temporal is open: it holds the lock, and no one waits for its end. */
import { expect, test } from '@jest/globals';

import { makeSwitchoverWorkflowId } from '../../src/contract/index.js';
import { useRig } from '../support/rig.js';
import { hold, reached } from '../support/steps.js';

const rig = useRig({
  temporal: { dynamicConfig: { 'frontend.WorkflowPauseEnabled': true } },
});

test('a maintenance of the instance is refused, and names the run', async () => {
  const instance = await rig().instance();
  const gate = hold(rig(), instance, 'showInstance', 1);
  const runId = await rig().start(instance);
  await reached(gate);
  const { projectId } = rig().simulator;
  const workflowId = makeSwitchoverWorkflowId({ projectId, instanceId: instance.instanceId });
  const { namespace } = rig().stack.temporal;
  await rig().temporal.workflowService.pauseWorkflowExecution({
    ...{ namespace, workflowId, runId, requestId: 'pause', reason: 'test' },
  });
  const { outcome, result } = await rig().run(instance, { mode: 'plan', toggle: true });
  expect(outcome).toBe('REFUSED');
  const failed = result.checks.filter(({ passed }) => passed === false);
  expect(failed.map(({ id }) => id)).toEqual(['no-open-run']);
  expect(failed[0]?.observed).toContain(runId);
  gate.release();
  await rig().temporal.workflow.getHandle(workflowId, runId).terminate('the test is over');
});
