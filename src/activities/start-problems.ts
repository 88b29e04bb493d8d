import { activityInfo } from '@temporalio/activity';

import type { InputProblem, SearchAttributeName, Timing } from '../contract/index.js';
import type { InstancePolicy } from '../domain/policy.js';
import type { PreflightCall } from '../domain/preflight-report.js';

import type { ActivityDeps } from './deps.js';
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
  return {
    field: 'projectId',
    problem: `${projectId} is not served by this worker`,
    remedy: 'Start a worker for this project, or use its task queue.',
  };
}

/** Attributes without which no filter finds a run; it runs all the same. @param what the run, such as `this run` */
export function missingAttributes(
  { searchAttributes }: Pick<ActivityDeps, 'searchAttributes'>,
  wanted: readonly SearchAttributeName[],
  what: string,
): string[] {
  return wanted
    .filter((name) => !searchAttributes.includes(name))
    .map(
      (name) =>
        `Search attribute ${name} (Keyword) is not registered: ${what} cannot be found by it.`,
    );
}

/** A problem of a field that is named elsewhere. */
type Flaw = Pick<InputProblem, 'problem' | 'remedy'>;

/** What a start of a workflow has to keep to. */
interface StartRules {
  /** What a repetition would do again, as text. */
  readonly what: string;
  /** As asked for, and as the project has it here. */
  readonly region: readonly [asked: string, here: string];
  /** `false`: the workflow id is right. */
  readonly wrongId: Flaw | false;
  /** No run or execution timeout may be shorter; `Infinity`: none may be set. */
  readonly leastTimeoutMs: number;
  readonly timeout: Flaw;
}

/** What is wrong with how and where a workflow was started, in whatever language. */
export function findStartProblems(
  {
    hasCronSchedule,
    hasRetryPolicy,
    timeoutMs,
  }: Pick<PreflightCall, 'hasCronSchedule' | 'hasRetryPolicy' | 'timeoutMs'>,
  { what, region: [asked, here], wrongId, leastTimeoutMs, timeout }: StartRules,
): InputProblem[] {
  const problem = `would repeat ${what}`;
  const region = {
    problem: `is not the region of this project here (${here})`,
    remedy: 'Leave it out, or correct it.',
  };
  const rules: readonly (readonly [field: string, flaw: Flaw | false])[] = [
    ['region', asked !== here && region],
    ['workflowId', wrongId],
    [
      'cronSchedule',
      hasCronSchedule && { problem, remedy: 'Use a schedule that starts single runs.' },
    ],
    [
      'retryPolicy',
      hasRetryPolicy && { problem, remedy: 'Start the workflow without a retry policy.' },
    ],
    ['timeout', timeoutMs !== null && timeoutMs < leastTimeoutMs && timeout],
  ];
  return rules.flatMap(([field, flaw]) => (flaw === false ? [] : [{ field, ...flaw }]));
}

/** The settings' floor holds for the check and for the time that an unresolved outcome keeps the lock. */
export function raiseCoolDown<T extends { readonly timing: Timing }>(
  request: T,
  { coolDownFloorSeconds: floor }: InstancePolicy,
): T {
  const coolDownSeconds = Math.max(request.timing.coolDownSeconds, floor);
  return { ...request, timing: { ...request.timing, coolDownSeconds } };
}
