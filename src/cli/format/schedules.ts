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
import { fields } from './page.js';
import type { Page } from './page.js';
import { table } from './table.js';
import type { Column } from './table.js';
import { formatAge, formatInstant, withAge } from './text.js';
import { stateCell } from './tones.js';

/** Our schedules as a table. */
export function formatSchedules(
  entries: readonly ScheduleEntry[],
  nowMs = Date.now(),
): Page | string {
  if (entries.length === 0)
    return joinText([
      'No schedule of ours is known to Temporal.',
      withCommands('How to create one', command(['schedule', 'ensure'], {}, { help: true })),
    ]);
  return [table(scheduleColumns(nowMs), entries)];
}

const scheduleColumns = (nowMs: number): readonly Column<ScheduleEntry>[] => [
  { title: 'SCHEDULE', rank: 0, min: 16, cell: ({ scheduleId }) => scheduleId },
  { title: 'STATE', rank: 0, cell: ({ isPaused }) => stateCell(isPaused ? 'PAUSED' : 'active') },
  { title: 'NEXT (UTC)', rank: 1, cell: ({ next: [first] }) => instantOf(first) },
  { title: 'NEXT', rank: 2, cell: ({ next: [first] }) => ageOf(first, nowMs) },
  { title: 'LAST (UTC)', rank: 6, cell: ({ last }) => instantOf(last?.at) },
  { title: 'LAST', rank: 3, cell: ({ last }) => ageOf(last?.at, nowMs) },
  { title: 'WHEN', rank: 4, min: 12, cell: ({ when }) => when },
  { title: 'NOTE', rank: 5, min: 12, cell: ({ note }) => (note === null ? '-' : firstLine(note)) },
];

function instantOf(instant: string | undefined): string {
  return instant === undefined ? '-' : formatInstant(instant);
}

function ageOf(instant: string | undefined, nowMs: number): string {
  return instant === undefined ? '-' : formatAge(instant, nowMs);
}

/** Firings to come that are shown with a schedule; preview shows more. */
const MAX_NEXT = 5;

/** One schedule, whole. */
export function formatSchedule(details: ScheduleDetails, nowMs = Date.now()): Page {
  const { counts, running, recent, isPaused, isPausedByFailure, last } = details;
  const next = details.next.slice(0, MAX_NEXT);
  const paused = isPausedByFailure
    ? ' by the server, because a maintenance did not complete: look at that first'
    : '';
  return [
    fields(
      ['schedule', details.scheduleId],
      ['state', isPaused ? stateCell('PAUSED', paused) : stateCell('active')],
      ['note', details.note],
      ['maintenance', details.maintenanceId],
      ['when', details.when],
      ['next', next.map((at) => withAge(at, nowMs)).join('\n') || 'never again'],
      ['last', last === null ? null : `${withAge(last.at, nowMs)} ${last.workflowId}`],
      ['running', running.map(({ workflowId }) => workflowId).join('\n') || null],
      [
        'counts',
        `${counts.fired} fired, ${counts.missed} missed, ${counts.skippedOverlap} left out because the maintenance before still ran`,
      ],
    ),
    recent.length === 0 ? null : table(RECENT_COLUMNS, recent),
    isPaused ? resumeStep(details.scheduleId) : null,
  ];
}

const RECENT_COLUMNS: readonly Column<ScheduleDetails['recent'][number]>[] = [
  { title: 'DUE (UTC)', rank: 1, cell: ({ scheduledAt }) => formatInstant(scheduledAt) },
  { title: 'STARTED (UTC)', rank: 2, cell: ({ takenAt }) => formatInstant(takenAt) },
  { title: 'MAINTENANCE', rank: 0, cell: ({ workflowId }) => workflowId },
];

/** What `ensure` did, and when it fires next. */
export function formatApplied(applied: AppliedSchedule): string {
  const { scheduleId, change, isPaused, next, warnings } = applied;
  const done = `Schedule ${scheduleId} ${change}.`;
  const state = isPaused
    ? whyPaused(applied)
    : [`Next: ${next.slice(0, 3).map(formatInstant).join(', ') || 'never'}`];
  return [`${done} ${joinText(state)}`, ...warnings].join('\n');
}

function whyPaused({ scheduleId, change }: AppliedSchedule): readonly [string, string] {
  if (change !== 'created') return ['It is paused, as it was.', resumeStep(scheduleId)];
  return [
    'It is paused by the freeze in force, and fires once that has ended.',
    withCommands('See the freeze', command(['freeze'], {}, { show: true })),
  ];
}

/** How a paused schedule fires again. */
export function resumeStep(...scheduleIds: readonly string[]): string {
  const lines = scheduleIds.map((id) => command(['schedule', 'resume', id]));
  return withCommands('To let it fire again', ...lines);
}

/** Firings to come, each with the window that its maintenance would use. */
export function formatFirings(firings: readonly Firing[], nowMs = Date.now()): Page | string {
  return firings.length === 0 ? 'It never fires.' : [table(firingColumns(nowMs), firings)];
}

const firingColumns = (nowMs: number): readonly Column<Firing>[] => [
  { title: 'LOCAL', rank: 0, cell: ({ local }) => local },
  { title: 'UTC', rank: 3, cell: ({ at }) => formatInstant(at) },
  { title: 'WHEN', rank: 2, cell: ({ at }) => formatAge(at, nowMs) },
  {
    title: 'WINDOW OF ITS MAINTENANCE (UTC)',
    rank: 1,
    cell: ({ window }) =>
      window === null
        ? 'none'
        : `${formatInstant(window.opensAt)} to ${formatInstant(window.closesAt)}`,
  },
];

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
