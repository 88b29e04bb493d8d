import { setTimeout as pause } from 'node:timers/promises';

import { FREEZE_MEMO, FREEZE_WORKFLOW_ID, FREEZE_WORKFLOW_TYPE } from '../../contract/index.js';
import type { Freeze } from '../../contract/index.js';
import { SEND_WINDOW_MS } from '../../domain/budgets.js';
import { oneLine } from '../../domain/one-line.js';
import { parseFreeze } from '../../schema/index.js';

import { InvalidInputError } from '../errors.js';
import { callTemporal } from '../rpc.js';
import type { ClientContext } from '../rpc.js';
import { MAX_SUMMARY_BYTES, clipBytes, makeLines } from '../texts.js';

import { pauseSchedules } from './brake-schedules.js';
import type { FreezeReport } from './freeze-client.js';

/** Clocks of two machines do not tick alike to the millisecond. */
const MARGIN_MS = 500;

/** Puts a freeze in force and pauses the schedules; see `FreezeClient.freeze`. */
export async function putFreeze(context: ClientContext, asked: Freeze): Promise<FreezeReport> {
  const parsed = parseFreeze(asked, Date.now());
  if (!parsed.ok) throw new InvalidInputError(parsed.problems);
  const { freeze } = parsed;
  await startRecord(context, freeze);
  const inForceSinceMs = performance.now();
  const report = await pauseSchedules(context, freeze);
  // A worker that had looked for a freeze just before this one may still send for as long.
  const leftMs = SEND_WINDOW_MS + MARGIN_MS - (performance.now() - inForceSinceMs);
  if (leftMs > 0) await pause(leftMs);
  return { freeze, ...report };
}

/** One step for the server, so that there is no moment without a freeze when one replaces another. */
function startRecord(context: ClientContext, freeze: Freeze): Promise<unknown> {
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
        ['End it', '`dcs-switchover thaw`'],
      ]),
    }),
  );
}
