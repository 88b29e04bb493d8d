import type { Command } from 'commander';

import type { ScheduleInput, ScheduleSpec } from '../../contract/index.js';
import { isInstant } from '../../domain/text.js';
import { isRecord } from '../../util.js';
import type { Cli } from '../context.js';
import { UsageError } from '../errors.js';
import { numberOrText, readFields, readScheduleFields } from '../fields.js';
import type { Draft } from '../fields.js';
import { formatApplied, formatFirings } from '../format/schedules.js';
import { readInputFile } from '../io.js';
import {
  readOfMaintenance,
  toMaintenanceInput,
  withMaintenanceOptions,
} from '../maintenance/input.js';
import type { MaintenanceOptions } from '../maintenance/input.js';
import { gather } from '../mistakes.js';
import { parseCount, runConnected, withRunOptions } from '../options.js';
import type { RunOptions } from '../options.js';

import {
  addBackfillCommand,
  addDeleteCommand,
  addDescribeCommand,
  addListCommand,
  addPauseCommands,
  addTriggerCommand,
} from './manage.js';

/** What `schedule ensure` and `preview` are given. */
type ScheduleAsk = MaintenanceOptions & { readonly note?: string };

/** The ways to say when a schedule fires; they exclude each other. */
const WHEN = ['onWindow', 'cron', 'calendar', 'everySeconds', 'at'];

/** Fields by which a maintenance's file is known; its id may be left to the command. */
const OF_A_MAINTENANCE = ['maintenanceId', 'window'];

/**
 * The schedule that file and options describe; options take precedence. The maintenance's id is the schedule's
 * where nothing else is said.
 *
 * @throws UsageError
 */
async function readSchedule(
  cli: Cli,
  scheduleId: string | undefined,
  options: ScheduleAsk,
): Promise<ScheduleInput> {
  const draft = options.file === undefined ? {} : await readInputFile(options.file);
  const { schedule, maintenance, scheduleId: named, note, ...unknown } = draft;
  if (OF_A_MAINTENANCE.some((name) => name in unknown))
    throw new UsageError(
      `--file ${options.file ?? ''}: that is a maintenance. Put it under "maintenance", beside "scheduleId" and "schedule".`,
    );
  const id = scheduleId ?? named;
  if (id === undefined)
    throw new UsageError('The schedule has no id: name it, or put scheduleId into the file.');
  const fields: Draft = isRecord(maintenance) ? maintenance : {};
  const maintenanceId = 'maintenanceId' in fields ? undefined : (id as string);
  // Whoever ensures it today is not who asks at each firing, so no name is added by itself.
  const io = { ...cli.io, userName: () => null };
  return readOfMaintenance(cli, options, fields, async (known) => {
    const input = {
      ...unknown,
      scheduleId: id,
      schedule: toSpec(known, isRecord(schedule) ? schedule : {}),
      maintenance: toMaintenanceInput(io, maintenanceId, known, fields),
      ...(known.note === undefined && note === undefined ? {} : { note: known.note ?? note }),
    } as unknown as ScheduleInput;
    // By calculation, so that a mistake is reported before anything is opened.
    await cli.previewSchedule(input, { count: 1 });
    return input;
  });
}

/** The options' way to say when replaces the file's. */
function toSpec(options: ScheduleAsk, draft: Draft): ScheduleSpec {
  const given = readScheduleFields(options);
  const replaces = WHEN.some((name) => name in given);
  const kept = Object.entries(draft).filter(([name]) => !replaces || !WHEN.includes(name));
  return { ...Object.fromEntries(kept), ...given };
}

/** Adds the options of a schedule, beside those of its maintenance. */
function withScheduleOptions(command: Command): Command {
  return command
    .optionsGroup('When it fires (one of the first five):')
    .option('--on-window', 'at each opening of the maintenance’s own window')
    .option('--cron <fields>', 'five fields, such as "0 2 * * 6"')
    .option('--calendar <json>', 'such as {"dayOfWeek":["SATURDAY"],"hour":[2]}', parseCalendar)
    .option(
      '--every <seconds>',
      'at multiples of this since the Unix epoch, at least 60',
      numberOrText,
    )
    .option('--at <instant>', 'once: RFC 3339 with zone')
    .option('--lead <seconds>', 'earlier by this much, to gather approval', numberOrText)
    .option('--offset <seconds>', 'with --every: later by this much', numberOrText)
    .option('--schedule-time-zone <name>', 'of cron and calendar (default: the window’s, else UTC)')
    .option('--jitter <seconds>', 'later by up to this much (default: 0)', numberOrText)
    .option('--catch-up <seconds>', 'how late a missed firing may still start', numberOrText)
    .option('--pause-on-failure', 'pause the schedule after a maintenance that did not complete')
    .option('--note <text>', 'shown with the schedule')
    .optionsGroup('Options:');
}

