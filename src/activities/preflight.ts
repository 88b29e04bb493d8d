import { cancellationSignal } from '@temporalio/activity';

import { isExaminingMode, makeWorkflowId, SEARCH_ATTRIBUTES } from '../contract/index.js';
import type { Check, Freeze, InputProblem, SwitchoverRequest } from '../contract/index.js';
import { dataPlaneReady } from '../domain/checks/data-plane.js';
import { decideByChecks, evaluateChecks } from '../domain/checks/index.js';
import { warnOfUntimed } from '../domain/checks/intent.js';
import { isPassing, describeWait } from '../domain/checks/passing.js';
import { findRepeated, requestAlreadyDone } from '../domain/checks/runs.js';
import type { Present } from '../domain/clocks.js';
import type { PreflightFacts, RepeatedRun, TaskFacts } from '../domain/facts.js';
import { toCheck } from '../domain/facts.js';
import { isFrozen } from '../domain/freeze.js';
import { describeForgotten, findOpenTasks } from '../domain/last-look.js';
import type {
  PreflightCall,
  PreflightFindings,
  PreflightReport,
} from '../domain/preflight-report.js';
import { swapTasks } from '../domain/tasks.js';
import { readInstanceName } from '../domain/text.js';
import { lastTurnMs, runBoundSeconds } from '../domain/timing.js';
import { parseInput, toRequest } from '../schema/index.js';

import { findFreezeRecord } from '../temporal/freeze-record.js';
import { inActivity } from '../temporal/rpc.js';
import type { FoundFreeze } from '../temporal/freeze-record.js';
import { startWaiting } from './busy-wait.js';
import type { Waiting } from './busy-wait.js';
import { startExecutionClock } from './clock.js';
import type { ExecutionClock } from './clock.js';
import type { ActivityDeps, ProjectEntry } from './deps.js';
import { readEarlierRuns } from './earlier-runs.js';
import { prepareExamination, prepareResolution, startReadings } from './examination.js';
import { createLooker, findDataPlane } from './looks.js';
import { createReader, readJudgedInstance } from './session.js';
import { findStartProblems, missingAttributes, raiseCoolDown, unserved } from './start-problems.js';
import { countTurns, pause, turnUntil, withHeartbeats } from './turns.js';
import type { CountedTurns } from './turns.js';

/**
 * Activity `preflight`: validates the input, reads everything that the decision needs, evaluates
 * every check; again, from the beginning, while nothing but a busy instance stands in the way of a switchover, for
 * `busyWaitSeconds`. Sends nothing.
 *
 * @throws ApplicationFailure (retryable) while a reading fails in a way that may pass; the last
 * attempt reports it as the failed check `api-readable` instead
 */
export async function preflight(deps: ActivityDeps, call: PreflightCall): Promise<PreflightReport> {
  const clock = startExecutionClock();
  const waiting = startWaiting(clock);
  return withHeartbeats(waiting.beat, () => check(deps, call, { clock, waiting }));
}

/** One execution of the activity. */
interface Execution {
  readonly clock: ExecutionClock;
  readonly waiting: Waiting;
}

async function check(
  deps: ActivityDeps,
  call: PreflightCall,
  execution: Execution,
): Promise<PreflightReport> {
  const { searchAttributes } = deps;
  const accepted = accept(deps, call);
  if ('problems' in accepted)
    return { verdict: 'invalid', problems: accepted.problems, searchAttributes };
  const { request, project } = accepted;
  if (isExaminingMode(request.mode)) return prepareExamination(deps, request, call);
  if (request.mode === 'resolve') return prepareResolution(deps, request, call);
  const turns = countTurns(
    turnUntil('preCheck', lastTurnMs(request, call.startedAtMs, call.timeoutMs)),
  );
  for (;;) {
    const facts = await gatherFacts(deps, project, request, { call, turns, ...execution });
    const repeat = findRepeated(request, facts.runs);
    if (repeat !== null) return toRepeat(request, facts, repeat, searchAttributes);
    const checks = judge(request, facts, project, execution.waiting);
    const pauseMs = execution.waiting.pauseMs(request, checks, facts, turns.waitedMs());
    if (pauseMs === null) {
      const { tried, ...found } = await lookAtRedis(deps, project, facts, {
        call,
        request,
        ...execution,
      });
      const all = [...checks, ...dataPlaneReady(request, found.dataPlane, tried)];
      return { ...toFindings(request, all, facts, { searchAttributes, execution }), ...found };
    }
    await pause(pauseMs);
  }
}

