import { cancellationSignal } from '@temporalio/activity';

import type { InputProblem } from '../contract/index.js';
import type { WellFormedMaintenance } from '../schema/index.js';
import type { PlanCall, PlanFindings, PlanReport } from '../domain/maintenance/reports.js';
import { DcsError } from '../dcs/index.js';

import type { ActivityDeps } from './deps.js';
import { explain } from './explain.js';
import { withHeartbeats } from './heartbeats.js';
import { acceptPlan, missingAttributes } from './plan/accept.js';
import { InstancesUnreadableError, TooManyInstancesError } from './plan/errors.js';
import { mapInParallel } from './plan/in-parallel.js';
import { createInspect } from './plan/inspect.js';
import type { Inspection } from './plan/inspect.js';
import { isSelected, judge, needsTags } from './plan-verdicts.js';
import type { Terms } from './plan-verdicts.js';
import { createPlanReader } from './plan/reader.js';
import type { PlanReader } from './plan/reader.js';
import { resumeReading, toHeartbeat } from './plan/resume.js';
import type { ReadSoFar } from './plan/resume.js';
import { doubtReturns, showMasterPriority } from './plan/return-leg.js';
import { assertNotTooMany, findCandidates } from './plan-instances.js';
import type { Candidate } from './plan-instances.js';
import { lookAhead } from './plan/warnings.js';
import { findUsedId } from './plan/used-id.js';
import { readFreeze } from './read-freeze.js';
import { toRepeatedFailure } from './to-application-failure.js';

/** Instances that are read at a time; the read limit of the project holds besides. */
const READ_AT_A_TIME = 4;

/**
 * Activity `planMaintenance`: validates the input, resolves window and instances once, and looks at each
 * instance. Sends nothing. Heartbeats what it has read, so that the next attempt goes on from there.
 *
 * An instance that cannot be read is told as such; only what holds for all of them (a refused credential, no
 * answer at all) ends in `unreadable`.
 *
 * @throws ApplicationFailure (retryable) while Temporal does not tell whether a freeze is in force
 */
export async function planMaintenance(deps: ActivityDeps, call: PlanCall): Promise<PlanReport> {
  const { searchAttributes } = deps;
  const accepted = acceptPlan(deps, call);
  if ('problems' in accepted)
    return { verdict: 'invalid', problems: accepted.problems, searchAttributes };
  const { input, request, window, project } = accepted;
  const used = await findUsed(deps, call, input);
  if (used !== null) return { verdict: 'invalid', problems: [used], searchAttributes };
  const terms: Terms = { input, request, window, policy: project.policy };
  const stopped = new AbortController();
  const signal = AbortSignal.any([cancellationSignal(), stopped.signal]);
  const reader = createPlanReader(project.dcs, signal, window.closesAtMs);
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
      const warnings = [...missingAttributes(searchAttributes), ...found.warnings];
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
  { workflowId, nominalAtMs }: PlanCall,
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
  terms: Terms,
  reader: PlanReader,
  progress: Progress,
): Promise<Pick<PlanFindings, 'instances' | 'warnings'> | string> {
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
  terms: Terms,
  reader: PlanReader,
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
  terms: Terms,
  selected: readonly Inspection[],
): Pick<PlanFindings, 'instances' | 'warnings'> {
  const instances = selected.map((inspection) => judge(terms, inspection));
  const planned = selected.filter((_, index) => instances[index]?.obstacle === null);
  // Of a plan that is only looked at, the rows themselves say what would be refused now.
  const ahead = terms.request.mode === 'plan' ? [] : lookAhead(instances);
  return { instances, warnings: [...ahead, ...doubtReturns(terms, planned)] };
}
