/**
 * What the words mean by which DCS tells how a job or a task stands. Data: pages and samples show `SUCCESS` and `FAIL`
 * of a job and `EXECUTING`, `SUCCESS` and `FAILED` of a task; the others are those of its sister services.
 */

const SUCCESS_WORDS = ['SUCCESS', 'SUCCEEDED', 'FINISH', 'FINISHED', 'COMPLETED'];

const FAILURE_WORDS = [
  ...['FAIL', 'FAILED', 'FAILURE', 'ERROR', 'ABORTED'],
  ...['CANCEL', 'CANCELLED', 'CANCELED', 'DELETED'],
];

/** A job that is taken back has failed; whether that is over, the roles will show. A task may still be at it. */
const TAKEN_BACK_WORDS = ['ROLLBACK', 'ROLLBACKED', 'ROLLED_BACK', 'ROLLING_BACK'];

/** Words of an instance that is being changed, and will be RUNNING afterwards: `RESTARTING`, `BACKINGUP`, `EXTENDING`, … */
const GOES_ON = /ING(UP)?$/;

/** Words of that form of an instance that will not be RUNNING by itself. */
const LEADS_AWAY = [
  ...['DELETING', 'FREEZING', 'STOPPING', 'CLOSING', 'PAUSING', 'TERMINATING', 'SUSPENDING'],
  ...['RECYCLING', 'UNSUBSCRIBING'],
];

/** Whether the status of an instance passes by itself; RUNNING is where it leads. */
export function isPassingStatus(status: string | null): boolean {
  const word = status?.toUpperCase() ?? '';
  return GOES_ON.test(word) && word !== 'RUNNING' && !LEADS_AWAY.includes(word);
}

/** How something did that has ended. */
export type End = 'SUCCESS' | 'FAIL';

/** How the job of a task row ended; `null`: it may still change the instance, for all that the word says. */
export function endOfTask(status: string | null): End | null {
  const word = status?.toUpperCase() ?? '';
  if (SUCCESS_WORDS.includes(word)) return 'SUCCESS';
  return FAILURE_WORDS.includes(word) ? 'FAIL' : null;
}

/** How a job ended, by its own word; `null` while it goes on, or where nobody knows the word. */
export function endOfJob(status: string | null): End | null {
  const isTakenBack = TAKEN_BACK_WORDS.includes(status?.toUpperCase() ?? '');
  return isTakenBack ? 'FAIL' : endOfTask(status);
}
