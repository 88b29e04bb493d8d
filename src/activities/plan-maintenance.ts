import { cancellationSignal } from '@temporalio/activity';

import { makeMaintenanceWorkflowId, SEARCH_ATTRIBUTES } from '../contract/index.js';
import type { InputProblem, MaintenanceRequest } from '../contract/index.js';
import { DcsError } from '../dcs/index.js';
import { DEFAULT_NODE_IDENTITY } from '../domain/identity.js';
import type {
  PlanMaintenanceCall,
  MaintenanceFindings,
  PlanMaintenanceReport,
  Span,
} from '../domain/maintenance/reports.js';
import { findShortSoak, parseMaintenanceInput, toMaintenanceRequest } from '../schema/index.js';
import type { WellFormedMaintenance } from '../schema/index.js';
import { findLengthProblems, resolveWindow } from '../windows/index.js';

import type { ActivityDeps, ProjectEntry } from './deps.js';
import { findUsedId } from './earlier-runs.js';
import {
  explain,
  InstancesUnreadableError,
  TooManyInstancesError,
  toRepeatedFailure,
} from './errors.js';
import { readFreeze } from './freeze.js';
import { assertNotTooMany, createInspect, findCandidates } from './maintenance-instances.js';
import type { Candidate } from './maintenance-instances.js';
import {
  createInstanceReader,
  mapInParallel,
  resumeReading,
  toHeartbeat,
} from './maintenance-readings.js';
import type { Inspection, InstanceReader, ReadSoFar } from './maintenance-readings.js';
import {
  uncertainReturns,
  isSelected,
  judge,
  lookAhead,
  needsTags,
  showMasterPriority,
} from './maintenance-verdicts.js';
import type { SelectionCriteria } from './maintenance-verdicts.js';
import { findStartProblems, missingAttributes, raiseCoolDown, unserved } from './start-problems.js';
import { withHeartbeats } from './turns.js';

/** A maintenance that can be made, or what is wrong with how it was asked for. */
type Acceptance =
  | { readonly problems: readonly InputProblem[] }
  | {
      readonly input: WellFormedMaintenance;
      readonly request: MaintenanceRequest;
      readonly window: Span;
      readonly project: ProjectEntry;
    };

/** Judges everything that no call is needed for: the input, how it was started, and its window. */
function acceptMaintenance(deps: ActivityDeps, call: PlanMaintenanceCall): Acceptance {
  const parsed = parseMaintenanceInput(call.input);
  if (!parsed.ok) return { problems: parsed.problems };
  const { input } = parsed;
  const project = deps.findProject(input.projectId);
  if (project === undefined) return { problems: [unserved(input.projectId)] };
  const request = raiseCoolDown(toMaintenanceRequest(input, project.region), project.policy);
  const window = resolveWindow(input.window, call.nominalAtMs ?? call.startedAtMs);
  const problems = [
    ...startProblems(request, project, call),
    ...(request.returnLeg === null ? [] : returnProblems(request.returnLeg, request, project)),
    ...(window === null ? [NO_WINDOW] : findLengthProblems(window, request)),
  ];
  return problems.length > 0 || window === null
    ? { problems }
    : { input, request, window, project };
}

/** What the project's settings say against any return leg of this maintenance. */
function returnProblems(
  { soakSeconds }: NonNullable<MaintenanceRequest['returnLeg']>,
  { timing }: MaintenanceRequest,
  { nodeIdentity = DEFAULT_NODE_IDENTITY }: ProjectEntry,
): InputProblem[] {
  const unsound: InputProblem = {
    field: 'returnLeg',
    problem: `names the old master by its node id, which this project does not rely on (nodeIdentity ${nodeIdentity})`,
    remedy: 'Leave returnLeg out, and switch back by a maintenance with an AZ as target.',
  };
  return [
    ...findShortSoak(soakSeconds, timing.coolDownSeconds),
    ...(nodeIdentity === DEFAULT_NODE_IDENTITY ? [] : [unsound]),
  ];
}

const NO_WINDOW: InputProblem = {
  field: 'window',
  problem: 'has no occurrence that ends after the maintenance began',
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
  call: PlanMaintenanceCall,
): InputProblem[] {
  const isFiring = call.nominalAtMs !== null;
  const wantedId = makeMaintenanceWorkflowId(maintenanceId);
  return findStartProblems(call, {
    ...{ what: 'the maintenance', region: [region, project.region] },
    wrongId: !isRightId(call.workflowId, maintenanceId, isFiring) && {
      problem: 'is not the id of this maintenance',
      remedy: isFiring
        ? `Give the schedule's action the workflow id ${wantedId}; the nominal time is appended by Temporal.`
        : `Start the maintenance under the workflow id ${wantedId}.`,
    },
    // How long its window and its switchovers take no timeout knows.
    leastTimeoutMs: Infinity,
    timeout: {
      problem: 'would cut the maintenance off from its switchovers',
      remedy: 'Leave run and execution timeouts out: the window bounds the maintenance.',
    },
  });
}

const ATTRIBUTES = [SEARCH_ATTRIBUTES.maintenanceId, SEARCH_ATTRIBUTES.status];

