/** Schedules are changed only as they were read, no matter who changes them. */
import { randomUUID } from 'node:crypto';

import type { Client, ScheduleDescription } from '@temporalio/client';

import { MAINTENANCE_WORKFLOW_TYPE } from '../contract/index.js';
import { FREEZE_NOTE_PREFIX } from '../domain/freeze.js';

import { callTemporal, GRPC, grpcCodeOf, pagesOf } from './rpc.js';
import type { TemporalCaller } from './rpc.js';
import { createPayloadReader } from './run-history.js';

/**
 * Ids of the schedules of maintenance runs, in order. By visibility, which may lag a few seconds behind. Asked of the
 * service itself: the SDK's client decodes the memo of each schedule, which fails on those of other keys.
 *
 * @throws what {@link callTemporal} throws
 */
export async function listScheduleIds(caller: TemporalCaller): Promise<string[]> {
  const { workflowService, options } = caller.client;
  const request = { namespace: options.namespace, maximumPageSize: 100 };
  const pages = pagesOf((nextPageToken) =>
    callTemporal(caller, 'list the schedules', () =>
      workflowService.listSchedules({ ...request, nextPageToken }),
    ),
  );
  const ids: string[] = [];
  for await (const { schedules } of pages)
    for (const { scheduleId, info } of schedules)
      if (info?.workflowType?.name === MAINTENANCE_WORKFLOW_TYPE) ids.push(scheduleId ?? '');
  return ids.sort();
}

type UpdateRequest = Parameters<Client['workflowService']['updateSchedule']>[0];

/** What replaces a schedule: all of it, in the wire's words. Its memo cannot be changed on most servers. */
export type ScheduleChange = NonNullable<UpdateRequest['schedule']>;

/** A schedule as the service describes it. */
export type RawSchedule = ScheduleDescription['raw'];

/** Each further one follows a change by another client between our reading and our writing. */
const MAX_WRITES = 5;

/**
 * Reads a schedule and replaces it, only while no one has changed it in between: the SDK's own `update` and `unpause`
 * would undo a pause that came between two calls. Then reads it again, because the server may drop what came too late
 * silently.
 *
 * @param decide what replaces it; `null` where it is as it should be
 * @returns the schedule as it was read last, and whether it was replaced; `null` where others changed it at each try
 * @throws what `read`, `decide` and {@link callTemporal} throw
 */
export async function replaceAsRead<S extends { readonly raw: RawSchedule }>(
  caller: TemporalCaller,
  scheduleId: string,
  read: () => Promise<S>,
  decide: (there: S) => Promise<ScheduleChange | null> | ScheduleChange | null,
): Promise<{ readonly schedule: S; readonly isChanged: boolean } | null> {
  for (let writes = 0; ; writes += 1) {
    const schedule = await read();
    const change = await decide(schedule);
    if (change === null) return { schedule, isChanged: writes > 0 };
    if (writes >= MAX_WRITES) return null;
    const token = schedule.raw.conflictToken ?? null;
    await callTemporal(caller, 'update the schedule', () =>
      replace(caller.client, { scheduleId, schedule: change }, token),
    );
  }
}

/** Has no effect on a schedule that has changed since it was read, whether the server says so or not. */
async function replace(
  { workflowService, options: { namespace, identity } }: Client,
  change: Pick<UpdateRequest, 'scheduleId' | 'schedule'>,
  conflictToken: Uint8Array | null,
): Promise<void> {
  try {
    await workflowService.updateSchedule({
      ...{ namespace, identity, requestId: randomUUID() },
      ...change,
      conflictToken,
    });
  } catch (error) {
    if (grpcCodeOf(error) !== GRPC.failedPrecondition) throw error;
  }
}

/** The same schedule with another pause state and note. */
export function withState(
  { schedule }: RawSchedule,
  { paused, note }: { readonly paused: boolean; readonly note: string },
): ScheduleChange {
  return { ...schedule, state: { ...schedule?.state, paused, notes: note } };
}

/**
 * Both notes; the first alone where it has the other already. Temporal keeps one note of a schedule, and a pause takes
 * its place: the schedule's own stays in its action's memo.
 */
export function joinNotes(note: string, own: string): string {
  if (note === '') return own;
  return own === '' || note.endsWith(own) ? note : `${note}; ${own}`;
}

/** What became of a schedule at the end of a freeze: `left-paused` by another, `busy`: others changed it at each try. */
export type Thawed = 'resumed' | 'left-paused' | 'running' | 'busy';

/**
 * Resumes a schedule that a freeze has paused, known by the beginning of its note; its own note stays behind `note`.
 * Works also where the schedule's payloads cannot be decoded here.
 *
 * @param isFrozen whether another freeze holds the schedules; asked right before each change
 * @throws "not found" as the service says it (see `isNotFound`), and what {@link callTemporal} throws
 */
export async function resumeFrozen(
  caller: TemporalCaller,
  scheduleId: string,
  note: string,
  isFrozen: () => Promise<boolean>,
): Promise<Thawed> {
  const { client } = caller;
  const { namespace } = client.options;
  const read = (): Promise<RawSchedule> =>
    callTemporal(caller, 'describe the schedule', () =>
      client.workflowService.describeSchedule({ namespace, scheduleId }),
    );
  const found = await replaceAsRead(
    caller,
    scheduleId,
    async () => ({ raw: await read() }),
    async ({ raw }) => {
      const { paused, notes } = raw.schedule?.state ?? {};
      if (paused !== true || notes?.startsWith(FREEZE_NOTE_PREFIX) !== true) return null;
      if (await isFrozen()) return null;
      const own = await readOwnNote(client, raw);
      return withState(raw, { paused: false, note: joinNotes(note, own) });
    },
  );
  if (found === null) return 'busy';
  if (found.schedule.raw.schedule?.state?.paused === true) return 'left-paused';
  return found.isChanged ? 'resumed' : 'running';
}

/** The note that the schedule was created with; none where it cannot be read. */
async function readOwnNote(client: Client, { schedule }: RawSchedule): Promise<string> {
  const start = schedule?.action?.startWorkflow;
  const payload = start?.memo?.fields?.['note'];
  if (payload === undefined) return '';
  const { namespace } = client.options;
  const context = { type: 'workflow', namespace, workflowId: start?.workflowId ?? '' } as const;
  try {
    const note = await createPayloadReader(client).readFirst([payload], context);
    return typeof note === 'string' ? note : '';
  } catch {
    return '';
  }
}
