/**
 * The shipped workflow bundle in the SDK's own sandbox, activation by activation, as the SDK's tests drive it. The only
 * file that imports internals of `@temporalio/worker`, whose version is exact in package.json.
 */
import { readFileSync } from 'node:fs';

import type { coresdk } from '@temporalio/proto';
import { parseWorkflowCode } from '@temporalio/worker/lib/worker';
import type { Workflow } from '@temporalio/worker/lib/workflow/interface';
import { ReusableVMWorkflowCreator } from '@temporalio/worker/lib/workflow/reusable-vm';
import { globalHandlers } from '@temporalio/worker/lib/workflow/vm-shared';
import { TypedSearchAttributes } from '@temporalio/common';

import type { Activities } from '../../src/activities/index.js';
import { workflowBundlePath } from '../../src/worker/bundle.js';

export type Activation = coresdk.workflow_activation.IWorkflowActivation;
export type Job = coresdk.workflow_activation.IWorkflowActivationJob;
export type Command = coresdk.workflow_commands.IWorkflowCommand;

/** Who a workflow is. */
export interface Identity {
  readonly workflowId: string;
  readonly runId: string;
  readonly originalRunId: string;
  readonly startedAtMs: number;
}

/** What one activation led to. */
export interface Completion {
  readonly commands: readonly Command[];
  readonly flags: readonly number[];
}

const ACTIVITIES: Readonly<Record<keyof Activities, true>> = {
  ...{ preflight: true, requestSwap: true, awaitJob: true, verifyRoles: true, watchRoles: true },
  ...{ planMaintenance: true, followRun: true, readFreeze: true, thawSchedules: true },
};

/** With a limit, each call into the sandbox starts a thread that watches it: more work than the call. */
const WITHOUT_LIMIT = undefined as unknown as number;

/** Compiles the bundle; once for all runs. */
export async function openSandbox() {
  const code = readFileSync(workflowBundlePath(), 'utf8');
  const bundle = parseWorkflowCode(code);
  const creator = await ReusableVMWorkflowCreator.create(
    bundle,
    WITHOUT_LIMIT,
    new Set(Object.keys(ACTIVITIES)),
  );
  // It keeps a stack trace of every promise, which no one asks for here.
  globalHandlers.uninstall();
  return (who: Identity): Promise<Workflow> =>
    creator.createWorkflow({
      info: infoOf(who),
      randomnessSeed: [1, 2, 3, 4, 5, 6, 7, 8],
      now: who.startedAtMs,
      showStackTraceSources: false,
    });
}

/** Makes the sandbox of one run. */
export type Sandbox = Awaited<ReturnType<typeof openSandbox>>;

function infoOf({ workflowId, runId, originalRunId, startedAtMs }: Identity) {
  return {
    ...{ workflowId, runId, workflowType: 'dcsSwitchover', attempt: 1 },
    ...{ searchAttributes: {}, typedSearchAttributes: new TypedSearchAttributes() },
    ...{ taskQueue: 'dcs-switchover', namespace: 'default', taskTimeoutMs: 10_000 },
    ...{ firstExecutionRunId: originalRunId, originalExecutionRunId: originalRunId },
    ...{ startTime: new Date(startedAtMs), runStartTime: new Date(startedAtMs) },
    ...{ historyLength: 3, historySize: 300, continueAsNewSuggested: false },
    targetWorkerDeploymentVersionChanged: false,
    unsafe: {
      now: () => Date.now(),
      ...{ isReplaying: false, isReplayingHistoryEvents: false },
      random: undefined as never,
    },
  };
}

/** Activates once. @throws Error where the workflow task fails: a run must never come to that */
export async function activate(workflow: Workflow, activation: Activation): Promise<Completion> {
  const { failed, successful } = await workflow.activate(activation);
  await workflow.getAndResetSinkCalls();
  if (failed) throw new Error(`workflow task failed: ${failed.failure?.message ?? ''}`);
  return {
    commands: successful?.commands ?? [],
    flags: successful?.usedInternalFlags ?? [],
  };
}
