/** Why the workers of an open run say nothing, as far as Temporal knows. */
import type { WorkflowExecutionDescription } from '@temporalio/client';

import { callTemporal } from '../temporal/rpc.js';
import type { ClientContext } from '../temporal/rpc.js';
import { seePollers, STALE_POLL_MS } from '../temporal/silence.js';
import type { ObservedPollers } from '../temporal/silence.js';
import { isPresent } from '../util.js';
import { countOf } from '../domain/text.js';

/**
 * `not-begun`: a start delay or a cron schedule holds its first task back. `no-worker`: no one polls. `lost`: its task
 * timed out, so the worker that had it may be gone. `failing`: workers have tried. `busy`: workers poll, and none has
 * answered yet.
 */
export type SilenceKind = 'not-begun' | 'no-worker' | 'lost' | 'failing' | 'busy';

/** The reason, and how to say it: a clause that fits behind a colon. */
export interface Silence {
  readonly kind: SilenceKind;
  readonly words: string;
}

/** Looks at the run and at its task queue. @throws TemporalUnreachableError, TemporalRequestError */
export async function explainSilence(
  context: ClientContext,
  description: WorkflowExecutionDescription,
): Promise<Silence> {
  const { taskQueue } = description;
  const beginsAt = readBegin(description);
  if (beginsAt !== null)
    return {
      kind: 'not-begun',
      words: `it begins at ${beginsAt.toISOString()} (start delay or cron schedule), and no worker has it before`,
    };
  // Who polls comes first: where no one does, nothing can be said of what workers would do.
  const seen = await seePollers(context, taskQueue, 'workflow');
  if (seen.newestAgeMs === null || seen.newestAgeMs > STALE_POLL_MS)
    return { kind: 'no-worker', words: describeAbsence(taskQueue, seen) };
  const ended = await readTaskEnd(context, description);
  if (ended === null)
    return {
      kind: 'busy',
      words: `${describePollers(taskQueue, seen)} and may be replaying it. Ask again in a moment`,
    };
  return ended === 'timed-out'
    ? { kind: 'lost', words: `${describePollers(taskQueue, seen)}. ${LOST_TEXT}` }
    : {
        kind: 'failing',
        words:
          `the workers of task queue ${taskQueue} fail at its workflow task, and Temporal repeats it: see their log ` +
          '(is their codec missing, or their version another?). It goes on when one succeeds',
      };
}

const LOST_TEXT =
  'The worker that had its workflow task did not answer in time: it was killed, or is too slow. ' +
  'Temporal gives the task to the next one that polls';

function describeAbsence(taskQueue: string, { newestAgeMs }: ObservedPollers): string {
  const last =
    newestAgeMs === null ? '' : ` any more (the last did ${inSeconds(newestAgeMs)} s ago)`;
  return `no worker polls task queue ${taskQueue}${last}. It goes on as soon as one does`;
}

function describePollers(taskQueue: string, { count, newestAgeMs }: ObservedPollers): string {
  const workers = `${countOf(count, 'worker')} ${count === 1 ? 'polls' : 'poll'}`;
  return `${workers} task queue ${taskQueue} (last ${inSeconds(newestAgeMs ?? 0)} s ago)`;
}

function inSeconds(ms: number): number {
  return Math.max(0, Math.round(ms / 1000));
}

/** How a try at its workflow task ended. */
type TaskEnd = 'timed-out' | 'failed';

/** So many events may have come behind that end: signals, updates, results of activities. */
const LOOKED_AT_EVENTS = 20;

/**
 * How the try before the present one ended; `null` for a first try. The history keeps how the first one of a row ended:
 * a killed worker's times out, while one without the codec fails.
 */
async function readTaskEnd(
  context: ClientContext,
  { workflowId, runId, raw }: WorkflowExecutionDescription,
): Promise<TaskEnd | null> {
  if ((raw.pendingWorkflowTask?.attempt ?? 1) <= 1) return null;
  const { client } = context;
  const { history } = await callTemporal(context, 'read the history', () =>
    client.workflowService.getWorkflowExecutionHistoryReverse({
      namespace: client.options.namespace,
      execution: { workflowId, runId },
      maximumPageSize: LOOKED_AT_EVENTS,
    }),
  );
  for (const event of history?.events ?? []) {
    if (isPresent(event.workflowTaskTimedOutEventAttributes)) return 'timed-out';
    if (isPresent(event.workflowTaskFailedEventAttributes)) return 'failed';
  }
  return 'failed';
}

/** When a run begins whose first task the server still holds back; reported by its record alone, whatever the clock here says. */
function readBegin({
  startTime,
  executionTime = startTime,
  historyLength,
}: WorkflowExecutionDescription): Date | null {
  const isHeldBack = historyLength <= 1 && executionTime.getTime() > startTime.getTime();
  return isHeldBack ? executionTime : null;
}
