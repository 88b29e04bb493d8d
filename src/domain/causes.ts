/** What the cause of an outcome means: as text, and whether reading again may clear it. Pure. */

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
  | 'HEALTH_UNSTABLE'
  | 'OFF_TARGET'
  | 'TARGET_UNCLEAR'
  | 'NEW_MASTER_INACTIVE'
  | 'NOT_HEALTHY'
  | 'WITNESS_CONTRADICTS'
  | 'NOT_SERVING'
  | 'JOB_FAILED_ROLES_CHANGED'
  | 'ROLES_CHANGED'
  | 'SUCCESS_WITHOUT_CHANGE'
  | 'ROLES_NOT_HELD'
  | 'JOB_FAILED'
  | 'NO_TRACE'
  | 'NOT_APPLIED'
  | 'NOT_APPLIED_UNCONFIRMED';

/** Causes that Redis itself gives. */
const REDIS_CAUSES = ['WITNESS_CONTRADICTS', 'NOT_SERVING'] as const satisfies readonly Cause[];

/** One of those. */
export type RedisCause = (typeof REDIS_CAUSES)[number];

/** The one that a run reported, of its forward swap or of its swap back; `null`: another cause. */
export function findRedisCause(reported: string): RedisCause | null {
  return REDIS_CAUSES.find((cause) => reported.endsWith(cause)) ?? null;
}

interface Meaning {
  /** Why a run ended UNKNOWN or FAILED_UNCHANGED. */
  readonly text: string;
  /** No later reading changes it: what stands in the way has happened, and stays in the list. */
  readonly isLasting: boolean;
}

const lasting = (text: string): Meaning => ({ text, isLasting: true });
const passing = (text: string): Meaning => ({ text, isLasting: false });

/** Causes of the outcome rule, and the one that only an examination finds. Success explains itself. */
type ExplainedCause = Exclude<Cause, 'ROLES_CHANGED'> | 'CHANGED_LATER';

const MEANINGS: Readonly<Record<string, Meaning>> = {
  JOB_STILL_RUNNING: passing(
    'the job had not ended at its deadline and may still change the roles',
  ),
  ROLES_UNREADABLE: passing('the roles could not be read afterwards'),
  TASKS_UNREADABLE: passing(
    'the task list could not be read afterwards, so a foreign swap cannot be excluded',
  ),
  UNATTRIBUTED_SWAP: passing(
    'a swap task has appeared, and nothing proves that it is that of the PUT without an answer',
  ),
  CHANGED_LATER: lasting(
    'the roles had not changed when the job had ended, so what has changed them since then is not known to be this swap',
  ),
  FOREIGN_SWAP: lasting('a swap task that is not ours, or a second one, has appeared'),
  IDENTIFIERS_DISAGREE: passing(
    'the identifiers of the nodes contradict each other, or there is no single master',
  ),
  HEALTH_UNSTABLE: passing(
    'the roles have changed, but nodes or instance were healthy in one reading and not in the next',
  ),
  ROLES_UNSTABLE: passing('the roles did not become stable'),
  CHANGE_WITHOUT_OUR_TASK: passing('the roles have changed, but no swap task of ours was found'),
  OFF_TARGET: lasting('the roles have changed, but the master is not where the target wanted it'),
  TARGET_UNCLEAR: passing(
    'the roles have changed, but the readings do not say whether the master is where the target wanted it',
  ),
  NEW_MASTER_INACTIVE: passing('the roles have changed, but the new master is not Active'),
  NOT_HEALTHY: passing('the roles have changed, but the instance did not become healthy in time'),
  WITNESS_CONTRADICTS: passing('what Redis itself shows at the address contradicts the API'),
  NOT_SERVING: passing('the address leads to a replica, which takes no writes'),
  JOB_FAILED_ROLES_CHANGED: passing(
    'the job says FAIL, but the roles have changed, and nothing proves by what',
  ),
  SUCCESS_WITHOUT_CHANGE: passing('the job says SUCCESS, but the roles have not changed'),
  ROLES_NOT_HELD: passing('the prior roles did not hold all the time'),
  NO_TRACE: passing('a PUT may have left, and neither roles nor tasks show what it did'),
  JOB_FAILED: passing('the job ended FAIL and the prior roles held'),
  NOT_APPLIED: passing('no PUT was applied and the prior roles held'),
  NOT_APPLIED_UNCONFIRMED: passing(
    'the API itself answered that no PUT was applied. Not everything could be read afterwards; what was read shows no swap',
  ),
} satisfies Record<ExplainedCause, Meaning>;

const COMPENSATION = 'COMPENSATION_';

/** Why a run ended as it did, as text, by its cause. */
export function describeCause(cause: string): string {
  return cause.startsWith(COMPENSATION)
    ? `the swap back was sent, but ${describeCause(cause.slice(COMPENSATION.length))}`
    : (MEANINGS[cause]?.text ?? cause);
}

/** Whether reading again may end an unresolved outcome of this cause; `null`: the cause is not known. */
export function mayReadingHelp(cause: string | null): boolean {
  return MEANINGS[(cause ?? '').replace(COMPENSATION, '')]?.isLasting !== true;
}