/** Last of all, so that it is as young as can be when the swap is compared with it. */
function lookAtRedis(
  deps: ActivityDeps,
  project: ProjectEntry,
  { instance }: PreflightFacts,
  {
    request,
    call: { runId },
    clock,
  }: Pick<Execution, 'clock'> & Pick<Look, 'call'> & { readonly request: SwitchoverRequest },
): ReturnType<typeof findDataPlane> {
  const reader = createReader(project.dcs, request.instanceId, cancellationSignal());
  return findDataPlane(createLooker(deps, project, reader), instance?.value ?? null, request, {
    runId,
    clock,
  });
}

function judge(
  request: SwitchoverRequest,
  facts: PreflightFacts,
  { nodeIdentity }: ProjectEntry,
  waiting: Waiting,
): Check[] {
  const drift = waiting.noDrift(request, facts, nodeIdentity);
  return [...evaluateChecks(request, facts), ...(drift === null ? [] : [drift])];
}

function toFindings(
  request: SwitchoverRequest,
  checks: readonly Check[],
  { tasksListedAtMs, ...facts }: GatheredFacts,
  {
    searchAttributes,
    execution: { waiting },
  }: Pick<ActivityDeps, 'searchAttributes'> & { readonly execution: Execution },
): PreflightFindings {
  const apiTimeMs = facts.tasks?.serverTimeMs ?? null;
  const verdict = decideByChecks(request, checks, facts);
  const busyWait = waiting.reported();
  return {
    verdict,
    request,
    ...nameOf(facts),
    checks: busyWait === null ? checks : describeWait(checks, facts, busyWait.waitedMs),
    before: facts.roles?.value ?? null,
    knownSwapTaskIds: swapTasks(facts.tasks?.value ?? []).flatMap(idsOf),
    tasksListedAtMs,
    warnings: [...warnOfAttributes({ searchAttributes }), ...warnOfTasks(facts)],
    searchAttributes,
    ...(apiTimeMs === null ? {} : { apiTimeMs }),
    ...(verdict === 'refused' && isPassing(checks, facts) ? { mayPass: true } : {}),
    ...(busyWait === null ? {} : { busyWait }),
  };
}

function nameOf({
  instance,
}: Pick<PreflightFacts, 'instance'>): Pick<PreflightFindings, 'instanceName'> {
  const instanceName = readInstanceName(instance?.value.name);
  return instanceName === null ? {} : { instanceName };
}

/** The answer of an earlier run: nothing else decides, so nothing else was read. */
function toRepeat(
  request: SwitchoverRequest,
  facts: PreflightFacts,
  repeat: RepeatedRun,
  searchAttributes: ActivityDeps['searchAttributes'],
): PreflightFindings {
  const finding = requestAlreadyDone(request, facts);
  return {
    verdict: 'refused',
    request,
    checks: [toCheck('request-already-done', 'blocking', finding)],
    before: repeat.before,
    knownSwapTaskIds: [],
    warnings: warnOfAttributes({ searchAttributes }),
    searchAttributes,
    repeat,
  };
}

function warnOfAttributes(present: Pick<ActivityDeps, 'searchAttributes'>): string[] {
  const { instanceId, status } = SEARCH_ATTRIBUTES;
  return missingAttributes(present, [instanceId, status], 'this run');
}

function warnOfTasks({ tasks, instance }: PreflightFacts): string[] {
  if (tasks === null || instance === null) return [];
  const forgotten = describeForgotten(findOpenTasks(tasks, instance.value));
  return [...forgotten, ...warnOfUntimed(tasks.value)];
}

