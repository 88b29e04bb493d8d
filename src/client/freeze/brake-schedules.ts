import type { ScheduleDescription } from '@temporalio/client';

import type { Freeze } from '../../contract/index.js';
import { FREEZE_NOTE_PREFIX, makeFreezeNote } from '../../domain/freeze.js';

import { SwitchoverClientError } from '../client-error.js';
import type { ClientContext } from '../../temporal/rpc.js';
import { changeSchedule, withState } from '../schedules/change.js';
import { ScheduleNotFoundError } from '../schedules/errors.js';
import { listScheduleIds, mapGently } from '../schedules/list-schedules.js';
import { withOwnNote } from '../schedules/notes.js';

import { readCurrent } from './current.js';
import type { FreezeReport } from './freeze-client.js';

type Treated = 'changed' | 'left-paused' | 'untouched' | { readonly failed: string };

type SchedulesReport = Omit<FreezeReport, 'freeze'>;

/** Pauses every schedule of plans that is not paused by somebody else. */
export function pauseSchedules(context: ClientContext, freeze: Freeze): Promise<SchedulesReport> {
  const note = makeFreezeNote(freeze);
  return treatAll(context, async (scheduleId) => {
    const { schedule } = await changeSchedule(context, scheduleId, (there) =>
      isPausedByOthers(there) || isHeldBy(there, note)
        ? null
        : withState(there, { paused: true, note }),
    );
    return isHeldBy(schedule, note) ? 'changed' : 'left-paused';
  });
}

/** Resumes the schedules that a freeze has paused, as long as no other freeze holds them. */
export function resumeSchedules(context: ClientContext, by: string): Promise<SchedulesReport> {
  const note = `resumed: ${by} has ended the freeze`;
  return treatAll(context, async (scheduleId) => {
    const { schedule, isChanged } = await changeSchedule(context, scheduleId, async (there) => {
      if (!isPausedByFreeze(there)) return null;
      // Asked right before each change: somebody may have frozen again meanwhile.
      if ((await readCurrent(context)) !== null) return null;
      return withState(there, { paused: false, note: withOwnNote(there, note) });
    });
    if (schedule.state.paused) return 'left-paused';
    return isChanged ? 'changed' : 'untouched';
  });
}

function isHeldBy({ state }: ScheduleDescription, note: string): boolean {
  return state.paused && state.note === note;
}

function isPausedByFreeze({ state }: ScheduleDescription): boolean {
  return state.paused && state.note?.startsWith(FREEZE_NOTE_PREFIX) === true;
}

function isPausedByOthers(schedule: ScheduleDescription): boolean {
  return schedule.state.paused && !isPausedByFreeze(schedule);
}

async function treatAll(
  context: ClientContext,
  treat: (scheduleId: string) => Promise<Treated>,
): Promise<SchedulesReport> {
  const ids = await listScheduleIds(context).catch(orThrow);
  if ('failed' in ids)
    return {
      changed: [],
      leftPaused: [],
      failed: [{ scheduleId: 'all schedules', detail: ids.failed }],
    };
  const treated = await mapGently(ids, async (scheduleId) => ({
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
    if (error instanceof ScheduleNotFoundError) return 'untouched';
    return orThrow(error);
  }
}

/** What Temporal did not do is told: the freeze itself is in force (or over) all the same. */
function orThrow(error: unknown): { readonly failed: string } {
  if (error instanceof SwitchoverClientError) return { failed: error.message };
  throw error;
}
