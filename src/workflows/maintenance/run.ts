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
  NotificationType,
  SearchAttributeName,
  StatusAttribute,
} from '../../contract/index.js';
import { toMaintenanceMarkdown } from '../../domain/maintenance/details.js';
import type { Rest } from '../../domain/maintenance/next-moves.js';
import { toProgress, toView } from '../../domain/maintenance/progress.js';
import type { LegEnd } from '../../domain/maintenance/progress.js';
import {
  addStop,
  addWarning,
  isLongHistory,
  newState,
  patchLeg,
} from '../../domain/maintenance/state.js';
import type {
  MaintenanceState,
  LegState,
  ItemState,
  Stop,
} from '../../domain/maintenance/state.js';
import { cutDeep, echoOf } from '../../domain/text.js';
import { MAINTENANCE_TASK_TIMEOUT_MS } from '../../domain/timing.js';
import { createNotifier } from '../notify.js';
import type { Notifier } from '../notify.js';
import { startOptions, wholeInput } from '../proxies.js';
import { upsertKnown } from '../telemetry.js';

const progressQuery = defineQuery<MaintenanceProgress>(PROGRESS_QUERY);

/** A maintenance as one run of its chain works on it. Nothing of it lives in the module. */
export interface MaintenanceRun {
  readonly notifier: Notifier;
  /** Replaced, never changed in place. What the next run of the chain goes on with. */
  state: MaintenanceState;
  /** As it came, as far as it can be handed on. */
  readonly input: unknown;
  /** As the input has it, not validated. */
  readonly maintenanceId: string;
  /** As commands take it: the tail of the workflow id. */
  readonly maintenanceName: string;
  /** The scope that a cancellation of the maintenance reaches. */
  readonly root: CancellationScope;
  searchAttributes: readonly SearchAttributeName[];
  /** Notifications that are delivered by runs of their own; `null`: no report has said. */
  deliveries: readonly NotificationType[] | null;
  ending: LegEnd | null;
  /** Whether the current details report the state as it is. */
  isShown: boolean;
  /** An unexpected error in a concurrent lane; the main loop rethrows it. */
  crash: { readonly error: unknown } | null;
}

/** Whether an earlier run has started this one; cron schedule and retry policy do so with the caller's arguments. */
function isContinued(): boolean {
  const { hasCronSchedule, hasRetryPolicy } = startOptions();
  const { continuedFromExecutionRunId } = workflowInfo();
  return continuedFromExecutionRunId !== undefined && !hasCronSchedule && !hasRetryPolicy;
}

/** Opens the maintenance of this run and answers the query `progress` from it. Must come before the first await. */
export function openMaintenance(
  input: unknown,
  given: MaintenanceState | undefined,
): MaintenanceRun {
  const { workflowId, startTime } = workflowInfo();
  // Of a caller's no one knows what it is, and it would take the place of a validated maintenance.
  const carried = isContinued() ? given : undefined;
  const others = given === carried ? [] : [given];
  const maintenance: MaintenanceRun = {
    input: cutDeep(wholeInput(input, others)),
    state: carried ?? newState(startTime.getTime()),
    maintenanceId: echoOf(input, 'maintenanceId') ?? '',
    maintenanceName: workflowId.slice(makeMaintenanceWorkflowId('').length),
    root: CancellationScope.current(),
    searchAttributes: carried?.facts?.searchAttributes ?? [],
    deliveries: carried?.facts?.deliveries ?? null,
    ending: null,
    isShown: false,
    crash: null,
    notifier: createNotifier(),
  };
  setHandler(
    progressQuery,
    () => toProgress(maintenance.maintenanceId, maintenance.state, maintenance.ending),
    {
      description: 'Phase, next step and one item per instance of this maintenance',
    },
  );
  keepShown(maintenance);
  return maintenance;
}

/** Moves the maintenance to its next phase and tells everybody; the same phase again changes nothing. */
export function enter(maintenance: MaintenanceRun, phase: MaintenancePhase): void {
  if (maintenance.state.phase === phase) return;
  maintenance.state = { ...maintenance.state, phase, sinceMs: Date.now() };
  log.info('phase', { phase });
  show(maintenance);
  const { next, counts } = viewOf(maintenance);
  maintenance.notifier.notify(NOTIFICATION_TYPES.maintenancePhase, {
    ...subject(maintenance),
    phase,
    next,
    counts,
  });
}

/** Has what people have to hear of delivered. */
export function handOver({ notifier, deliveries }: MaintenanceRun): Promise<void> {
  return notifier.handOver(deliveries);
}

/** Changes one leg, shows it, and reports it where its state is another. */
export function change(
  maintenance: MaintenanceRun,
  instanceId: string,
  leg: Leg['leg'],
  patch: Partial<LegState>,
): void {
  const before = legOf(maintenance, instanceId, leg);
  maintenance.state = patchLeg(maintenance.state, instanceId, leg, patch);
  show(maintenance);
  const now = legOf(maintenance, instanceId, leg);
  if (now === null || reportedState(now) === reportedState(before)) return;
  const { state, outcome, cause, reason, workflowId, runId } = now;
  const reported = { state, outcome, cause, reason, switchover: { workflowId, runId } };
  log.info('instance', { instanceId, leg, state, outcome, cause });
  maintenance.notifier.notify(NOTIFICATION_TYPES.maintenanceInstance, {
    ...subject(maintenance),
    ...{ instanceId, leg },
    ...reported,
  });
}

