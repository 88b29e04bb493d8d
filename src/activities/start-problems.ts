import { activityInfo } from '@temporalio/activity';

import type { InputProblem, Timing } from '../contract/index.js';
import type { InstancePolicy } from '../domain/policy.js';

import { ProjectNotServedError } from './errors.js';

/** How often an activity that could begin a run looks for a worker that serves the project. */
const MAX_WORKERS_ASKED = 4;

/**
 * The problem of an input that no worker serves, as far as can be determined from here.
 *
 * @throws ProjectNotServedError (retryable) where the next attempt may come to a worker that does
 */
export function unserved(projectId: string): InputProblem {
  if (activityInfo().attempt < MAX_WORKERS_ASKED) throw new ProjectNotServedError(projectId);
  return notServed(projectId);
}

/** The problem of an input whose project has no entry here. */
function notServed(projectId: string): InputProblem {
  return {
    field: 'projectId',
    problem: `${projectId} is not served by this worker`,
    remedy: 'Start a worker for this project, or use its task queue.',
  };
}

/** The settings' floor holds for the check and for the time that an unresolved outcome keeps the lock. */
export function raiseCoolDown<T extends { readonly timing: Timing }>(
  request: T,
  { coolDownFloorSeconds: floor }: InstancePolicy,
): T {
  const coolDownSeconds = Math.max(request.timing.coolDownSeconds, floor);
  return { ...request, timing: { ...request.timing, coolDownSeconds } };
}
