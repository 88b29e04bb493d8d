import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';

import {
  makeSwitchoverWorkflowId,
  makeWorkflowId,
  SWITCHOVER_WORKFLOW_TYPE,
} from '../../contract/index.js';
import type { InstanceRef, Mode, SwitchoverInput } from '../../contract/index.js';
import type { SameRequest } from '../../domain/facts.js';
import {
  describeGoal as describeSwitch,
  isSameGoal as isSameSwitch,
  isSameRequestId,
  toGoal,
} from '../../domain/goal.js';
import { describeAsked, switchoverTexts } from '../../domain/run-texts.js';
import { readInstanceName } from '../../domain/text.js';
import { parseInput } from '../../schema/index.js';
import type { WellFormedInput } from '../../schema/index.js';
import { listClosedRepeating, readClosedRun } from '../../temporal/earlier-run.js';
import { TemporalRequestError } from '../../temporal/errors.js';
import { callTemporal } from '../../temporal/rpc.js';
import type { ClientContext } from '../../temporal/rpc.js';
import { runsOf } from '../../temporal/run-list.js';
import { findSameRequest } from '../../temporal/same-request.js';
import { phaseOf } from '../../temporal/swap-trace.js';
import { lookForUnresolvedRun } from '../../temporal/unresolved.js';
import { AlreadyRunningError, NotFoundError, RequestIdReusedError } from '../errors.js';
import { isSameGoal, readAsked } from '../ref.js';
import type { RunRef } from '../ref.js';

import { readEnding } from './result.js';
import { checkInput, checkNotAfter, describeRun, readRunHistory, readRunInput } from './run.js';
import type { DescribedRun } from './run.js';

/** The run that did a request already, as far as visibility shows it: it may lag a few seconds behind. */
export async function findEarlierRequest(
  context: ClientContext,
  ref: InstanceRef,
  requestId: string,
): Promise<SameRequest | null> {
  const runs = runsOf(context, makeSwitchoverWorkflowId(ref));
  const closed = await listClosedRepeating(runs);
  return findSameRequest(runs, { ref, requestId, closed, read: (run) => readClosedRun(runs, run) });
}

/** Each further try follows a run that closed between our two calls. */
const MAX_START_ATTEMPTS = 3;

/** Options of `start`. */
export interface StartOptions {
  /** Whether to join an open run that asks for the same. @default true */
  readonly joinEquivalent?: boolean | undefined;
  /** What people call the instance, for lists until the run has read its name. @default its id */
  readonly instanceName?: string | undefined;
}

/** A run that does what was asked; usable as a reference to it. */
export interface StartedRun extends RunRef {
  readonly runId: string;
  readonly mode: Mode;
  readonly workflowId: string;
  /** `null`: started now. Otherwise nothing was started: this run does, or has done, the work. */
  readonly reused: 'open' | 'closed' | null;
}

/** Starts a run or finds the one that serves; see `SwitchoverClient.start`. */
export async function startRun(
  context: ClientContext,
  input: SwitchoverInput,
  { joinEquivalent = true, instanceName: givenName }: StartOptions = {},
): Promise<StartedRun> {
  const { request, instanceName } = await nameRun(context, checkInput(input), givenName);
  // Without a request id nothing about earlier runs matters unless one is open, which the start reports.
  let shouldLook = request.requestId !== undefined;
  for (let attempt = 1; attempt <= MAX_START_ATTEMPTS; attempt += 1) {
    const latest = shouldLook ? await findLatest(context, request) : null;
    if (latest !== null) {
      const reused = await reuse(context, request, latest, joinEquivalent);
      if (reused !== null) return reused;
    }
    checkNotAfter(request);
    await checkRequestId(context, request);
    const runId = await tryStart(context, request, instanceName);
    if (runId !== null) return toStarted(request, runId, null);
    shouldLook = true;
  }
  throw new TemporalRequestError(
    'start',
    null,
    'another run held the lock at each try and was gone when looked at; try again',
  );
}

/**
 * An operator's statement is about the run that is unresolved when it is given: one that arrives late settles no newer
 * unresolved outcome. It reads nothing of DCS, so the name of the instance is that of earlier runs.
 */
async function nameRun(
  context: ClientContext,
  request: WellFormedInput,
  instanceName: string | undefined,
): Promise<{ readonly request: WellFormedInput; readonly instanceName: string | undefined }> {
  const isNamed = request.examinedRunId !== undefined && instanceName !== undefined;
  if (request.mode !== 'resolve' || isNamed) return { request, instanceName };
  const known = await lookForUnresolvedRun(context, request);
  const examinedRunId = request.examinedRunId ?? known.runId;
  return {
    request: examinedRunId === null ? request : { ...request, examinedRunId },
    instanceName: instanceName ?? known.instanceName ?? undefined,
  };
}