/** Instances that are read at a time; the read limit of the project holds besides. */
const READ_AT_A_TIME = 4;

/**
 * Activity `planMaintenance`: validates the input, resolves window and instances once, and looks at each
 * instance. Sends nothing. Heartbeats what it has read, so that the next attempt goes on from there.
 *
 * An instance that cannot be read is reported as such; only what holds for all of them (a refused credential, no
 * answer at all) ends in `unreadable`.
 *
 * @throws ApplicationFailure (retryable) while Temporal does not show whether a freeze is in force
 */
export async function planMaintenance(
  deps: ActivityDeps,
  call: PlanMaintenanceCall,
): Promise<PlanMaintenanceReport> {
  const { searchAttributes } = deps;
  const accepted = acceptMaintenance(deps, call);
  if ('problems' in accepted)
    return { verdict: 'invalid', problems: accepted.problems, searchAttributes };
  const { input, request, window, project } = accepted;
  const used = await findUsed(deps, call, input);
  if (used !== null) return { verdict: 'invalid', problems: [used], searchAttributes };
  const terms: SelectionCriteria = { input, request, window, policy: project.policy };
  const stopped = new AbortController();
  const signal = AbortSignal.any([cancellationSignal(), stopped.signal]);
  const reader = createInstanceReader(project.dcs, signal, window.closesAtMs);
  const soFar = resumeReading();
  return withHeartbeats(
    () => ({
      ...{ next: 'resolve the instances', read: soFar.count() },
      ...{ lastRequestId: reader.lastRequestId(), ...toHeartbeat(soFar) },
    }),
    async () => {
      const freeze = await readFreeze(deps);
      const found = await resolve(terms, reader, {
        soFar,
        stop: () => {
          stopped.abort();
        },
      });
      if (typeof found === 'string')
        return { verdict: 'unreadable', request, window, detail: found, searchAttributes };
      const warnings = [
        ...missingAttributes(deps, ATTRIBUTES, 'this maintenance'),
        ...found.warnings,
      ];
      return {
        ...{ verdict: 'planned', request, window, instances: found.instances },
        ...{ freeze, warnings, searchAttributes },
      };
    },
  );
}

/** A firing has an id of its own, a dry run changes nothing, and `again` says that a repeat is meant. */
async function findUsed(
  { temporal }: ActivityDeps,
  { workflowId, nominalAtMs }: PlanMaintenanceCall,
  { mode, again }: WellFormedMaintenance,
): Promise<InputProblem | null> {
  if (mode === 'plan' || again === true || nominalAtMs !== null) return null;
  try {
    return await findUsedId(temporal, workflowId);
  } catch (error) {
    throw toRepeatedFailure(error, 'an earlier maintenance of this id');
  }
}

interface Progress {
  readonly soFar: ReadSoFar;
  /** Makes the other readings give up. */
  readonly stop: () => void;
}

/** The instances and what is worth a warning; as a text, why they cannot be resolved. */
async function resolve(
  terms: SelectionCriteria,
  reader: InstanceReader,
  progress: Progress,
): Promise<Pick<MaintenanceFindings, 'instances' | 'warnings'> | string> {
  try {
    const candidates = await findCandidates(reader, terms.input);
    const inspections = await inspectEach(terms, reader, candidates, progress);
    const selected = inspections.filter((inspection) => isSelected(terms, inspection) !== false);
    assertNotTooMany(selected.length);
    return judgeEach({ ...terms, mastersShowPriority: showMasterPriority(inspections) }, selected);
  } catch (error) {
    const isAnswer =
      error instanceof DcsError ||
      error instanceof TooManyInstancesError ||
      error instanceof InstancesUnreadableError;
    if (!isAnswer || cancellationSignal().aborted) throw error;
    return explain(error);
  }
}

/** Instances in the order of the candidates; those that an earlier attempt has read are not read again. */
async function inspectEach(
  terms: SelectionCriteria,
  reader: InstanceReader,
  candidates: readonly Candidate[],
  { soFar, stop }: Progress,
): Promise<Inspection[]> {
  const { known, add } = soFar;
  const unread = candidates.filter(({ instanceId }) => !known.has(instanceId));
  const inspect = createInspect(reader, unread.length, (id, details) =>
    needsTags(terms, id, details?.name ?? null),
  );
  const read = await mapInParallel(unread, { limit: READ_AT_A_TIME, stop }, async (candidate) => {
    const inspection = await inspect(candidate);
    add(inspection);
    return inspection;
  });
  const byId = new Map([...known.values(), ...read].map((each) => [each.instanceId, each]));
  return candidates.flatMap(({ instanceId }) => byId.get(instanceId) ?? []);
}

function judgeEach(
  terms: SelectionCriteria,
  selected: readonly Inspection[],
): Pick<MaintenanceFindings, 'instances' | 'warnings'> {
  const instances = selected.map((inspection) => judge(terms, inspection));
  const planned = selected.filter((_, index) => instances[index]?.obstacle === null);
  // Of a maintenance that is only looked at, the rows themselves say what would be refused now.
  const ahead = terms.request.mode === 'plan' ? [] : lookAhead(instances);
  return { instances, warnings: [...ahead, ...uncertainReturns(terms, planned)] };
}
