/**
 * The outcome rule: what may be said of a swap, given everything that was observed. Pure; documented as a
 * table in docs/outcomes.md. Without proof the answer is UNKNOWN.
 */
import type { Outcome, RolesSnapshot, Target, WitnessWord } from '../contract/index.js';

import type { Cause } from './causes.js';
import { isAtTarget, nodesOf, onlyMaster } from './identity.js';
import type { JobReport, Judgement, NewSwapTask, Observation } from './reports.js';
import { ANY_TIME, countForeign, endOfTask } from './tasks.js';
import type { SwapTime } from './tasks.js';
import { CONTRADICTIONS } from './witness.js';

/** Everything that one swap (forward or compensating) left to be judged by. */
export interface SwapEvidence {
  /** Some PUT may have reached the service without a usable answer, or no one can vouch that none did. */
  readonly isAmbiguous: boolean;
  /** Jobs that are ours: answered by a PUT or adopted from the task list. */
  readonly ownJobIds: readonly string[];
  readonly job: JobReport | null;
  readonly observation: Observation;
  /** When our swap can have begun. @default any time */
  readonly time?: SwapTime;
  readonly target: Target | null;
  /** Of a swap back: the roles that it is to bring back, in place of a target. */
  readonly restores?: RolesSnapshot | null;
  /** After a compensation the bad node may stay Inactive as a replica. */
  readonly mayHaveInactiveReplicas: boolean;
  /** Versions that took a change after a failed job for its own, without any row, stand by what they said. */
  readonly isRowOptional?: boolean;
  /**
   * Every PUT was answered, in the service's own words, with what proves that it did nothing, and nothing was observed to
   * change before the readings. @default not known
   */
  readonly isProvedUnapplied?: boolean;
  /** What Redis itself showed, where it may judge. @default not asked */
  readonly witness?: WitnessWord | null;
}

interface Rule extends Judgement {
  readonly when: (evidence: SwapEvidence) => boolean;
}

const isChanged = ({ observation }: SwapEvidence): boolean => observation.change === 'changed';

/** First match wins; each line assumes that the lines above did not match. The table of docs/outcomes.md. */
export const RULES: readonly Rule[] = [
  {
    when: (e) => isUnapplied(e) && !isShownUnchanged(e) && showsNoSwap(e),
    outcome: 'FAILED_UNCHANGED',
    cause: 'NOT_APPLIED_UNCONFIRMED',
  },
  { when: (e) => e.job?.state === 'unfinished', outcome: 'UNKNOWN', cause: 'JOB_STILL_RUNNING' },
  {
    when: ({ observation }) => observation.change === null || observation.roles === null,
    outcome: 'UNKNOWN',
    cause: 'ROLES_UNREADABLE',
  },
  {
    when: (e) => e.observation.newSwapTasks === null,
    outcome: 'UNKNOWN',
    cause: 'TASKS_UNREADABLE',
  },
  { when: hasUnattributedSwap, outcome: 'UNKNOWN', cause: 'UNATTRIBUTED_SWAP' },
  { when: hasForeignSwap, outcome: 'UNKNOWN', cause: 'FOREIGN_SWAP' },
  {
    when: (e) => e.observation.change === 'disagree',
    outcome: 'UNKNOWN',
    cause: 'IDENTIFIERS_DISAGREE',
  },
  { when: (e) => !e.observation.stable, outcome: 'UNKNOWN', cause: 'ROLES_UNSTABLE' },

  {
    when: (e) => isChanged(e) && e.ownJobIds.length === 0,
    outcome: 'UNKNOWN',
    cause: 'CHANGE_WITHOUT_OUR_TASK',
  },
  {
    when: (e) => isChanged(e) && hasFailedWithoutRow(e),
    outcome: 'UNKNOWN',
    cause: 'JOB_FAILED_ROLES_CHANGED',
  },
  {
    when: (e) => isChanged(e) && e.observation.steady === false,
    outcome: 'UNKNOWN',
    cause: 'HEALTH_UNSTABLE',
  },
  {
    when: (e) => isChanged(e) && isMasterInactive(e),
    outcome: 'UNKNOWN',
    cause: 'NEW_MASTER_INACTIVE',
  },
  {
    when: (e) => isChanged(e) && isOnTarget(e) === false,
    outcome: 'UNKNOWN',
    cause: 'OFF_TARGET',
  },
  {
    when: (e) => isChanged(e) && isOnTarget(e) === null,
    outcome: 'UNKNOWN',
    cause: 'TARGET_UNCLEAR',
  },
  { when: (e) => isChanged(e) && !isHealthy(e), outcome: 'UNKNOWN', cause: 'NOT_HEALTHY' },
  {
    when: (e) => isChanged(e) && e.job?.state === 'FAIL',
    outcome: 'SUCCEEDED',
    cause: 'JOB_FAILED_ROLES_CHANGED',
  },
  { when: isChanged, outcome: 'SUCCEEDED', cause: 'ROLES_CHANGED' },

  { when: (e) => e.job?.state === 'SUCCESS', outcome: 'UNKNOWN', cause: 'SUCCESS_WITHOUT_CHANGE' },
  { when: (e) => !e.observation.heldThroughout, outcome: 'UNKNOWN', cause: 'ROLES_NOT_HELD' },
  {
    when: (e) => e.job?.state === 'FAIL' && !e.isAmbiguous,
    outcome: 'FAILED_UNCHANGED',
    cause: 'JOB_FAILED',
  },
  { when: (e) => e.isAmbiguous, outcome: 'UNKNOWN', cause: 'NO_TRACE' },
  { when: (e) => e.ownJobIds.length === 0, outcome: 'FAILED_UNCHANGED', cause: 'NOT_APPLIED' },
];

