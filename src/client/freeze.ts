import { setTimeout as pause } from 'node:timers/promises';

import type { ScheduleDescription, WorkflowHandle } from '@temporalio/client';

import { FREEZE_MEMO, FREEZE_WORKFLOW_ID, FREEZE_WORKFLOW_TYPE } from '../contract/index.js';
import type { Freeze } from '../contract/index.js';
import { command, inlineCode } from '../domain/commands.js';
import { FREEZE_NOTE_PREFIX, makeFreezeNote } from '../domain/freeze.js';
import { toRunTexts } from '../domain/run-texts.js';
import { oneLine } from '../domain/text.js';
import { SEND_WINDOW_MS } from '../domain/timing.js';
import { parseFreeze, parseMessage } from '../schema/index.js';
import { SwitchoverClientError, TemporalRequestError } from '../temporal/errors.js';
import { findFreezeRecord, readCurrent } from '../temporal/freeze-record.js';
import { callTemporal, isNotFound } from '../temporal/rpc.js';
import type { ClientContext } from '../temporal/rpc.js';
import { listScheduleIds, resumeFrozen, withState } from '../temporal/schedule.js';

import { InvalidInputError, NotFoundError } from './errors.js';
import { changeSchedule } from './schedules/change.js';
import { ScheduleBusyError } from './schedules/client.js';
import { mapWithLimit } from './schedules/read.js';

type Treated = 'changed' | 'left-paused' | 'untouched' | { readonly failed: string };

type SchedulesReport = Omit<FreezeReport, 'freeze'>;

/** Pauses every schedule of maintenance runs that is not paused already. */
function pauseSchedules(context: ClientContext, freeze: Freeze): Promise<SchedulesReport> {
  const note = makeFreezeNote(freeze);
  return treatAll(context, async (scheduleId) => {
    const { schedule } = await changeSchedule(context, scheduleId, (there) =>
      isPausedByOthers(there) || isHeldBy(there, note)
        ? null
        : withState(there.raw, { paused: true, note }),
    );
    return isHeldBy(schedule, note) ? 'changed' : 'left-paused';
  });
}

/** Resumes the schedules that a freeze has paused, as long as no other freeze holds them. */
function resumeSchedules(context: ClientContext, by: string): Promise<SchedulesReport> {
  const note = `resumed: ${by} has ended the freeze`;
  // Someone may have frozen again meanwhile.
  const isFrozen = async (): Promise<boolean> => (await readCurrent(context)) !== null;
  return treatAll(context, async (scheduleId) => {
    const thawed = await resumeFrozen(context, scheduleId, note, isFrozen);
    if (thawed === 'busy') throw new ScheduleBusyError(scheduleId);
    return TREATED_AS[thawed];
  });
}

const TREATED_AS = {
  resumed: 'changed',
  'left-paused': 'left-paused',
  running: 'untouched',
} as const;

function isHeldBy({ state }: ScheduleDescription, note: string): boolean {
  return state.paused && state.note === note;
}

function isPausedByOthers({ state }: ScheduleDescription): boolean {
  return state.paused && state.note?.startsWith(FREEZE_NOTE_PREFIX) !== true;
}

async function treatAll(
  context: ClientContext,
  treat: (scheduleId: string) => Promise<Treated>,
): Promise<SchedulesReport> {
  const ids = await listScheduleIds(context).catch(toFailure);
  if ('failed' in ids)
    return {
      changed: [],
      leftPaused: [],
      failed: [{ scheduleId: 'all schedules', detail: ids.failed }],
    };
  const treated = await mapWithLimit(ids, async (scheduleId) => ({
    scheduleId,
    how: await orFailure(() => treat(scheduleId)),
  }));
  const idsOf = (kind: Treated): string[] =>
    treated.filter(({ how }) => how === kind).map(({ scheduleId }) => scheduleId);
  return {
    changed: idsOf('changed'),
    leftPaused: idsOf('left-paused'),
    failed: treated.flatMap(({ scheduleId, how }) =>
      typeof how === 'object' ? [{ scheduleId, detail: how.failed }] : [],
    ),
  };
}