type Acceptance =
  | { readonly problems: readonly InputProblem[] }
  | { readonly request: SwitchoverRequest; readonly project: ProjectEntry };

function accept(deps: ActivityDeps, call: PreflightCall): Acceptance {
  const parsed = parseInput(call.input);
  if (!parsed.ok) return { problems: parsed.problems };
  const project = deps.findProject(parsed.input.projectId);
  if (project === undefined) return { problems: [unserved(parsed.input.projectId)] };
  const asked = toRequest(parsed.input, call.startedAtMs, project.region);
  const { taskQueue } = call;
  const request = raiseCoolDown(
    taskQueue === undefined ? asked : { ...asked, taskQueue },
    project.policy,
  );
  const problems = startProblems(request, project, call);
  return problems.length > 0 ? { problems } : { request, project };
}

/** What is wrong with how and where a well-formed input was started. */
function startProblems(
  request: SwitchoverRequest,
  { region }: ProjectEntry,
  call: PreflightCall,
): InputProblem[] {
  const wantedId = makeWorkflowId(request.mode, request);
  const boundSeconds = runBoundSeconds(request.timing);
  const isLate = request.notAfterMs <= call.startedAtMs;
  const late = { problem: 'was over before the run started', remedy: 'Give a later instant.' };
  return [
    ...findStartProblems(call, {
      ...{ what: 'a toggle', region: [request.region, region] },
      wrongId: call.workflowId !== wantedId && {
        problem: 'is not the lock of this instance',
        remedy: `Start the run under the workflow id ${wantedId}.`,
      },
      leastTimeoutMs: boundSeconds * 1000,
      timeout: {
        problem: `is shorter than the ${boundSeconds} s that a run may need`,
        remedy: 'Leave run and execution timeouts out.',
      },
    }),
    ...(isLate ? [{ field: 'notAfter', ...late }] : []),
  ];
}

/** Of a request that an earlier run has done. */
const NOTHING_READ = {
  ...{ instance: null, roles: null, tasks: null, tasksListedAtMs: null, freeze: null },
} as const;

type GatheredFacts = PreflightFacts & { readonly tasksListedAtMs: number | null };

interface Look extends Execution {
  readonly call: PreflightCall;
  readonly turns: CountedTurns;
}

async function gatherFacts(
  deps: ActivityDeps,
  project: ProjectEntry,
  request: SwitchoverRequest,
  { call: { runId }, clock, turns }: Look,
): Promise<GatheredFacts> {
  const { dcs, policy } = project;
  const reader = createReader(dcs, request.instanceId, cancellationSignal(), turns.turn);
  const { attempt, unreadable, throttled } = startReadings();
  const { requestId, mode } = request;
  const ownRunId = mode === 'plan' ? null : runId;
  const runs = await attempt(() =>
    readEarlierRuns(deps.temporal, request, { ownRunId, requestId }),
  );
  if (findRepeated(request, runs) !== null)
    return { ...NOTHING_READ, runs, unreadable, policy, present: clock.present() };
  const recorded = await attempt(async () => ({
    record: await findFreezeRecord(inActivity(deps.temporal)),
  }));
  const instance = await attempt(() => readJudgedInstance(reader, project));
  const roles = await attempt(reader.roles);
  const tasks = await attempt(reader.tasks);
  const tasksListedAtMs = tasks === null ? null : reader.answeredAtMs();
  // Only now, when the API has reported its time: no clock alone may say that a freeze is over.
  const present = [...clock.present(), ...reader.apiClock()];
  const freeze = recorded === null ? null : inForce(recorded.record, present);
  const seen = { instance, roles, tasks, runs, freeze, unreadable, throttled };
  return { ...seen, policy, present, tasksListedAtMs };
}

function inForce(found: FoundFreeze | null, present: Present): Freeze | 'none' {
  return found !== null && isFrozen(found.freeze, present) ? found.freeze : 'none';
}

/** The ids by which a row, or an answer to a later PUT, may name its job. */
function idsOf({ id, jobId }: TaskFacts): string[] {
  return jobId === null || jobId === id ? [id] : [id, jobId];
}
