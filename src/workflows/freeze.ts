import {
  ActivityFailure,
  CancellationScope,
  CancelledFailure,
  isCancellation,
  log,
  proxyActivities,
  setCurrentDetails,
  sleep,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';

import { FREEZE_MEMO, FREEZE_WORKFLOW_ID } from '../contract/index.js';
import type { Freeze } from '../contract/index.js';
import { command, inlineCode, joinText, withCommands } from '../domain/commands.js';
import { findFreezeProblems } from '../domain/freeze.js';
import type { ThawCall, ThawReport } from '../domain/freeze.js';
import { oneLine } from '../domain/text.js';

import { outcomeFailure } from './proxies.js';

/** Resuming is safe to repeat; after this long a person has to do it. */
const THAW_TIMEOUT = '30 minutes';

const { thawSchedules } = proxyActivities<{
  readonly thawSchedules: (call: ThawCall) => Promise<ThawReport>;
}>({
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '30 seconds',
  scheduleToCloseTimeout: THAW_TIMEOUT,
  retry: { maximumInterval: '1 minute' },
  summary: 'Resume the schedules that the freeze has paused',
});

/** Stands for the ids of the schedules where they could not even be listed. */
const ALL_PAUSED = 'all that the freeze has paused';

/** For how many schedules a command is printed; the result names them all. */
const MAX_NAMED = 10;

/** How a freeze ended that no one ended. */
interface FreezeEnd extends ThawReport {
  readonly freeze: Freeze;
}

/**
 * Workflow `dcsFreeze`: while it is open, no forward PUT leaves, up to `until`. It sends nothing itself; the
 * pre-check and the swap activity look for it. At `until` it resumes the schedules that it had paused, and
 * ends. A cancellation ends it earlier, and resumes them as well; a termination leaves them paused.
 *
 * @throws ApplicationFailure INVALID_INPUT, details[0] `{problems}`; THAW_INCOMPLETE, details[0] the `FreezeEnd`
 */
export async function dcsFreeze(input: Freeze): Promise<FreezeEnd> {
  refuseUnlessSound(input);
  const { until, by, reason } = input;
  // What else stands in it no one has looked at.
  const freeze: Freeze = { until, by, reason };
  const { memo } = workflowInfo();
  // A freeze that was started by hand may have none; all who look read the memo.
  if (memo?.[FREEZE_MEMO] === undefined) upsertMemo({ [FREEZE_MEMO]: freeze });
  show(freeze);
  log.info('frozen', { until: freeze.until });
  const ended = await waitUntil(freeze.until);
  // Freezing is over either way, and a schedule left paused would be missed in silence.
  const end = await CancellationScope.nonCancellable(() => thaw(freeze));
  if (ended === 'cancelled') throw new CancelledFailure('thawed before its time');
  return end;
}

async function waitUntil(until: string): Promise<'in-time' | 'cancelled'> {
  try {
    const leftMs = Date.parse(until) - Date.now();
    if (leftMs > 0) await sleep(leftMs, { summary: `Frozen until ${until}` });
    return 'in-time';
  } catch (error) {
    if (isCancellation(error)) return 'cancelled';
    throw error;
  }
}

function refuseUnlessSound(input: unknown): void {
  const { workflowId, taskQueue } = workflowInfo();
  const idProblem = { field: 'workflowId', problem: `has to be ${FREEZE_WORKFLOW_ID}` };
  const problems = [
    ...(workflowId === FREEZE_WORKFLOW_ID ? [] : [idProblem]),
    ...findFreezeProblems(input),
  ];
  if (problems.length === 0) return;
  const freeze = command(['freeze'], { taskQueue }, { until: 'INSTANT', reason: 'REASON' });
  const message = joinText([
    'Nothing is frozen: the input is invalid.',
    ...problems.map(({ field, problem }) => `${field} ${problem}.`),
    withCommands('Freeze by', freeze),
  ]);
  throw outcomeFailure('INVALID_INPUT', message, { problems });
}

async function thaw(freeze: Freeze): Promise<FreezeEnd> {
  const report = await resumeSchedules(freeze);
  log.info('thawed', { resumed: report.resumed.length, failed: report.failed.length });
  if (report.failed.length === 0) return { freeze, ...report };
  const list = report.failed.map(({ scheduleId, detail }) => `${scheduleId} (${detail})`);
  const message = joinText([
    `The freeze is over, but schedules stay paused: ${list.join(', ')}.`,
    resumeStep(report.failed.map(({ scheduleId }) => scheduleId)),
  ]);
  throw outcomeFailure('THAW_INCOMPLETE', message, { freeze, ...report });
}

/** Without a worker no one knows which schedules are paused. */
function resumeStep(scheduleIds: readonly string[]): string {
  const { taskQueue } = workflowInfo();
  if (scheduleIds.includes(ALL_PAUSED))
    return withCommands('See which, and resume each', command(['schedule', 'list'], { taskQueue }));
  const ids = scheduleIds.slice(0, MAX_NAMED);
  return withCommands(
    'Resume each',
    ...ids.map((id) => command(['schedule', 'resume', id], { taskQueue })),
  );
}

async function resumeSchedules(freeze: Freeze): Promise<ThawReport> {
  try {
    return await thawSchedules({ freeze });
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    const detail = error.cause?.message ?? error.message;
    return { resumed: [], failed: [{ scheduleId: ALL_PAUSED, detail }] };
  }
}

/** In the UI: what is in force, and how it ends. */
function show({ until, by, reason }: Freeze): void {
  setCurrentDetails(
    [
      `**Frozen until:** ${oneLine(until)}`,
      `**By:** ${oneLine(by)}`,
      `**Why:** ${oneLine(reason)}`,
      '**What it does:** no forward PUT leaves, and no schedule of maintenance runs fires; a swap back is let through',
      `**End it earlier:** ${inlineCode(command(['thaw'], { taskQueue: workflowInfo().taskQueue }))}`,
    ].join('\n\n'),
  );
}
