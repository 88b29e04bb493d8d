/** What a swap shows of its task row and its job, and when. Pure. */
import { fieldsOf, textOf } from '../util.js';

import { eachSwap, found, lagFinding, notSeen, orderOf, sameOf, seconds } from './answer.js';
import type { Finding, Lag, Question } from './answer.js';
import { answered, jobOf, lastOf, rowsOf, taskOf } from './observations.js';
import type { Observations, Reading, SwapSeen, TaskSeen } from './observations.js';

const NO_ROW = 'no task row was proved to be that of the swap';

/** Least wait for a trace that runs are started with, in milliseconds. */
const SETTLE_MS = 30_000;

function taskDelay(seen: Observations): Finding {
  const finding = lagFinding(
    eachSwap(seen, (swap) => {
      const task = taskOf(seen, swap);
      return task === null ? null : lagOfRow(task, swap);
    }),
    'the row was listed after the PUT was accepted',
    NO_ROW,
  );
  const atLeastMs = finding.lag?.atLeastMs ?? 0;
  return atLeastMs < SETTLE_MS
    ? finding
    : { ...finding, setting: `--timing settleSeconds=${Math.ceil((2 * atLeastMs) / 1000)}` };
}

function lagOfRow(
  { firstWith, lastWithout }: TaskSeen,
  { notBeforeMs, notAfterMs }: SwapSeen,
): Lag {
  return {
    atLeastMs: (lastWithout?.sentAtMs ?? notAfterMs) - notAfterMs,
    atMostMs: firstWith.answeredAtMs - notBeforeMs,
  };
}

const rowAnswer =
  (judge: (task: TaskSeen, swap: SwapSeen) => string, evidence: string) =>
  (seen: Observations): Finding =>
    sameOf(
      eachSwap(seen, (swap) => {
        const task = taskOf(seen, swap);
        return task === null ? null : judge(task, swap);
      }),
      evidence,
      NO_ROW,
    );

/** The user of a row that is proved to be ours; `null`: no row is, or they differ. */
export function ownUserOf(seen: Observations): string | null {
  const names = eachSwap(seen, (swap) => {
    const task = taskOf(seen, swap);
    return task === null || task.by === 'only-new' ? null : textOf(task.row['user_name']);
  });
  return new Set(names).size === 1 ? (names[0] ?? null) : null;
}

function ownUser(seen: Observations): Finding {
  const tasks = eachSwap(seen, (swap) => taskOf(seen, swap));
  if (tasks.length === 0) return notSeen(NO_ROW);
  if (tasks.every(({ row }) => textOf(row['user_name']) === null))
    return found('absent', 'no row of ours has a user_name');
  if (ownUserOf(seen) === null)
    return notSeen('no id leads from our job to a row, so whose user it shows is not proved');
  return {
    ...found('shown', 'user_name of the row that an id leads to'),
    setting: 'DCS_TASK_USER_NAME, as the profile has it',
  };
}

/** How long the jobs took by their own times, in milliseconds. */
export function jobTimesOf(seen: Observations): readonly number[] {
  return eachSwap(seen, (swap) => {
    const { begin_time: begin, end_time: end } = fieldsOf(jobOf(seen, swap).ended?.body);
    const tookMs = Number(end) - Number(begin);
    return Number(begin) > 0 && tookMs > 0 ? tookMs : null;
  });
}

function jobTimes(seen: Observations): Finding {
  const times = jobTimesOf(seen);
  if (times.length === 0) return notSeen('no job with both of its times was seen to end');
  return {
    ...found(times.map((ms) => `${seconds(ms)} s`).join(', '), 'end_time less begin_time'),
    setting: 'jobSeconds of the profile: runs look for the end of a job then',
  };
}

const OPEN_ENDS: readonly (readonly [word: string, is: (body: Reading['body']) => boolean])[] = [
  ['absent', (body) => !('end_time' in fieldsOf(body))],
  ['null', (body) => fieldsOf(body)['end_time'] === null],
  ['empty', (body) => fieldsOf(body)['end_time'] === ''],
];

function openEnd(seen: Observations): Finding {
  const open = eachSwap(seen, (swap) => jobOf(seen, swap).open).flat();
  return sameOf(
    open.map(({ body }) => OPEN_ENDS.find(([, is]) => is(body))?.[0] ?? 'a value'),
    'end_time while the job went on',
    'no job was seen before it had ended',
  );
}

function swapShownAs(seen: Observations): Finding {
  const values = eachSwap(seen, (swap) => {
    const lastOpen = jobOf(seen, swap).open.at(-1);
    const within = answered(seen, 'instance').filter(
      ({ sentAtMs, answeredAtMs, leg }) =>
        leg === swap.leg &&
        sentAtMs >= swap.notAfterMs &&
        answeredAtMs <= (lastOpen?.sentAtMs ?? -Infinity),
    );
    return within.length === 0
      ? null
      : (within.map(signOf).find((sign) => sign !== 'nothing') ?? 'nothing');
  });
  return sameOf(
    values,
    'status and task of the instance while the job went on',
    'the instance was not read while a job went on',
  );
}

function signOf({ body }: Reading): string {
  const { task, status } = fieldsOf(body);
  if (textOf(task) !== null) return 'task';
  return status === 'RUNNING' ? 'nothing' : 'status';
}

function taskOrder(seen: Observations): Finding {
  const last = lastOf(seen, 'tasks');
  const times = last === null ? [] : rowsOf(last, 'tasks').map((row) => row['created_at']);
  const order = orderOf(times);
  if (order === null) return notSeen(`the list has ${times.length} rows; it takes three`);
  return found(order, `created_at of ${times.length} rows`);
}

function taskStatus(seen: Observations): Finding {
  const rows = answered(seen, 'tasks').flatMap((each) => rowsOf(each, 'tasks'));
  if (rows.length === 0) return notSeen('no task was listed');
  const shown = rows.filter((row) => textOf(row['status']) !== null).length;
  return found(shown === 0 ? 'absent' : 'present', `status of ${shown} of ${rows.length} rows`);
}

/** In the order in which they are shown. */
export const TASK_QUESTIONS: readonly Question[] = [
  {
    id: 'task-ids',
    question: 'id of the task row',
    ask: rowAnswer(
      ({ row }, { jobId }) => (row['id'] === jobId ? 'job' : 'own'),
      'id of the row against that of the job',
    ),
  },
  {
    id: 'task-jobs',
    question: 'job_id of the task row',
    ask: rowAnswer(({ row }, { jobId }) => {
      if (textOf(row['job_id']) === null) return 'absent';
      return row['job_id'] === jobId ? 'the job' : 'another';
    }, 'job_id of the row'),
  },
  {
    id: 'task-name',
    question: 'name of the task row',
    ask: rowAnswer(
      ({ row }) => (row['name'] === 'masterStandbySwapJob' ? 'masterStandbySwapJob' : 'another'),
      'name of the row',
    ),
  },
  { id: 'task-delay', question: 'task row after the acceptance', ask: taskDelay },
  { id: 'task-status', question: 'status of task rows', ask: taskStatus },
  { id: 'task-order', question: 'order of task rows', ask: taskOrder },
  { id: 'task-user', question: 'user of our task rows', ask: ownUser },
  { id: 'job-times', question: 'how long the jobs took', ask: jobTimes },
  { id: 'open-end', question: 'end_time of an open job', ask: openEnd },
  { id: 'swap-shown-as', question: 'what shows a swap under way', ask: swapShownAs },
];
