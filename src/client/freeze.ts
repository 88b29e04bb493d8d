import { setTimeout as pause } from 'node:timers/promises';

import type { WorkflowHandle } from '@temporalio/client';

import { FREEZE_MEMO, FREEZE_WORKFLOW_ID, FREEZE_WORKFLOW_TYPE } from '../contract/index.js';
import type { Freeze } from '../contract/index.js';
import { SEND_WINDOW_MS } from '../domain/budgets.js';
import { command, inlineCode } from '../domain/commands.js';
import { oneLine } from '../domain/one-line.js';
import { parseFreeze } from '../schema/index.js';

import { InvalidInputError } from './errors.js';
import { callTemporal } from '../temporal/rpc.js';
import type { ClientContext } from '../temporal/rpc.js';
import { MAX_SUMMARY_BYTES, clipBytes, makeLines } from './texts.js';

import { pauseSchedules } from './freeze/brake-schedules.js';
import type { FreezeReport } from './freeze/freeze-client.js';

/** Clocks of two machines do not tick alike to the millisecond. */
const MARGIN_MS = 500;

/** Puts a freeze in force and pauses the schedules; see `FreezeClient.freeze`. */
export async function putFreeze(context: ClientContext, asked: Freeze): Promise<FreezeReport> {
  const parsed = parseFreeze(asked, Date.now());
  if (!parsed.ok) throw new InvalidInputError(parsed.problems);
  const { freeze } = parsed;
  const record = await startRecord(context, freeze);
  const inForceSinceMs = performance.now();
  await refuseIfOver(context, freeze, record);
  const report = await pauseSchedules(context, freeze);
  // A worker that had looked for a freeze just before this one may still send for as long.
  const leftMs = SEND_WINDOW_MS + MARGIN_MS - (performance.now() - inForceSinceMs);
  if (leftMs > 0) await pause(leftMs);
  return { freeze, ...report };
}

/** The record ends by Temporal's clock: what this machine takes for a time to come may have passed there. */
async function refuseIfOver(
  context: ClientContext,
  { until }: Freeze,
  record: WorkflowHandle,
): Promise<void> {
  const { startTime } = await callTemporal(context, 'describe the freeze', () => record.describe());
  if (Date.parse(until) > startTime.getTime()) return;
  throw new InvalidInputError([
    {
      field: 'until',
      problem: `has passed by the clock of the Temporal server (${startTime.toISOString()}): nothing is frozen any more, by an earlier freeze neither`,
      remedy: 'Set the clock of this machine (NTP), then freeze again.',
    },
  ]);
}

/** One step for the server, so that there is no moment without a freeze when one replaces another. */
function startRecord(context: ClientContext, freeze: Freeze): Promise<WorkflowHandle> {
  return callTemporal(context, 'freeze', () =>
    context.client.workflow.start(FREEZE_WORKFLOW_TYPE, {
      workflowId: FREEZE_WORKFLOW_ID,
      taskQueue: context.taskQueue,
      args: [freeze],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      workflowIdConflictPolicy: 'TERMINATE_EXISTING',
      memo: { [FREEZE_MEMO]: freeze },
      staticSummary: clipBytes(
        `frozen until ${freeze.until} by ${oneLine(freeze.by)}`,
        MAX_SUMMARY_BYTES,
      ),
      staticDetails: makeLines([
        ['Until', freeze.until],
        ['Who', freeze.by],
        ['Why', freeze.reason],
        ['End it', inlineCode(command(['thaw'], { taskQueue: context.taskQueue }))],
      ]),
    }),
  );
}
