import { defineSearchAttributeKey } from '@temporalio/common';
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  defineQuery,
  log,
  makeContinueAsNewFunc,
  patched,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';

import {
  makeMaintenanceWorkflowId,
  NOTIFICATION_TYPES,
  PROGRESS_QUERY,
  SEARCH_ATTRIBUTES,
} from '../../contract/index.js';
import type {
  Leg,
  MaintenancePhase,
  MaintenanceProgress,
  SearchAttributeName,
  StatusAttribute,
} from '../../contract/index.js';
import { toMaintenanceMarkdown } from '../../domain/maintenance/details.js';
import type { Rest } from '../../domain/maintenance/next-moves.js';
import { toProgress, toView } from '../../domain/maintenance/progress.js';
import type { Ending } from '../../domain/maintenance/progress.js';
import {
  addStop,
  addWarning,
  isLongHistory,
  newState,
  patchLeg,
} from '../../domain/maintenance/state.js';
import type { MaintenanceState, PlanLeg, PlanRow, Stop } from '../../domain/maintenance/state.js';
import { MAINTENANCE_TASK_TIMEOUT_MS } from '../../domain/timing.js';
import { notify } from '../telemetry.js';
import type { Teller } from '../telemetry.js';

const progressQuery = defineQuery<MaintenanceProgress>(PROGRESS_QUERY);

/** Longest id that is shown before anybody has validated it. */
const MAX_ID_LENGTH = 64;

/** A plan as one run of its chain works on it. Nothing of it lives in the module. */
export interface PlanRun extends Teller {
  /** Replaced, never changed in place. What the next run of the chain goes on with. */
  state: MaintenanceState;
  /** As it came. */
  readonly input: unknown;
  /** As the input has it, not validated. */
  readonly maintenanceId: string;
  /** As commands take it: the tail of the workflow id. */
  readonly planName: string;
  /** The scope that a cancellation of the plan reaches. */
  readonly root: CancellationScope;
  searchAttributes: readonly SearchAttributeName[];
  ending: Ending | null;
  /** Whether the current details tell the state as it is. */
  isShown: boolean;
  /** Something that no rule foresees has happened beside the main line, which has to throw it. */
  crash: { readonly error: unknown } | null;
}

/** Opens the plan of this run and answers the query `progress` from it. Must come before the first await. */
export function openPlan(input: unknown, given: MaintenanceState | undefined): PlanRun {
  const { workflowId, startTime, continuedFromExecutionRunId } = workflowInfo();
  // Of a caller's nobody knows what it is, and it would take the place of a validated plan.
  const carried = continuedFromExecutionRunId === undefined ? undefined : given;
  const id = (input as { readonly maintenanceId?: unknown } | null | undefined)?.maintenanceId;
  const plan: PlanRun = {
    input,
    state: carried ?? newState(startTime.getTime()),
    maintenanceId: typeof id === 'string' ? id.slice(0, MAX_ID_LENGTH) : '',
    planName: workflowId.slice(makeMaintenanceWorkflowId('').length),
    root: CancellationScope.current(),
    searchAttributes: carried?.facts?.searchAttributes ?? [],
    ending: null,
    isShown: false,
    crash: null,
    notificationsTold: 0,
  };
  setHandler(progressQuery, () => toProgress(plan.maintenanceId, plan.state, plan.ending), {
    description: 'Phase, next step and one row per instance of this plan',
  });
  keepShown(plan);
  return plan;
}

/** Moves the plan to its next phase and tells everybody; the same phase again changes nothing. */
export function enter(plan: PlanRun, phase: MaintenancePhase): void {
  if (plan.state.phase === phase) return;
  plan.state = { ...plan.state, phase, sinceMs: Date.now() };
  log.info('phase', { phase });
  show(plan);
  const { next, counts } = viewOf(plan);
  notify(plan, NOTIFICATION_TYPES.maintenancePhase, { ...subject(plan), phase, next, counts });
}

/** Changes one leg, shows it, and tells of it where its state is another. */
export function change(
  plan: PlanRun,
  instanceId: string,
  leg: Leg['leg'],
  patch: Partial<PlanLeg>,
): void {
  const before = legOf(plan, instanceId, leg);
  plan.state = patchLeg(plan.state, instanceId, leg, patch);
  show(plan);
  const now = legOf(plan, instanceId, leg);
  if (now === null || toldState(now) === toldState(before)) return;
  const { state, outcome, cause, reason, workflowId, runId } = now;
  const told = { state, outcome, cause, reason, switchover: { workflowId, runId } };
  log.info('instance', { instanceId, leg, state, outcome, cause });
  notify(plan, NOTIFICATION_TYPES.maintenanceInstance, {
    ...subject(plan),
    ...{ instanceId, leg },
    ...told,
  });
}

/** One that is being started may still find its lock held, a hundred times over: nothing runs yet. */
function toldState(leg: PlanLeg | null): Leg['state'] {
  return leg === null || leg.stage === 'starting' ? 'PENDING' : leg.state;
}

/** Opens the way back of these rows: at once, because that may be a thousand. */
export function open(plan: PlanRun, rows: readonly PlanRow[]): void {
  for (const { instanceId } of rows) plan.state = patchLeg(plan.state, instanceId, 'return', {});
  show(plan);
}