/** Judges a swap by the first rule that matches; the witness may lower what that says, never raise it. */
export function judge(evidence: SwapEvidence): Judgement {
  const rule = RULES.find(({ when }) => when(evidence));
  const judgement: Judgement = rule ?? { outcome: 'UNKNOWN', cause: 'NO_TRACE' };
  const cause = findContradiction(judgement, evidence.witness ?? 'CANNOT_TELL');
  return cause === undefined ? judgement : { outcome: 'UNKNOWN', cause };
}

function findContradiction({ outcome }: Judgement, word: WitnessWord): Cause | undefined {
  return outcome === 'UNKNOWN' ? undefined : CONTRADICTIONS[outcome][word];
}

/** Whether a run of mode `switch` that ended so has sent a PUT, or may have. */
export const MAY_HAVE_SENT: Readonly<Record<Outcome, boolean>> = {
  ...{ SUCCEEDED: true, FAILED_UNCHANGED: true, COMPENSATED: true, UNKNOWN: true },
  ...{ NOOP: false, PLANNED: false, RESOLVED: false, REFUSED: false, INVALID_INPUT: false },
};

/** Causes that are a *verified* bad state, the only ones after which a swap back may be considered. */
export const VERIFIED_BAD_STATES = ['NEW_MASTER_INACTIVE', 'OFF_TARGET'] as const;

/** Whether a cause is a verified bad state. */
export function isVerifiedBad(cause: Cause): cause is (typeof VERIFIED_BAD_STATES)[number] {
  return VERIFIED_BAD_STATES.some((state) => state === cause);
}

/** The API's own word stands for the PUT; a job of ours would contradict it. */
function isUnapplied({ isProvedUnapplied, isAmbiguous, ownJobIds, job }: SwapEvidence): boolean {
  return isProvedUnapplied === true && !isAmbiguous && ownJobIds.length === 0 && job === null;
}

/** Everything was read, and the prior roles held throughout. */
function isShownUnchanged({ observation }: SwapEvidence): boolean {
  const { roles, change, stable, heldThroughout, newSwapTasks } = observation;
  const isRead = roles !== null && newSwapTasks !== null;
  return isRead && change === 'unchanged' && stable && heldThroughout;
}

/** Whatever could be read shows neither a new swap task nor other roles than the prior ones, at no time. */
function showsNoSwap({ observation }: SwapEvidence): boolean {
  const { change, heldThroughout, hasShownChange = !heldThroughout, newSwapTasks } = observation;
  if ((newSwapTasks ?? []).length > 0) return false;
  return change === null || (change === 'unchanged' && !hasShownChange);
}

/** A PUT without an answer, and a swap that may be its own or anyone's. */
function hasUnattributedSwap({ isAmbiguous, observation, ownJobIds }: SwapEvidence): boolean {
  const tasks = observation.newSwapTasks ?? [];
  const isIndeterminate = isAmbiguous && ownJobIds.length === 0 && tasks.length > 0;
  return isIndeterminate && tasks.every(({ owner }) => owner === 'unattributed');
}

function hasForeignSwap({ observation, ownJobIds, job, time = ANY_TIME }: SwapEvidence): boolean {
  const tasks = observation.newSwapTasks ?? [];
  return (
    tasks.some((task) => isBelied(task, job)) || countForeign(tasks, ownJobIds.length, time) > 0
  );
}

/** A swap that succeeded is not the job that failed: only an id, never the count alone, may say so. */
function isBelied({ owner, status }: NewSwapTask, job: JobReport | null): boolean {
  return job?.state === 'FAIL' && owner === 'unattributed' && endOfTask(status) === 'SUCCESS';
}

/** A failed job is no proof of what moved the roles. Without a row of its own, it may have been an automatic failover. */
function hasFailedWithoutRow({ job, observation, isRowOptional = false }: SwapEvidence): boolean {
  const isShown = (observation.newSwapTasks ?? []).length > 0;
  return job?.state === 'FAIL' && !isShown && !isRowOptional;
}

/** By a status that was read: a node without one is not known to be bad. */
function isMasterInactive({ observation }: SwapEvidence): boolean {
  const master = observation.roles === null ? null : onlyMaster(observation.roles);
  return !observation.masterActive && master !== null && master.status !== null;
}

/** Whether the master is where it should be; `null`: what was read does not say. */
function isOnTarget({ observation, target, restores = null }: SwapEvidence): boolean | null {
  const { roles, nodeIdentity } = observation;
  const master = roles === null ? null : onlyMaster(roles);
  if (roles === null || master === null) return null;
  if (restores !== null) {
    const oldMaster = onlyMaster(restores);
    return oldMaster !== null && nodesOf(restores, roles, nodeIdentity)(oldMaster, master);
  }
  return target === null || isAtTarget(master, target);
}

function isHealthy({ observation, mayHaveInactiveReplicas }: SwapEvidence): boolean {
  const { masterActive, instanceReady, nodesActive } = observation;
  return masterActive && instanceReady && (mayHaveInactiveReplicas || nodesActive);
}