/** One that cannot be changed must not keep the others from being treated. */
async function orFailure(treat: () => Promise<Treated>): Promise<Treated> {
  try {
    return await treat();
  } catch (error) {
    // Deleted since it was listed: there is nothing left to treat.
    if (error instanceof NotFoundError || isNotFound(error)) return 'untouched';
    return toFailure(error);
  }
}

/** What Temporal did not do is reported: the freeze itself is in force (or over) all the same. */
function toFailure(error: unknown): { readonly failed: string } {
  if (error instanceof SwitchoverClientError) return { failed: error.message };
  throw error;
}

/** Clocks of two machines do not tick alike to the millisecond. */
const MARGIN_MS = 500;

/** Puts a freeze in force and pauses the schedules; see `FreezeClient.freeze`. */
async function putFreeze(context: ClientContext, asked: Freeze): Promise<FreezeReport> {
  const parsed = parseFreeze(asked, Date.now());
  if (!parsed.ok) throw new InvalidInputError(parsed.problems);
  const { input: freeze } = parsed;
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
      ...toRunTexts({
        summary: `frozen until ${freeze.until} by ${oneLine(freeze.by)}`,
        details: [
          ['Until', freeze.until],
          ['Who', freeze.by],
          ['Why', freeze.reason],
          ['End it', inlineCode(command(['thaw'], { taskQueue: context.taskQueue }))],
        ],
        memo: { [FREEZE_MEMO]: freeze },
      }),
    }),
  );
}

/** What a freeze or a thaw did to the schedules. */
export interface FreezeReport {
  readonly freeze: Freeze | null;
  /** Schedules that it paused (or resumed). */
  readonly changed: readonly string[];
  /** Schedules that were paused before, and stay so. */
  readonly leftPaused: readonly string[];
  /** What could not be changed, and why. */
  readonly failed: readonly { readonly scheduleId: string; readonly detail: string }[];
}

/** The freeze of the whole namespace. */
export interface FreezeClient {
  /**
   * From its return on no forward PUT leaves until `until`; pauses all our schedules. A later freeze replaces it.
   * Takes some four seconds, after which no worker can be on its way any more. Works without a worker. By
   * visibility, which may miss a schedule of the last seconds: its maintenance is refused all the same.
   *
   * @throws InvalidInputError
   */
  start(start: Freeze): Promise<FreezeReport>;
  /** Ends it, and resumes the schedules that a freeze has paused. `freeze` is the one that was ended. Works without a worker. */
  thaw(options: { readonly by: string }): Promise<FreezeReport>;
  /** The freeze in force, or `null`. Works without a worker. */
  current(): Promise<Freeze | null>;
}

/** Each further try follows a freeze that was replaced between our two calls. */
const MAX_ATTEMPTS = 3;

/** Ends a freeze and resumes what it had paused; see `FreezeClient.thaw`. */
async function endFreeze(
  context: ClientContext,
  { by }: { readonly by: string },
): Promise<FreezeReport> {
  const parsed = parseMessage('thaw', { by });
  if (!parsed.ok) throw new InvalidInputError(parsed.problems);
  const freeze = await endRecord(context, parsed.input.by);
  return { freeze, ...(await resumeSchedules(context, parsed.input.by)) };
}

/** Terminated, because that needs no worker: the record does nothing that has to be finished. */
async function endRecord(context: ClientContext, by: string): Promise<Freeze | null> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const record = await findFreezeRecord(context);
    if (record === null) return null;
    const handle = context.client.workflow.getHandle(FREEZE_WORKFLOW_ID, record.runId);
    try {
      await callTemporal(context, 'thaw', () => handle.terminate(`thawed by ${by}`));
      return record.freeze;
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
  throw new TemporalRequestError('thaw', null, 'others freeze at the same time; try again');
}

/** The freeze, on a connection that the caller owns. Opens nothing. */
export function createFreezeClient(context: ClientContext): FreezeClient {
  return {
    start: (freeze) => putFreeze(context, freeze),
    thaw: (options) => endFreeze(context, options),
    current: () => readCurrent(context),
  };
}
