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
  readonly type: string;
  readonly originalRunId: string;
  readonly firstRunId: string;
  readonly continuedFromRunId: string | null;
  readonly parent: { readonly workflowId: string; readonly runId: string } | null;
  readonly startedAtMs: number;
  readonly memo: Readonly<Record<string, unknown>>;
}

/** A notification, as the workflow gave it to its sink. */
export interface Notice {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What one activation led to. */
export interface Completion {
  readonly commands: readonly Command[];
  readonly flags: readonly number[];
  readonly notices: readonly Notice[];
}

const ACTIVITIES: Readonly<Record<keyof Activities, true>> = {
  ...{ preflight: true, requestSwap: true, awaitJob: true, verifyRoles: true, watchRoles: true },
  measure: true,
  ...{ planMaintenance: true, followRun: true, readFreeze: true, thawSchedules: true },
  ...{ startDelivery: true, postNotification: true },
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

function infoOf(who: Identity) {
  const { workflowId, runId, type, originalRunId, firstRunId, startedAtMs } = who;
  const { continuedFromRunId, parent, memo } = who;
  return {
    ...{ workflowId, runId, workflowType: type, attempt: 1 },
    ...{ searchAttributes: {}, typedSearchAttributes: new TypedSearchAttributes() },
    ...{ taskQueue: 'dcs-switchover', namespace: 'default', taskTimeoutMs: 10_000 },
    ...{ firstExecutionRunId: firstRunId, originalExecutionRunId: originalRunId },
    ...(continuedFromRunId === null ? {} : { continuedFromExecutionRunId: continuedFromRunId }),
    ...{ memo },
    ...(parent === null ? {} : { parent: { ...parent, namespace: 'default' } }),
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

const SINK = 'dcsSwitchoverNotifications';

/** Activates once. @throws Error where the workflow task fails: a run must never come to that */
export async function activate(workflow: Workflow, activation: Activation): Promise<Completion> {
  const { failed, successful } = await workflow.activate(activation);
  const calls = await workflow.getAndResetSinkCalls();
  if (failed) throw new Error(`workflow task failed: ${failed.failure?.message ?? ''}`);
  return {
    commands: successful?.commands ?? [],
    flags: successful?.usedInternalFlags ?? [],
    notices: calls.flatMap(({ ifaceName, args }) =>
      ifaceName === SINK ? [args[0] as Notice] : [],
    ),
  };
}
