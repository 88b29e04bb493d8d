import { defineSearchAttributeKey } from '@temporalio/common';
import {
  defineQuery,
  log,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';

import { NOTIFICATION_TYPES, SEARCH_ATTRIBUTES, STATUS_QUERY } from '../contract/index.js';
import type {
  Evidence,
  Outcome,
  Phase,
  RolesSnapshot,
  SearchAttributeName,
  StatusAttribute,
  SwitchoverRequest,
  SwitchoverStatus,
  Timings,
} from '../contract/index.js';
import { toMarkdown } from '../domain/details.js';
import type { NewSwapTask } from '../domain/reports.js';
import { pickIds } from '../domain/text.js';
import type { AskedIds } from '../domain/text.js';

import { countRun, notify } from './telemetry.js';
import type { Notifier } from './telemetry.js';

const statusQuery = defineQuery<SwitchoverStatus>(STATUS_QUERY);

/** What a run has done so far. One object per run; nothing of it lives in the module. */
export interface Run extends Notifier {
  /** As the input has it, not validated. */
  readonly mode: unknown;
  /** As the input has them, for whoever is notified of the run. */
  readonly asked: AskedIds;
  phase: Phase;
  since: string;
  next: string;
  outcome?: Outcome;
  /** Until when an unresolved run keeps the lock, RFC 3339; `null` while it does not. */
  lockedUntil: string | null;
  swapsSent: number;
  /** How many of them no one can vouch for. */
  swapsPossiblySent: number;
  swapsAccepted: number;
  /** Latest instant at which a PUT of this run may have left, epoch milliseconds. */
  lastSentAtMs: number | null;
  jobIds: readonly string[];
  /** Request ids of the answers that PUTs got. */
  readonly swapRequestIds: string[];
  jobMs: number | null;
  /** The last failure that stands in the way of a better outcome, as text. */
  obstacle: string | null;
  /** What was reported before and is no longer true, as text. */
  correction: string | null;
  /** Which identifiers of the nodes contradict each other, as text. */
  disagreement: string | null;
  before: RolesSnapshot | null;
  after: RolesSnapshot | null;
  /** Swap tasks that were not there before, as last listed. */
  newSwapTasks: readonly NewSwapTask[];
  readonly evidence: Evidence[];
  readonly warnings: string[];
  readonly startedAtMs: number;
  readonly phasesMs: Partial<Record<Phase, number>>;
  searchAttributes: readonly SearchAttributeName[];
  /** What is asked, once it has been validated. */
  request: SwitchoverRequest | null;
}

/** Opens the run's state and answers the query `status` from it. Must come before the first await. */
export function openRun(input: unknown): Run {
  const startedAtMs = Date.now();
  const run: Run = {
    mode: (input as { readonly mode?: unknown } | null | undefined)?.mode,
    asked: pickIds(input),
    notificationsSent: 0,
    phase: 'PREFLIGHT',
    since: new Date(startedAtMs).toISOString(),
    next: `read the instance and evaluate every check; ${maySend(input) ? 'nothing is sent before that' : 'nothing is sent'}`,
    lockedUntil: null,
    swapsSent: 0,
    swapsPossiblySent: 0,
    swapsAccepted: 0,
    lastSentAtMs: null,
    jobIds: [],
    swapRequestIds: [],
    jobMs: null,
    obstacle: null,
    correction: null,
    disagreement: null,
    before: null,
    after: null,
    newSwapTasks: [],
    evidence: [],
    warnings: [],
    startedAtMs,
    phasesMs: {},
    searchAttributes: [],
    request: null,
  };
  setHandler(statusQuery, () => toStatus(run), {
    description: 'Phase, roles and next step of this switchover, in plain text',
  });
  reportPhase(run);
  show(run);
  return run;
}

/** By the input as it came; what it means is validated by the first activity. */
function maySend(input: unknown): boolean {
  const mode = (input as { readonly mode?: unknown } | null | undefined)?.mode ?? 'switch';
  return mode === 'switch';
}

/** Moves the run to its next phase and shows it in the UI. */
export function enter(run: Run, phase: Phase, next: string): void {
  closePhase(run);
  Object.assign(run, { phase, next, since: new Date().toISOString() });
  // The end has a line of its own, with the outcome.
  if (phase !== 'ENDED') reportPhase(run);
  show(run);
}

/** A phase has begun. */
function reportPhase(run: Run): void {
  const { phase, next, swapsSent, outcome = null } = run;
  log.info('phase', { phase });
  const data = { ...run.asked, phase, next, outcome, swapsSent };
  notify(run, NOTIFICATION_TYPES.switchoverPhase, data);
}

/**
 * Reports that the run is over.
 *
 * @param message the verified state and what to do, in plain text
 */
export function reportEnd(
  run: Run,
  outcome: Outcome | 'CANCELLED',
  cause: string | null,
  message: string,
): void {
  const { swapsSent, swapsAccepted, jobIds } = run;
  log.info('ended', { outcome, cause, swapsSent, jobIds });
  const data = { ...run.asked, outcome, cause, message, swapsSent, swapsAccepted, jobIds };
  notify(run, NOTIFICATION_TYPES.switchoverEnded, data);
}

/** Sets the outcome, once it is known. */
export function decideOutcome(run: Run, outcome: Outcome): void {
  if (run.outcome !== outcome) countRun(outcome, run.mode);
  run.outcome = outcome;
}

/** Records something seen or done. */
export function note(run: Run, what: string): void {
  run.evidence.push({ at: new Date().toISOString(), what });
  show(run);
}

/** Adds a warning once. */
export function warn(run: Run, warning: string): void {
  if (!run.warnings.includes(warning)) run.warnings.push(warning);
}

/** Upserts the search attribute `DcsStatus`, one history event, where the namespace has it. */
export function publish(run: Run, status: StatusAttribute, instanceId?: string): void {
  const pairs = [
    ...(instanceId === undefined ? [] : [[SEARCH_ATTRIBUTES.instanceId, instanceId] as const]),
    [SEARCH_ATTRIBUTES.status, status] as const,
  ].filter(([name]) => run.searchAttributes.includes(name));
  if (pairs.length === 0) return;
  upsertSearchAttributes(
    pairs.map(([name, value]) => ({ key: defineSearchAttributeKey(name, 'KEYWORD'), value })),
  );
}

/** Durations for the result; call when the run ends. */
export function timings(run: Run): Timings {
  closePhase(run);
  const endedAtMs = Date.now();
  return {
    startedAt: new Date(run.startedAtMs).toISOString(),
    endedAt: new Date(endedAtMs).toISOString(),
    totalMs: endedAtMs - run.startedAtMs,
    phasesMs: { ...run.phasesMs },
    jobMs: run.jobMs,
  };
}

function closePhase(run: Run): void {
  const spentMs = Date.now() - Date.parse(run.since);
  run.phasesMs[run.phase] = (run.phasesMs[run.phase] ?? 0) + spentMs;
  run.since = new Date().toISOString();
}

function toStatus(run: Run): SwitchoverStatus {
  const { phase, outcome, since, next, lockedUntil, jobIds, before, after } = run;
  const { swapsSent, swapsPossiblySent } = run;
  return {
    phase,
    ...(outcome === undefined ? {} : { outcome }),
    since,
    next,
    ...(lockedUntil === null ? {} : { lockedUntil }),
    swapsSent,
    swapsPossiblySent,
    jobIds,
    ...(before === null ? {} : { before }),
    ...(after === null ? {} : { after }),
  };
}

function show(run: Run): void {
  const { evidence, warnings, request } = run;
  const { runId } = workflowInfo();
  const who = request === null ? null : { ...request, runId };
  setCurrentDetails(toMarkdown(toStatus(run), evidence, warnings, who));
}
