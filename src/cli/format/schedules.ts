import type {
  AppliedSchedule,
  Firing,
  FreezeReport,
  ScheduleDetails,
  ScheduleEntry,
} from '../../client.js';
import type { Freeze } from '../../contract/index.js';
import { command, joinText, withCommands } from '../../domain/commands.js';
import type { CommandPlace } from '../../domain/commands.js';
import { describeFreeze } from '../../domain/freeze.js';

import { firstLine } from './maintenance.js';
import { formatFields, formatInstant, formatTable } from './text.js';

/** Our schedules as a table. */
export function formatSchedules(entries: readonly ScheduleEntry[]): string {
  if (entries.length === 0)
    return joinText([
      'No schedule of ours is known to Temporal.',
      withCommands('How to create one', command(['schedule', 'ensure'], {}, { help: true })),
    ]);
  const rows = entries.map(({ scheduleId, isPaused, next, when, last, note }) => [
    scheduleId,
    isPaused ? 'PAUSED' : 'active',
    firstOf(next),
    last === null ? '-' : formatInstant(last.at),
    when,
    note === null ? '-' : firstLine(note),
  ]);
  return formatTable([['SCHEDULE', 'STATE', 'NEXT (UTC)', 'LAST (UTC)', 'WHEN', 'NOTE'], ...rows]);
}

/** Firings to come that are shown with a schedule; preview shows more. */
const MAX_NEXT = 5;

/** One schedule, whole. */
export function formatSchedule(details: ScheduleDetails): string {
  const { counts, running, recent, isPaused, isPausedByFailure, last } = details;
  const paused = isPausedByFailure
    ? 'PAUSED by the server, because a maintenance did not complete: look at that first'
    : 'PAUSED';
  return [
    formatFields([
      ['schedule', details.scheduleId],
      ['state', isPaused ? paused : 'active'],
      ['note', details.note],
      ['maintenance', details.maintenanceId],
      ['when', details.when],
      ['next', details.next.slice(0, MAX_NEXT).map(formatInstant).join('\n') || 'never again'],
      ['last', last === null ? null : `${formatInstant(last.at)} ${last.workflowId}`],
      ['running', running.map(({ workflowId }) => workflowId).join('\n') || null],
      [
        'counts',
        `${counts.fired} fired, ${counts.missed} missed, ${counts.skippedOverlap} left out because the maintenance before still ran`,
      ],
    ]),
    ...(recent.length === 0 ? [] : [formatRecent(recent)]),
    ...(isPaused ? [resumeStep(details.scheduleId)] : []),
  ].join('\n\n');
}

function formatRecent(recent: ScheduleDetails['recent']): string {
  const rows = recent.map(({ scheduledAt, takenAt, workflowId }) => [
    formatInstant(scheduledAt),
    formatInstant(takenAt),
    workflowId,
  ]);
  return formatTable([['DUE (UTC)', 'STARTED (UTC)', 'MAINTENANCE'], ...rows]);
}

/** What `ensure` did, and when it fires next. */
export function formatApplied(applied: AppliedSchedule): string {
  const { scheduleId, change, isPaused, next, warnings } = applied;
  const done = `Schedule ${scheduleId} ${change}.`;
  const state = isPaused
    ? [`${done} It is paused, as it was.`, resumeStep(scheduleId)]
    : [`${done} Next: ${next.slice(0, 3).map(formatInstant).join(', ') || 'never'}`];
  return [joinText(state), ...warnings].join('\n');
}

/** How a paused schedule fires again. */
export function resumeStep(...scheduleIds: readonly string[]): string {
  const lines = scheduleIds.map((id) => command(['schedule', 'resume', id]));
  return withCommands('To let it fire again', ...lines);
}

/** Firings to come, each with the window that its maintenance would use. */
export function formatFirings(firings: readonly Firing[]): string {
  if (firings.length === 0) return 'It never fires.';
  const rows = firings.map(({ at, local, window }) => [
    local,
    formatInstant(at),
    window === null
      ? 'none'
      : `${formatInstant(window.opensAt)} to ${formatInstant(window.closesAt)}`,
  ]);
  return formatTable([['LOCAL', 'UTC', 'WINDOW OF ITS MAINTENANCE (UTC)'], ...rows]);
}

function firstOf([first]: readonly string[]): string {
  return first === undefined ? '-' : formatInstant(first);
}

/** What a freeze did. */
export function formatFrozen(report: FreezeReport, place: CommandPlace): string {
  const what =
    report.freeze === null
      ? 'Frozen.'
      : `${describeFreeze(report.freeze)}. No forward PUT leaves until then; swaps back are let through.`;
  const byHand = report.failed.map(({ scheduleId }) =>
    command(['schedule', 'pause', scheduleId], {}, { reason: 'frozen' }),
  );
  return [
    what,
    ...describeSchedules(report, 'paused'),
    ...(byHand.length === 0 ? [] : [withCommands('Pause by hand what was not', ...byHand)]),
    thawStep(place),
  ].join('\n');
}

/** The freeze in force, if there is one. */
export function formatFreeze(freeze: Freeze | null, place: CommandPlace): string {
  if (freeze === null) return 'Not frozen.';
  return joinText([`${describeFreeze(freeze)}.`, thawStep(place)]);
}

function thawStep(place: CommandPlace): string {
  return withCommands('To end it earlier', command(['thaw'], place));
}

/** What a thaw did. */
export function formatThawed(report: FreezeReport): string {
  const { freeze } = report;
  const what =
    freeze === null ? 'No freeze was in force.' : `Thawed; it was ${describeFreeze(freeze)}.`;
  const byHand = report.failed.map(({ scheduleId }) => scheduleId);
  return [
    what,
    ...describeSchedules(report, 'resumed'),
    ...(byHand.length === 0 ? [] : [resumeStep(...byHand)]),
  ].join('\n');
}

function describeSchedules(
  { changed, leftPaused, failed }: FreezeReport,
  what: 'paused' | 'resumed',
): string[] {
  return [
    `Schedules ${what}: ${listOf(changed)}`,
    ...(leftPaused.length === 0
      ? []
      : [`Paused before the freeze by another user, left paused: ${listOf(leftPaused)}`]),
    ...failed.map(({ scheduleId, detail }) => `NOT ${what}: ${scheduleId}: ${firstLine(detail)}`),
  ];
}

function listOf(ids: readonly string[]): string {
  return ids.length === 0 ? 'none' : ids.join(', ');
}
