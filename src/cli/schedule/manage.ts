import type { Command } from 'commander';

import type { SchedulesClient } from '../../client.js';

import { command, joinText, withCommands } from '../../domain/commands.js';

import type { Cli } from '../context.js';
import { formatSchedule, formatSchedules, resumeStep } from '../format/schedules.js';
import { YES_HELP, confirmAction } from '../io.js';
import type { YesOption } from '../io.js';
import { gather } from '../mistakes.js';
import { checkSchedule, readMessage, runConnected, withQueueOptions } from '../options.js';
import type { QueueOptions, RequesterOption } from '../options.js';
import type { Output } from '../output.js';
import { countOf } from '../../domain/text.js';

type PauseOptions = QueueOptions & RequesterOption & { readonly reason?: string };
type BackfillOptions = QueueOptions & YesOption & { readonly from: string; readonly until: string };

/** `schedule list`: ours, with their next firing. */
export function addListCommand(group: Command, cli: Cli): void {
  const command = group
    .command('list')
    .description('list the schedules of maintenance runs: state, next and last firing');
  withQueueOptions(command).action((options: QueueOptions) =>
    runConnected(
      cli,
      options,
      () => undefined,
      async ({ schedules }, output) => output.data(await schedules.list(), formatSchedules),
    ),
  );
}

/** `schedule describe SCHEDULE`: one, whole. */
export function addDescribeCommand(group: Command, cli: Cli): void {
  const command = group
    .command('describe')
    .description('show one schedule: next firings, what ran');
  actOnSchedule(cli, command, async ({ schedules, scheduleId, output }) =>
    output.data(await schedules.describe(scheduleId), formatSchedule),
  );
}

/** `schedule pause|resume SCHEDULE`, with a note that shows who and why. */
export function addPauseCommands(group: Command, cli: Cli): void {
  const pause = group.command('pause').description('fire no more until it is resumed');
  pause.requiredOption('--reason <text>', 'reason, kept in its note; required');
  addNoteAction(pause, cli, 'paused', (schedules, id, note) => schedules.pause(id, note));
  const resume = group
    .command('resume')
    .description('fire again; missed firings are not made up for')
    .option('--reason <text>', 'reason, kept in its note');
  addNoteAction(resume, cli, 'resumed', (schedules, id, note) => schedules.resume(id, note));
}

function addNoteAction(
  command: Command,
  cli: Cli,
  done: string,
  act: (schedules: SchedulesClient, id: string, note: string) => Promise<void>,
): void {
  actOnSchedule(
    cli,
    command.option('--by <name>', 'your name (default: your user name)'),
    async ({ schedules, scheduleId, output, asked: { by, why } }) => {
      const note = `${done} by ${by}${(why ?? null) === null ? '' : `: ${why}`}`;
      await act(schedules, scheduleId, note);
      const step = done === 'paused' ? [resumeStep(scheduleId)] : [];
      return output.data({ scheduleId, note }, () =>
        joinText([`Schedule ${scheduleId} ${note}`, ...step]),
      );
    },
    (options: PauseOptions) => readMessage(cli.io, 'pause', options),
  );
}

/** `schedule trigger SCHEDULE`: fires now. */
export function addTriggerCommand(group: Command, cli: Cli): void {
  const command = group
    .command('trigger')
    .description(
      'fire now, once; not while a maintenance of it is open. Its window counts all the same',
    );
  actOnSchedule(cli, command, async ({ schedules, scheduleId, output }) => {
    await schedules.trigger(scheduleId);
    return output.data({ scheduleId, triggered: true }, () =>
      joinText([
        `Schedule ${scheduleId} was triggered.`,
        withCommands('See its maintenance', describeCommand(scheduleId)),
      ]),
    );
  });
}

/** `schedule backfill SCHEDULE`: fires for past times. */
export function addBackfillCommand(group: Command, cli: Cli): void {
  const command = group
    .command('backfill')
    .description('fire for past times')
    .requiredOption('--from <instant>', 'RFC 3339 with zone; required')
    .requiredOption('--until <instant>', 'RFC 3339 with zone; required')
    .option('--yes', YES_HELP);
  actOnSchedule(
    cli,
    command,
    async ({ schedules, scheduleId, output, options }) => {
      const { from, until } = options;
      if (options.yes !== true) {
        const effect = await describeBackfill(schedules, scheduleId, from, until);
        await confirmAction(cli.io, effect, 'Backfill?', options);
      }
      await schedules.backfill(scheduleId, { from, until, confirm: true });
      return output.data({ scheduleId, from, until }, () =>
        joinText([
          `Backfill of schedule ${scheduleId} requested.`,
          withCommands('See its maintenance runs', describeCommand(scheduleId)),
        ]),
      );
    },
    checkBackfill,
  );
}

async function checkBackfill({ from, until }: BackfillOptions): Promise<void> {
  const { checkBackfillRange } = await import('../../client.js');
  checkBackfillRange(from, until);
}

/** What it would start: the client counts that, and starts nothing unless it is asked for by name. */
async function describeBackfill(
  schedules: SchedulesClient,
  scheduleId: string,
  from: string,
  until: string,
): Promise<string> {
  const { BackfillRefusedError } = await import('../../client.js');
  const firings = await schedules.backfill(scheduleId, { from, until, confirm: false }).then(
    () => null,
    (error: unknown) => {
      if (error instanceof BackfillRefusedError) return error.firings;
      throw error;
    },
  );
  const runs =
    firings === null
      ? 'a maintenance for each firing'
      : `${countOf(firings, 'maintenance run')}, one after another,`;
  return (
    `Schedule ${scheduleId} starts ${runs} for ${from} until ${until}. ` +
    'A maintenance whose window is over sends nothing.'
  );
}

/** `schedule delete SCHEDULE`. */
export function addDeleteCommand(group: Command, cli: Cli): void {
  const command = group
    .command('delete')
    .description('delete a schedule; an open maintenance of it goes on')
    .option('--yes', YES_HELP);
  actOnSchedule<QueueOptions & YesOption>(
    cli,
    command,
    async ({ schedules, scheduleId, output, options }) => {
      const effect = `Schedule ${scheduleId} and its history of firings are deleted. A maintenance that is already running continues.`;
      await confirmAction(cli.io, effect, 'Delete it?', options);
      await schedules.delete(scheduleId);
      return output.data({ scheduleId, deleted: true }, () => `Schedule ${scheduleId} is deleted.`);
    },
  );
}

function describeCommand(scheduleId: string): string {
  return command(['schedule', 'describe', scheduleId]);
}

/** What a command about one schedule works with. */
interface Subject<O, T> {
  readonly schedules: SchedulesClient;
  readonly scheduleId: string;
  readonly output: Output;
  readonly options: O;
  readonly asked: T;
}

/** Makes it a command about the schedule of its argument. */
function actOnSchedule<O extends QueueOptions, T = undefined>(
  cli: Cli,
  command: Command,
  act: (subject: Subject<O, T>) => Promise<number>,
  read: (options: O) => Promise<T> = () => Promise.resolve(undefined as T),
): void {
  command.argument('<schedule>', 'id of the schedule');
  withQueueOptions(command).action((scheduleId: string, options: O) =>
    runConnected(
      cli,
      options,
      () =>
        gather(
          () => checkSchedule(scheduleId),
          () => read(options),
        ),
      ({ schedules }, output, [, asked]) => act({ schedules, scheduleId, output, options, asked }),
    ),
  );
}