async function findLatest(
  context: ClientContext,
  request: WellFormedInput,
): Promise<DescribedRun | null> {
  const { projectId, instanceId, mode } = request;
  try {
    return await describeRun(context, { projectId, instanceId, mode });
  } catch (error) {
    if (error instanceof NotFoundError) return null;
    throw error;
  }
}

/**
 * What the latest run means for this request: it may be joined, it is in the way (throws), it has succeeded at the same
 * request, or it is over and of no concern (`null`): what lies behind it is for the new run to find.
 */
async function reuse(
  context: ClientContext,
  request: WellFormedInput,
  latest: DescribedRun,
  joinEquivalent: boolean,
): Promise<StartedRun | null> {
  const theirs = parseInput(await readRunInput(context, latest));
  const isRepeat = theirs.ok && isSameRequest(theirs.input, request);
  const isSame = theirs.ok && isSameGoal(theirs.input, request);
  if (!latest.isOpen)
    return isRepeat && isSame && (await hasSucceeded(context, latest))
      ? toStarted(request, latest.ref.runId, 'closed')
      : null;
  if (isRepeat && !isSame) throw reused(request, latest.ref, describeAsked(theirs.input));
  if (isSame && (isRepeat || joinEquivalent)) return toStarted(request, latest.ref.runId, 'open');
  throw await alreadyRunning(context, latest);
}

/** A resolution is never answered by the run that it is about. */
function isSameRequest(theirs: WellFormedInput, ours: WellFormedInput): boolean {
  const [one, other] = [theirs.requestId, ours.requestId];
  const isSameId = one !== undefined && other !== undefined && isSameRequestId(one, other);
  return isSameId && theirs.mode === ours.mode;
}

/** Only of a switchover that has succeeded is nothing more to be found out: the run that repeats it would say the same. */
async function hasSucceeded(context: ClientContext, run: DescribedRun): Promise<boolean> {
  if (run.ref.mode === 'plan') return false;
  const ending = await readEnding(context, run, context.rpcTimeoutMs);
  return ending.kind === 'reported' && ending.result.outcome === 'SUCCEEDED';
}

/**
 * Looks for the request among the earlier runs, as the run itself would: a mistaken id is reported before anything is
 * started. What visibility does not show yet is found by the run.
 *
 * @throws RequestIdReusedError
 */
async function checkRequestId(context: ClientContext, request: WellFormedInput): Promise<void> {
  const { requestId, mode } = request;
  if (requestId === undefined || mode !== 'switch') return;
  const same = await findEarlierRequest(context, request, requestId);
  if (same === null || (same.goal !== null && isSameSwitch(same.goal, toGoal(request)))) return;
  const theirs = same.goal === null ? null : describeSwitch(same.goal);
  throw reused(request, { runId: same.run.runId, taskQueue: context.taskQueue }, theirs);
}

function reused(
  request: WellFormedInput,
  { runId, taskQueue }: Pick<DescribedRun['ref'], 'runId' | 'taskQueue'>,
  theirs: string | null,
): RequestIdReusedError {
  const { projectId, instanceId, mode, requestId = '' } = request;
  const ref = { projectId, instanceId, mode, taskQueue };
  return new RequestIdReusedError(ref, requestId, runId, { theirs, ours: describeAsked(request) });
}

/** The new run's id, or `null` when another run holds the lock. */
async function tryStart(
  context: ClientContext,
  request: WellFormedInput,
  instanceName: string | undefined,
): Promise<string | null> {
  try {
    const handle = await callTemporal(context, 'start', () =>
      context.client.workflow.start(SWITCHOVER_WORKFLOW_TYPE, {
        workflowId: makeWorkflowId(request.mode, request),
        taskQueue: context.taskQueue,
        args: [request],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        workflowIdConflictPolicy: 'FAIL',
        ...switchoverTexts(request, { instanceName: readInstanceName(instanceName) }),
      }),
    );
    return handle.firstExecutionRunId;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
    throw error;
  }
}

/** From the history alone: a caller that is turned away should not wait for a worker's answer. */
async function alreadyRunning(
  context: ClientContext,
  open: DescribedRun,
): Promise<AlreadyRunningError> {
  const { projectId, instanceId, mode, runId, taskQueue } = open.ref;
  const history = await readRunHistory(context, open);
  return new AlreadyRunningError(
    { projectId, instanceId, mode, taskQueue },
    {
      workflowId: open.workflowId,
      runId,
      phase: phaseOf(history),
      asked: readAsked(history.input),
    },
  );
}

function toStarted(
  { projectId, instanceId, mode }: WellFormedInput,
  runId: string,
  reused: StartedRun['reused'],
): StartedRun {
  const workflowId = makeWorkflowId(mode, { projectId, instanceId });
  return { projectId, instanceId, mode, workflowId, runId, reused };
}