/** One that is being started may still find its lock held, a hundred times over: nothing runs yet. */
function reportedState(leg: LegState | null): Leg['state'] {
  return leg === null || leg.stage === 'starting' ? 'PENDING' : leg.state;
}

/** Opens the return leg of these items: at once, because that may be a thousand. */
export function open(maintenance: MaintenanceRun, items: readonly ItemState[]): void {
  for (const { instanceId } of items)
    maintenance.state = patchLeg(maintenance.state, instanceId, 'return', {});
  show(maintenance);
}

/** Records who never starts: at once, because that may be a thousand. */
export function rest(maintenance: MaintenanceRun, leg: Leg['leg'], rests: readonly Rest[]): void {
  if (rests.length === 0) return;
  for (const { instanceId, cause, reason, isFailure = false } of rests) {
    const rested = { state: 'NOT_STARTED', cause, reason, isFailure } as const;
    maintenance.state = patchLeg(maintenance.state, instanceId, leg, rested);
  }
  log.info('not started', { leg, count: rests.length, reason: rests[0]?.reason });
  show(maintenance);
}

/** One leg as it is now. */
export function legOf(
  maintenance: MaintenanceRun,
  instanceId: string,
  leg: Leg['leg'],
): LegState | null {
  return maintenance.state.items.find((item) => item.instanceId === instanceId)?.[leg] ?? null;
}

/** Records that nothing further starts. */
export function stop(maintenance: MaintenanceRun, why: Stop): void {
  maintenance.state = addStop(maintenance.state, why);
  show(maintenance);
}

/** Adds a warning once; the log has all of them, the maintenance as many as there is room for. */
export function warn(maintenance: MaintenanceRun, warning: string): void {
  log.warn('warning', { warning });
  maintenance.state = addWarning(maintenance.state, warning);
}

/** Upserts the search attributes that the namespace has: one history event. */
export function publishStatus(
  { state, searchAttributes }: MaintenanceRun,
  status: StatusAttribute,
): void {
  upsertKnown(searchAttributes, [
    [SEARCH_ATTRIBUTES.maintenanceId, state.facts?.request.maintenanceId],
    [SEARCH_ATTRIBUTES.status, status],
  ]);
}

/** Whom a notification is about. */
export function subject({ state, maintenanceId }: MaintenanceRun): Record<string, unknown> {
  const { workflowId, firstExecutionRunId } = workflowInfo();
  const projectId = state.facts?.request.projectId ?? null;
  return { maintenanceId, projectId, workflowId, runId: firstExecutionRunId };
}

/** Has the current details that the UI shows written, once all of this workflow task is done; free in history. */
export function show(maintenance: MaintenanceRun): void {
  maintenance.isShown = false;
}

/** Writes them at once: for what a run does last. */
export function write(maintenance: MaintenanceRun): void {
  maintenance.isShown = true;
  const place = workflowInfo();
  setCurrentDetails(toMaintenanceMarkdown(viewOf(maintenance), maintenance.maintenanceName, place));
}

/**
 * Writes the details once per workflow task, not at each change: of a thousand instances that would be much of what
 * a replay costs. Conditions are looked at when everything else of a task is done; this one never holds.
 */
function keepShown(maintenance: MaintenanceRun): void {
  const look = (): boolean => {
    if (!maintenance.isShown) write(maintenance);
    return false;
  };
  void CancellationScope.nonCancellable(() => condition(look));
}

function viewOf({ maintenanceId, state, ending }: MaintenanceRun): MaintenanceProgress {
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
 * Waits until `predicate` holds or `untilMs` is reached. Continues as new on the way where the server asks for it;
 * the next run comes back here by the maintenance's state.
 *
 * @param untilMs epoch milliseconds; `null`: however long it takes
 * @param summary of the timer, for people who look at the run
 */
export async function waitUntil(
  maintenance: MaintenanceRun,
  predicate: () => boolean,
  untilMs: number | null,
  summary: string,
): Promise<void> {
  const isEnough = (): boolean =>
    predicate() || maintenance.crash !== null || mayRollOver(maintenance);
  const isOver = (): boolean => untilMs !== null && Date.now() >= untilMs;
  while (!predicate() && !isOver()) {
    if (maintenance.crash !== null) throw maintenance.crash.error;
    if (mayRollOver(maintenance)) await rollOver(maintenance);
    else if (untilMs === null) await condition(isEnough);
    else await condition(isEnough, untilMs - Date.now(), { summary });
  }
  if (maintenance.crash !== null) throw maintenance.crash.error;
}

/** Not while a hook is asked or a switchover is being started: the next run would not know of it. */
function mayRollOver({ state }: MaintenanceRun): boolean {
  if (!isRollingOver()) return false;
  const stages = state.items.flatMap(({ forward, return: back }) => [
    forward.stage,
    back?.stage ?? null,
  ]);
  return stages.every((stage) => stage === null || stage === 'open');
}

/** Switchovers that are open are followed by the next run, and messages reach it as they reached this one. */
async function rollOver(maintenance: MaintenanceRun): Promise<void> {
  await condition(allHandlersFinished);
  // A switchover may have ended meanwhile, and its hook may have been called.
  if (!mayRollOver(maintenance)) return;
  // Whoever started the first run, and with whatever task timeout.
  const goOn = makeContinueAsNewFunc({ workflowTaskTimeout: MAINTENANCE_TASK_TIMEOUT_MS });
  await goOn(maintenance.input, maintenance.state);
}