/** What is no JSON stays text, which the contract refuses by its field. */
function parseCalendar(text: string): unknown {
  try {
    return (JSON.parse(text) as unknown) ?? text;
  } catch {
    return text;
  }
}

type Options = ScheduleAsk & RunOptions;
type PreviewOptions = Options & { readonly count: number; readonly from?: string };

/** Firings that `preview` shows by default. */
const DEFAULT_COUNT = 10;

/** `schedule ensure [SCHEDULE]`: creates or updates a schedule. */
function addApplyCommand(group: Command, cli: Cli): void {
  const command = group
    .command('ensure')
    .description('create a schedule, or change it to this; a pause and its note stay')
    .argument('[schedule]', 'id: 1 to 64 of a-z 0-9 . _ - (default: of the file)');
  withRunOptions(withMaintenanceOptions(withScheduleOptions(command))).action(
    (id: string | undefined, options: Options) =>
      runConnected(
        cli,
        options,
        () => readSchedule(cli, id, options),
        async ({ schedules }, output, input) =>
          output.data(await schedules.createOrUpdate(input), formatApplied),
      ),
  );
}

/** `schedule preview [SCHEDULE]`: the firings to come, before anything is created. */
function addPreviewCommand(group: Command, cli: Cli): void {
  const command = group
    .command('preview')
    .description(
      'show the next firings, local and UTC, by calculation; of an existing schedule where only its id is given',
    )
    .argument('[schedule]', 'id: 1 to 64 of a-z 0-9 . _ -')
    .option('--count <number>', 'how many (default: 10)', parseCount, DEFAULT_COUNT)
    .option('--from <instant>', 'from then on: RFC 3339 with zone (default: now)');
  withRunOptions(withMaintenanceOptions(withScheduleOptions(command))).action(
    (id: string | undefined, options: PreviewOptions) =>
      isExisting(id, options)
        ? previewExisting(cli, id, options)
        : cli.run(
            options,
            () =>
              gather(
                () => toPreviewOptions(options),
                () => readSchedule(cli, id, options),
              ),
            async (output, [asked, input]) =>
              output.data(await cli.previewSchedule(input, asked), formatFirings),
          ),
  );
}

function previewExisting(cli: Cli, id: string, options: PreviewOptions): Promise<void> {
  return runConnected(
    cli,
    options,
    () => toPreviewOptions(options),
    async ({ schedules }, output, asked) => {
      const { input } = await schedules.describe(id);
      return output.data(await cli.previewSchedule(input, asked), formatFirings);
    },
  );
}

/** Whether nothing but an id says which schedule is meant, so that it is the one in Temporal. */
function isExisting(id: string | undefined, options: PreviewOptions): id is string {
  const { file, note } = options;
  const given = { ...readFields(options), ...readScheduleFields(options) };
  return (
    [file, note, ...Object.values(given)].every((one) => one === undefined) && id !== undefined
  );
}

function toPreviewOptions({ count, from }: PreviewOptions) {
  if (from === undefined) return { count };
  if (isInstant(from)) return { count, fromMs: Date.parse(from) };
  const message = '--from: give an instant with zone, such as 2026-12-05T00:00:00Z.';
  throw new UsageError(message, '--from');
}

/** `schedule …`: maintenance runs that start by themselves. */
export function addScheduleCommand(program: Command, cli: Cli): void {
  const group = program
    .command('schedule')
    .description(
      'maintenance runs that start on a schedule: preview, ensure, list, pause, trigger, delete',
    );
  addPreviewCommand(group, cli);
  addApplyCommand(group, cli);
  addListCommand(group, cli);
  addDescribeCommand(group, cli);
  addPauseCommands(group, cli);
  addTriggerCommand(group, cli);
  addBackfillCommand(group, cli);
  addDeleteCommand(group, cli);
}
