import type { InputProblem, Timing } from '../contract/index.js';
import type { InstancePolicy } from '../domain/policy.js';

/** The problem of an input whose project has no entry here. */
export function notServed(projectId: string): InputProblem {
  return {
    field: 'projectId',
    problem: `${projectId} is not served by this worker`,
    remedy: 'Start a worker for this project, or use its task queue.',
  };
}

/** The settings' floor holds for the check and for the time that a doubt keeps the lock. */
export function raiseCoolDown<T extends { readonly timing: Timing }>(
  request: T,
  { coolDownFloorSeconds: floor }: InstancePolicy,
): T {
  const coolDownSeconds = Math.max(request.timing.coolDownSeconds, floor);
  return { ...request, timing: { ...request.timing, coolDownSeconds } };
}
