import type { WorkflowExecutionDescription } from '@temporalio/client';

import type { InputProblem, SwitchoverInput } from '../../contract/index.js';
import { readInstanceName } from '../../domain/text.js';
import { parseInput } from '../../schema/index.js';
import type { WellFormedInput } from '../../schema/index.js';
import { callTemporal, isNotFound } from '../../temporal/rpc.js';
import type { ClientContext } from '../../temporal/rpc.js';
import { fetchRunHistory, fetchRunInput } from '../../temporal/run-history.js';
import type { RunHistory } from '../../temporal/run-history.js';
import { isOpenStatus } from '../../temporal/run-list.js';
import { iso, UUID } from '../../util.js';
import { InvalidInputError, NotFoundError } from '../errors.js';
import { workflowIdOf } from '../ref.js';
import type { RunRef } from '../ref.js';

/**
 * Checks an input as the run's own first step will, without any call. `start` does so by itself; this
 * serves callers that want to know before they connect.
 *
 * A `notAfter` that has passed is let through where there is a `requestId`: the run that did the work
 * in time may still be asked for by it.
 *
 * @returns the input with its defaults, as it is sent
 * @throws InvalidInputError
 */
export function checkInput(input: SwitchoverInput): WellFormedInput {
  const parsed = parseInput(input);
  if (!parsed.ok) throw new InvalidInputError(parsed.problems);
  if (parsed.input.requestId === undefined) checkNotAfter(parsed.input);
  return parsed.input;
}

/** Whether there is time left for a new run. @throws InvalidInputError */
export function checkNotAfter({ notAfter }: WellFormedInput): void {
  const nowMs = Date.now();
  if (notAfter === undefined || Date.parse(notAfter) > nowMs) return;
  throw new InvalidInputError([
    {
      field: 'notAfter',
      problem: `has passed (now ${iso(nowMs)})`,
      remedy: 'Give a later instant, or leave it out.',
    },
  ]);
}

/**
 * Checks that a reference is made of the contract's ids, which become part of a workflow id.
 *
 * @throws InvalidInputError
 */
export function checkRunRef({ projectId, instanceId, runId }: RunRef): void {
  // A toggle is the shortest complete input, so only the ids can be at fault.
  const parsed = parseInput({ projectId, instanceId, toggle: true });
  const problems = [...(parsed.ok ? [] : parsed.problems), ...findRunIdProblems(runId)];
  if (problems.length > 0) throw new InvalidInputError(problems);
}

/** What is wrong with the run id of a reference; it may be absent. */
export function findRunIdProblems(runId: string | undefined): InputProblem[] {
  if (runId === undefined || UUID.test(runId)) return [];
  const problem = 'is not a run id (a UUID in lower case)';
  return [{ field: 'runId', problem, remedy: 'Copy it from the Temporal UI, or leave it out.' }];
}

/** One run, pinned: what follows is asked of this run and of no later one. */
export interface DescribedRun {
  readonly ref: RunRef & { readonly runId: string };
  readonly workflowId: string;
  readonly isOpen: boolean;
  readonly description: WorkflowExecutionDescription;
}

/**
 * Finds the run that a reference means.
 *
 * @throws InvalidInputError (before any call), NotFoundError, TemporalUnreachableError
 */
export async function describeRun(context: ClientContext, ref: RunRef): Promise<DescribedRun> {
  checkRunRef(ref);
  const workflowId = workflowIdOf(ref);
  const handle = context.client.workflow.getHandle(workflowId, ref.runId);
  try {
    const description = await callTemporal(context, 'describe', () => handle.describe());
    const { runId, status } = description;
    const isOpen = isOpenStatus(status.name);
    const { taskQueue } = description;
    return { ref: { ...ref, runId, taskQueue }, workflowId, isOpen, description };
  } catch (error) {
    throw isNotFound(error) ? new NotFoundError(ref, workflowId) : error;
  }
}

/** The name of the instance, as far as the starter knew it. */
export function nameAtStart({ description }: DescribedRun): string | null {
  return readInstanceName(description.memo?.['instanceName']);
}

/** The ids that name one run. */
export type NamedRunRef = Pick<DescribedRun, 'ref' | 'workflowId'>;

/** Reads the whole history of one run. @throws TemporalUnreachableError, TemporalRequestError */
export function readRunHistory(context: ClientContext, run: NamedRunRef): Promise<RunHistory> {
  const { workflowId, ref } = run;
  return callTemporal(context, 'read the history', () =>
    fetchRunHistory(context.client, workflowId, ref.runId),
  );
}

/** Reads only what the run was asked to do: the first event. */
export function readRunInput(context: ClientContext, run: NamedRunRef): Promise<unknown> {
  const { workflowId, ref } = run;
  return callTemporal(context, 'read the input', () =>
    fetchRunInput(context.client, workflowId, ref.runId),
  );
}
