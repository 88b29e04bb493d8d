/**
 * The outcome rule: what may be said of a swap, given everything that was seen. Pure; documented as a
 * table in docs/outcomes.md. In doubt the answer is UNKNOWN.
 */
import type { Target } from '../contract/index.js';

import type { JobReport, Observation } from './reports.js';
import { onlyMaster, satisfiesTarget } from './roles.js';
import { ANY_TIME, countForeign } from './tasks.js';
import type { SwapTime } from './tasks.js';

/** Everything that one swap (forward or compensating) left to be judged by. */
export interface SwapEvidence {
  /** Some PUT may have reached the service without a usable answer, or nobody can vouch that none did. */
  readonly isAmbiguous: boolean;
  /** Jobs that are ours: answered by a PUT or adopted from the task list. */
  readonly ownJobIds: readonly string[];
  readonly job: JobReport | null;
  readonly observation: Observation;
  /** When our swap can have begun. @default any time */
  readonly time?: SwapTime;
  readonly target: Target | null;
  /** After a compensation the bad node may stay Inactive as a replica. */
  readonly mayHaveInactiveReplicas: boolean;
}

/** Stable words for why an outcome is what it is. */
export type Cause =
  | 'JOB_STILL_RUNNING'
  | 'ROLES_UNREADABLE'
  | 'TASKS_UNREADABLE'
  | 'UNATTRIBUTED_SWAP'
  | 'FOREIGN_SWAP'
  | 'IDENTIFIERS_DISAGREE'
  | 'ROLES_UNSTABLE'
  | 'CHANGE_WITHOUT_OUR_TASK'
  | 'OFF_TARGET'
  | 'NEW_MASTER_INACTIVE'
  | 'NOT_HEALTHY'
  | 'JOB_FAILED_ROLES_CHANGED'
  | 'ROLES_CHANGED'
  | 'SUCCESS_WITHOUT_CHANGE'
  | 'ROLES_NOT_HELD'
  | 'JOB_FAILED'
  | 'NO_TRACE'
  | 'NOT_APPLIED';

/** What the rule says of a swap. */
export interface Judgement {
  readonly outcome: 'SUCCEEDED' | 'FAILED_UNCHANGED' | 'UNKNOWN';
  readonly cause: Cause;
}

interface Rule extends Judgement {
  readonly when: (evidence: SwapEvidence) => boolean;
}

const isChanged = ({ observation }: SwapEvidence): boolean => observation.change === 'changed';

/** First match wins; each line assumes that the lines above did not match. */
const RULES: readonly Rule[] = [
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
    when: (e) => isChanged(e) && !e.observation.masterActive,
    outcome: 'UNKNOWN',
    cause: 'NEW_MASTER_INACTIVE',
  },
  { when: (e) => isChanged(e) && isOffTarget(e), outcome: 'UNKNOWN', cause: 'OFF_TARGET' },
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

/** Judges a swap by the first rule that matches. */
export function judge(evidence: SwapEvidence): Judgement {
  const rule = RULES.find(({ when }) => when(evidence));
  return rule ?? { outcome: 'UNKNOWN', cause: 'NO_TRACE' };
}

/** Causes that are a *verified* bad state, the only ones after which a swap back may be considered. */
export const VERIFIED_BAD_STATES: readonly Cause[] = ['NEW_MASTER_INACTIVE', 'OFF_TARGET'];

/** A PUT without an answer, and a swap that may be its own or anybody's. */
function hasUnattributedSwap({ isAmbiguous, observation, ownJobIds }: SwapEvidence): boolean {
  const tasks = observation.newSwapTasks ?? [];
  const isDoubtful = isAmbiguous && ownJobIds.length === 0 && tasks.length > 0;
  return isDoubtful && tasks.every(({ owner }) => owner === 'unattributed');
}

function hasForeignSwap({ observation, ownJobIds, time = ANY_TIME }: SwapEvidence): boolean {
  return countForeign(observation.newSwapTasks ?? [], ownJobIds.length, time) > 0;
}

function isOffTarget({ observation, target }: SwapEvidence): boolean {
  if (target === null || observation.roles === null) return false;
  const master = onlyMaster(observation.roles);
  return master === null || !satisfiesTarget(master, target);
}

function isHealthy({ observation, mayHaveInactiveReplicas }: SwapEvidence): boolean {
  return observation.instanceReady && (mayHaveInactiveReplicas || observation.nodesActive);
}
