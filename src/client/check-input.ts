import type { InputProblem, SwitchoverInput } from '../contract/index.js';
import { parseInput } from '../schema/index.js';
import type { WellFormedInput } from '../schema/index.js';

import { InvalidInputError } from './errors.js';
import type { RunRef } from './switchover/ref.js';

const RUN_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Checks an input as the run's own first step will, without any call. `start` does so by itself; this
 * serves callers that want to know before they connect.
 *
 * A `notAfter` that has passed is let through where there is a `requestId`: the run that did the work
 * in time may still be asked for by it.
 *
 * @param nowMs epoch milliseconds. @default now
 * @returns the input with its defaults, as it is sent
 * @throws InvalidInputError
 */
export function checkInput(input: SwitchoverInput, nowMs: number = Date.now()): WellFormedInput {
  const parsed = parseInput(input);
  if (!parsed.ok) throw new InvalidInputError(parsed.problems);
  if (parsed.input.requestId === undefined) checkNotAfter(parsed.input, nowMs);
  return parsed.input;
}

/** Whether there is time left for a new run. @throws InvalidInputError */
export function checkNotAfter({ notAfter }: WellFormedInput, nowMs: number = Date.now()): void {
  if (notAfter === undefined || Date.parse(notAfter) > nowMs) return;
  throw new InvalidInputError([
    {
      field: 'notAfter',
      problem: `has passed (now ${new Date(nowMs).toISOString()})`,
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
  if (runId === undefined || RUN_ID.test(runId)) return [];
  const problem = 'is not a run id (a UUID in lower case)';
  return [{ field: 'runId', problem, remedy: 'Copy it from the Temporal UI, or leave it out.' }];
}
