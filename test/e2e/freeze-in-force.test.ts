/** What a freeze does to switchovers: no forward PUT leaves, a swap back does. */
import { afterEach, describe, expect, test } from '@jest/globals';
import type { WorkflowFailedError } from '@temporalio/client';
import type { ApplicationFailure } from '@temporalio/common';

import { FREEZE_MEMO, FREEZE_WORKFLOW_ID, FREEZE_WORKFLOW_TYPE } from '../../src/contract/index.js';
import { useRig } from '../support/rig.js';
import { hold, reached } from '../support/steps.js';

const rig = useRig({
  temporal: { dynamicConfig: { 'frontend.WorkflowPauseEnabled': true } },
});

const FREEZE = {
  until: new Date(Date.now() + 3_600_000).toISOString(),
  by: 'ann',
  reason: 'quarter end',
};

/** By the record alone: the worker of the tests would end it, on a queue of no one it stays. */
async function freeze(): Promise<void> {
  await rig().temporal.workflow.start(FREEZE_WORKFLOW_TYPE, {
    workflowId: FREEZE_WORKFLOW_ID,
    taskQueue: 'nobody',
    args: [FREEZE],
    memo: { [FREEZE_MEMO]: FREEZE },
  });
}

/** What the Temporal UI shows of a run while it is open. */
const DETAILS_QUERY = '__temporal_workflow_metadata';

afterEach(async () => {
  const handle = rig().temporal.workflow.getHandle(FREEZE_WORKFLOW_ID);
  await handle.terminate('thawed').catch(() => undefined);
});

describe('a freeze that is started by hand', () => {
  const start = (input: unknown) =>
    rig().temporal.workflow.start(FREEZE_WORKFLOW_TYPE, {
      workflowId: FREEZE_WORKFLOW_ID,
      taskQueue: rig().stack.taskQueue,
      args: [input],
    });

  test('shows in the UI what it does, and how it is ended', async () => {
    const handle = await start(FREEZE);
    const { currentDetails } = await handle.query<{ currentDetails: string }>(DETAILS_QUERY);
    expect(currentDetails).toContain(`**Frozen until:** ${FREEZE.until}`);
    expect(currentDetails).toContain('dcs-switchover thaw');
  });

  test('with a wrong input freezes nothing, and says how it is done', async () => {
    const handle = await start({ ...FREEZE, until: 'tomorrow' });
    const failure = await handle.result().then(
      () => null,
      (error: unknown) => (error as WorkflowFailedError).cause as ApplicationFailure,
    );
    expect(failure).toMatchObject({ type: 'INVALID_INPUT' });
    expect(failure?.message).toContain('until');
    expect(failure?.message).toContain('dcs-switchover freeze');
    const { outcome } = await rig().run(await rig().instance());
    expect(outcome).toBe('SUCCEEDED');
  });
});

const LABELS = `frozen until ${FREEZE.until} by ann: quarter end`;

describe('while a freeze is in force', () => {
  test.each(['switch', 'plan'] as const)('a run of mode %s is refused', async (mode) => {
    await freeze();
    const instance = await rig().instance();
    const { outcome, result } = await rig().run(instance, { mode, toggle: true });
    expect(outcome).toBe('REFUSED');
    expect(result.message).toContain(`Check not-frozen failed: ${LABELS}`);
    expect(result.message).toContain('dcs-switchover thaw');
    expect(result.checks.filter(({ passed }) => passed === false)).toHaveLength(1);
  });

  test('it stays in force while someone has paused its record', async () => {
    await freeze();
    const { namespace } = rig().stack.temporal;
    await rig().temporal.workflowService.pauseWorkflowExecution({
      ...{ namespace, workflowId: FREEZE_WORKFLOW_ID, requestId: 'pause', reason: 'test' },
    });
    const { status } = await rig().temporal.workflow.getHandle(FREEZE_WORKFLOW_ID).describe();
    expect(status.name).toBe('PAUSED');
    const instance = await rig().instance();
    const { outcome, result } = await rig().run(instance);
    expect(outcome).toBe('REFUSED');
    expect(result.message).toContain(`Check not-frozen failed: ${LABELS}`);
    expect(rig().simulator.ledger.puts(instance.instanceId)).toHaveLength(0);
  });

  test('a run that has passed its pre-check is refused at the last moment', async () => {
    const instance = await rig().instance();
    // The last reading before the PUT: the first was that of the pre-check.
    const gate = hold(rig(), instance, 'listTasks', 2);
    const runId = await rig().start(instance);
    await reached(gate);
    await freeze();
    gate.release();
    const { outcome, result } = await rig().end(instance, runId);
    expect(outcome).toBe('REFUSED');
    expect(result.cause).toBe('LAST_MOMENT_CHECK_FAILED');
    expect(result.message).toContain(`Check not-frozen failed: ${LABELS}`);
    expect(rig().simulator.ledger.puts(instance.instanceId)).toHaveLength(0);
  });

  test('a swap back is sent: it restores what was there', async () => {
    const instance = await rig().instance();
    const gate = hold(rig(), instance, 'showJob', 1, {});
    rig().simulator.faults.add({
      route: 'asyncSwap',
      instanceId: instance.instanceId,
      calls: 1,
      job: { newMasterStatus: 'Inactive' },
    });
    const runId = await rig().start(instance);
    await reached(gate);
    await freeze();
    gate.release();
    const { outcome } = await rig().end(instance, runId);
    expect(outcome).toBe('COMPENSATED');
    expect(rig().simulator.ledger.puts(instance.instanceId)).toHaveLength(2);
  });
});
