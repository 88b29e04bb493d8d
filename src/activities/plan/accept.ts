import { SEARCH_ATTRIBUTES, makeMaintenanceWorkflowId } from '../../contract/index.js';
import type { InputProblem, MaintenanceRequest, MaintenanceWindow } from '../../contract/index.js';
import { DEFAULT_NODE_IDENTITY } from '../../domain/identity.js';
import type { PlanCall, Span } from '../../domain/maintenance/reports.js';
import { findShortSoak, parseMaintenanceInput, toMaintenanceRequest } from '../../schema/index.js';
import type { WellFormedMaintenance } from '../../schema/index.js';
import { findLengthProblems, resolveWindow } from '../../windows/index.js';

import type { ActivityDeps, ProjectEntry } from '../deps.js';
import { raiseCoolDown, unserved } from '../start-problems.js';

/** A plan that can be made, or what is wrong with how it was asked for. */
export type PlanAcceptance =
  | { readonly problems: readonly InputProblem[] }
  | {
      readonly input: WellFormedMaintenance;
      readonly request: MaintenanceRequest;
      readonly window: Span;
      readonly project: ProjectEntry;
    };

/** Judges everything that no call is needed for: the input, how it was started, and its window. */
export function acceptPlan(deps: ActivityDeps, call: PlanCall): PlanAcceptance {
  const parsed = parseMaintenanceInput(call.input);
  if (!parsed.ok) return { problems: parsed.problems };
  const { input } = parsed;
  const project = deps.findProject(input.projectId);
  if (project === undefined) return { problems: [unserved(input.projectId)] };
  const request = raiseCoolDown(toMaintenanceRequest(input, project.region), project.policy);
  const window = resolveWindow(
    input.window as MaintenanceWindow,
    call.nominalAtMs ?? call.startedAtMs,
  );
  const problems = [
    ...startProblems(request, project, call),
    ...(request.returnLeg === null ? [] : returnProblems(request.returnLeg, request, project)),
    ...(window === null ? [NO_WINDOW] : findLengthProblems(window, request)),
  ];
  return problems.length > 0 || window === null
    ? { problems }
    : { input, request, window, project };
}

/** What the project's settings say against any return leg of this plan. */
function returnProblems(
  { soakSeconds }: NonNullable<MaintenanceRequest['returnLeg']>,
  { timing }: MaintenanceRequest,
  { nodeIdentity = DEFAULT_NODE_IDENTITY }: ProjectEntry,
): InputProblem[] {
  const unsound: InputProblem = {
    field: 'returnLeg',
    problem: `names the old master by its node id, which this project does not rely on (nodeIdentity ${nodeIdentity})`,
    remedy: 'Leave returnLeg out, and switch back by a plan with an AZ as target.',
  };
  return [
    ...findShortSoak(soakSeconds, timing.coolDownSeconds),
    ...(nodeIdentity === DEFAULT_NODE_IDENTITY ? [] : [unsound]),
  ];
}

const NO_WINDOW: InputProblem = {
  field: 'window',
  problem: 'has no occurrence that ends after the plan began',
  remedy:
    'It is over, its dates are, or blackoutDates take all of them: give another, and plan again.',
};

/** A firing's id as Temporal's schedules make it: the nominal time, RFC 3339 in UTC, after a hyphen. */
const FIRING = /^-\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

function isRightId(workflowId: string, maintenanceId: string, isFiring: boolean): boolean {
  const id = makeMaintenanceWorkflowId(maintenanceId);
  if (!isFiring) return workflowId === id;
  return workflowId.startsWith(id) && FIRING.test(workflowId.slice(id.length));
}

/** What is wrong with how and where a well-formed input was started. */
function startProblems(
  { maintenanceId, region }: MaintenanceRequest,
  project: ProjectEntry,
  call: PlanCall,
): InputProblem[] {
  const isFiring = call.nominalAtMs !== null;
  const wantedId = makeMaintenanceWorkflowId(maintenanceId);
  const rules: readonly (readonly [boolean, field: string, problem: string, remedy: string])[] = [
    [
      region !== project.region,
      'region',
      `is not the region of this project here (${project.region})`,
      'Leave it out, or correct it.',
    ],
    [
      !isRightId(call.workflowId, maintenanceId, isFiring),
      'workflowId',
      'is not the id of this plan',
      isFiring
        ? `Give the schedule's action the workflow id ${wantedId}; the nominal time is appended by Temporal.`
        : `Start the plan under the workflow id ${wantedId}.`,
    ],
    [call.hasCronSchedule, 'cronSchedule', 'would repeat the plan', 'Use a schedule.'],
    [
      call.hasRetryPolicy,
      'retryPolicy',
      'would repeat the plan',
      'Start the workflow without a retry policy.',
    ],
    [
      call.timeoutMs !== null,
      'timeout',
      'would cut the plan off from its switchovers',
      'Leave run and execution timeouts out: the window bounds the plan.',
    ],
  ];
  return rules
    .filter(([isBroken]) => isBroken)
    .map(([, field, problem, remedy]) => ({ field, problem, remedy }));
}

/** Attributes without which a plan cannot be found by a filter; it runs all the same. */
export function missingAttributes(present: ActivityDeps['searchAttributes']): string[] {
  return [SEARCH_ATTRIBUTES.maintenanceId, SEARCH_ATTRIBUTES.status]
    .filter((name) => !present.includes(name))
    .map(
      (name) =>
        `Search attribute ${name} (Keyword) is not registered: this plan cannot be found by it.`,
    );
}
