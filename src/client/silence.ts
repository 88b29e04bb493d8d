/** Why the workers of an open run say nothing, as far as Temporal knows. */
import type { WorkflowExecutionDescription } from '@temporalio/client';

import { seePollers } from './pollers.js';
import type { ClientContext } from './rpc.js';

/**
 * `not-begun`: a start delay or a cron schedule holds its first task back. `failing`: workers have tried. `busy`: workers
 * poll, and none has answered yet. `no-worker`: nobody polls.
 */
export type SilenceKind = 'not-begun' | 'failing' | 'busy' | 'no-worker';

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
  const { taskQueue, raw } = description;
  const beginsAt = readBegin(description);
  if (beginsAt !== null)
    return {
      kind: 'not-begun',
      words: `it begins at ${beginsAt.toISOString()} (start delay or cron schedule), and no worker has it before`,
    };
  if ((raw.pendingWorkflowTask?.attempt ?? 1) > 1)
    return {
      kind: 'failing',
      words:
        `the workers of task queue ${taskQueue} fail at its workflow task, and Temporal repeats it: see their log ` +
        '(is their codec missing, or their version another?). It goes on when one succeeds',
    };
  const { count, newestAgeMs } = await seePollers(context, taskQueue, 'workflow');
  if (newestAgeMs === null)
    return {
      kind: 'no-worker',
      words: `no worker polls task queue ${taskQueue}. It goes on as soon as one does`,
    };
  const workers = count === 1 ? '1 worker polls' : `${count} workers poll`;
  const age = Math.max(0, Math.round(newestAgeMs / 1000));
  return {
    kind: 'busy',
    words: `${workers} task queue ${taskQueue} (last ${age} s ago) and may be replaying it. Ask again in a moment`,
  };
}

/** When a run begins whose first task the server still holds back; told by its record alone, whatever the clock here says. */
function readBegin({
  startTime,
  executionTime = startTime,
  historyLength,
}: WorkflowExecutionDescription): Date | null {
  const isHeldBack = historyLength <= 1 && executionTime.getTime() > startTime.getTime();
  return isHeldBack ? executionTime : null;
}