/** Records who never starts: at once, because that may be a thousand. */
export function rest(plan: PlanRun, leg: Leg['leg'], rests: readonly Rest[]): void {
  if (rests.length === 0) return;
  for (const { instanceId, cause, reason, isFailure = false } of rests) {
    const rested = { state: 'NOT_STARTED', cause, reason, isFailure } as const;
    plan.state = patchLeg(plan.state, instanceId, leg, rested);
  }
  log.info('not started', { leg, count: rests.length, reason: rests[0]?.reason });
  show(plan);
}

/** One leg as it is now. */
export function legOf(plan: PlanRun, instanceId: string, leg: Leg['leg']): PlanLeg | null {
  return plan.state.rows.find((row) => row.instanceId === instanceId)?.[leg] ?? null;
}

/** Records that nothing further starts. */
export function stop(plan: PlanRun, why: Stop): void {
  plan.state = addStop(plan.state, why);
  show(plan);
}

/** Adds a warning once; the log has all of them, the plan as many as there is room for. */
export function warn(plan: PlanRun, warning: string): void {
  log.warn('warning', { warning });
  plan.state = addWarning(plan.state, warning);
}

/** Upserts the search attributes that the namespace has: one history event. */
export function publish(plan: PlanRun, status: StatusAttribute): void {
  const id = plan.state.facts?.request.maintenanceId;
  const pairs = [
    ...(id === undefined ? [] : [[SEARCH_ATTRIBUTES.maintenanceId, id] as const]),
    [SEARCH_ATTRIBUTES.status, status] as const,
  ].filter(([name]) => plan.searchAttributes.includes(name));
  if (pairs.length === 0) return;
  upsertSearchAttributes(
    pairs.map(([name, value]) => ({ key: defineSearchAttributeKey(name, 'KEYWORD'), value })),
  );
}

/** Whom a notification is about. */
export function subject({ state, maintenanceId }: PlanRun): Record<string, unknown> {
  const { workflowId, firstExecutionRunId } = workflowInfo();
  const projectId = state.facts?.request.projectId ?? null;
  return { maintenanceId, projectId, workflowId, runId: firstExecutionRunId };
}

/** Has the current details that the UI shows written, once all of this workflow task is done; free in history. */
export function show(plan: PlanRun): void {
  plan.isShown = false;
}

/** Writes them at once: for what a run does last. */
export function write(plan: PlanRun): void {
  plan.isShown = true;
  const place = workflowInfo();
  setCurrentDetails(toMaintenanceMarkdown(viewOf(plan), plan.planName, place));
}

/**
 * Writes the details once per workflow task, not at each change: of a thousand instances that would be much of what
 * a replay costs. Conditions are looked at when everything else of a task is done; this one never holds.
 */
function keepShown(plan: PlanRun): void {
  const look = (): boolean => {
    if (!plan.isShown) write(plan);
    return false;
  };
  void CancellationScope.nonCancellable(() => condition(look));
}

function viewOf({ maintenanceId, state, ending }: PlanRun): MaintenanceProgress {
  return toView(maintenanceId, state, ending);
}

/** Whether a new run with a fresh history is to go on. */
export function isRollingOver(): boolean {
  const info = workflowInfo();
  if (info.continueAsNewSuggested) return true;
  // Runs from before that rule have gone on.
  return isLongHistory(info) && patched('rolls-over-early');
}

/**
 * Waits until something is so, or until an instant. Continues as new on the way where the server asks for it;
 * the next run comes back here by the plan's state.
 *
 * @param untilMs epoch milliseconds; `null`: however long it takes
 * @param summary of the timer, for people who look at the run
 */
export async function waitUntil(
  plan: PlanRun,
  isSo: () => boolean,
  untilMs: number | null,
  summary: string,
): Promise<void> {
  const isEnough = (): boolean => isSo() || plan.crash !== null || mayRollOver(plan);
  const isOver = (): boolean => untilMs !== null && Date.now() >= untilMs;
  while (!isSo() && !isOver()) {
    if (plan.crash !== null) throw plan.crash.error;
    if (mayRollOver(plan)) await rollOver(plan);
    else if (untilMs === null) await condition(isEnough);
    else await condition(isEnough, untilMs - Date.now(), { summary });
  }
  if (plan.crash !== null) throw plan.crash.error;
}

/** Not while a hook is asked or a switchover is being started: the next run would not know of it. */
function mayRollOver({ state }: PlanRun): boolean {
  if (!isRollingOver()) return false;
  const stages = state.rows.flatMap(({ forward, return: back }) => [
    forward.stage,
    back?.stage ?? null,
  ]);
  return stages.every((stage) => stage === null || stage === 'open');
}

/** Switchovers that are open are followed by the next run, and messages reach it as they reached this one. */
async function rollOver(plan: PlanRun): Promise<void> {
  await condition(allHandlersFinished);
  // A switchover may have ended meanwhile, and its hook may have been called.
  if (!mayRollOver(plan)) return;
  // Whoever started the first run, and with whatever task timeout.
  const goOn = makeContinueAsNewFunc({ workflowTaskTimeout: MAINTENANCE_TASK_TIMEOUT_MS });
  await goOn(plan.input, plan.state);
}
