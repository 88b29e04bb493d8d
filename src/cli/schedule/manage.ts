import type { Command } from 'commander';

import type { SchedulesClient } from '../../client.js';

import { command, joinText, withCommands } from '../../domain/commands.js';

import type { Cli } from '../context.js';
import { formatSchedule, formatSchedules } from '../format/schedules.js';
import { gather } from '../mistakes.js';
import {
  YES_HELP,
  checkSchedule,
  confirmAction,
  readMessage,
  runWithOperator,
  withQueueOptions,
} from '../options.js';
import type { QueueOptions, RequesterOption, YesOption } from '../options.js';

type PauseOptions = QueueOptions & RequesterOption & { readonly why?: string };
type BackfillOptions = QueueOptions & YesOption & { readonly from: string; readonly until: string };

/** `schedule list`: ours, with their next firing. */
export function addListCommand(group: Command, cli: Cli): void {
  const command = group
    .command('list')
    .description('list the schedules of maintenance runs: state, next and last firing');
  withQueueOptions(command).action((options: QueueOptions) =>
    runWithOperator(
      cli,
      options,
      () => undefined,
      async ({ schedules }, output) => {
        const entries = await schedules.list();
        output.data(entries, () => formatSchedules(entries));
        return 0;
      },
    ),
  );
}

/** `schedule describe SCHEDULE`: one, whole. */
export function addDescribeCommand(group: Command, cli: Cli): void {
  const command = scheduleCommand(group, 'describe', 'show one schedule: next firings, what ran');
  withQueueOptions(command).action((id: string, options: QueueOptions) =>
    runWithOperator(
      cli,
      options,
      () => checkSchedule(id),
      async ({ schedules }, output) => {
        const details = await schedules.describe(id);
        output.data(details, () => formatSchedule(details));
        return 0;
      },
    ),
  );
}

/** `schedule pause|resume SCHEDULE`, with a note that shows who and why. */
export function addPauseCommands(group: Command, cli: Cli): void {
  const pause = scheduleCommand(group, 'pause', 'fire no more until it is resumed');
  pause.requiredOption('--why <text>', 'reason, kept in its note; required');
  addNoteAction(pause, cli, 'paused', (schedules, id, note) => schedules.pause(id, note));
  const resume = scheduleCommand(group, 'resume', 'fire again; what was missed is not made up for');
  resume.option('--why <text>', 'reason, kept in its note');
  addNoteAction(resume, cli, 'resumed', (schedules, id, note) => schedules.resume(id, note));
}

function addNoteAction(
  command: Command,
  cli: Cli,
  done: string,
  act: (schedules: SchedulesClient, id: string, note: string) => Promise<void>,
): void {
  withQueueOptions(command.option('--by <name>', 'your name (default: your user name)')).action(
    (scheduleId: string, options: PauseOptions) =>
      runWithOperator(
        cli,
        options,
        async () => {
          const [{ by, why }] = await gather(
            () => readMessage(cli.io, 'approve', options),
            () => checkSchedule(scheduleId),
          );
          return `${done} by ${by}${why === null ? '' : `: ${why}`}`;
        },
        async ({ schedules }, output, note) => {
          await act(schedules, scheduleId, note);
          output.data({ scheduleId, note }, () => `Schedule ${scheduleId} ${note}`);
          return 0;
        },
      ),
  );
}

/** `schedule trigger SCHEDULE`: fires now. */
export function addTriggerCommand(group: Command, cli: Cli): void {
  const command = scheduleCommand(
    group,
    'trigger',
    'fire now, once; not while a maintenance of it is open. Its window counts all the same',
  );
  withQueueOptions(command).action((scheduleId: string, options: QueueOptions) =>
    runWithOperator(
      cli,
      options,
      () => checkSchedule(scheduleId),
      async ({ schedules }, output) => {
        await schedules.trigger(scheduleId);
        output.data({ scheduleId, triggered: true }, () =>
          joinText([
            `Schedule ${scheduleId} was triggered.`,
            withCommands('Its plan', describeCommand(scheduleId)),
          ]),
        );
        return 0;
      },
    ),
  );
}

/** `schedule backfill SCHEDULE`: fires for times that are over. */
export function addBackfillCommand(group: Command, cli: Cli): void {
  const command = scheduleCommand(group, 'backfill', 'fire for times that are over')
    .requiredOption('--from <instant>', 'RFC 3339 with zone; required')
    .requiredOption('--until <instant>', 'RFC 3339 with zone; required')
    .option('--yes', YES_HELP);
  withQueueOptions(command).action((scheduleId: string, options: BackfillOptions) =>
    runWithOperator(
      cli,
      options,
      () =>
        gather(
          () => checkSchedule(scheduleId),
          () => checkBackfill(options),
        ),
      async ({ schedules }, output) => {
        const { from, until } = options;
        if (options.yes !== true) {
          const effect = await describeBackfill(schedules, scheduleId, from, until);
          await confirmAction(cli.io, effect, 'Backfill?', options);
        }
        await schedules.backfill(scheduleId, { from, until, confirm: true });
        output.data({ scheduleId, from, until }, () =>
          joinText([
            `Backfill of schedule ${scheduleId} requested.`,
            withCommands('Its plans', describeCommand(scheduleId)),
          ]),
        );
        return 0;
      },
    ),
  );
}

async function checkBackfill({ from, until }: BackfillOptions): Promise<void> {
  const { checkRange } = await import('../../client/schedules/create.js');
  checkRange(from, until);
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
  const plans =
    firings === null
      ? 'a maintenance for each firing'
      : `${firings} maintenance run(s), one after another,`;
  return (
    `Schedule ${scheduleId} starts ${plans} for ${from} until ${until}. ` +
    'A maintenance whose window is over sends nothing.'
  );
}

/** `schedule delete SCHEDULE`. */
export function addDeleteCommand(group: Command, cli: Cli): void {
  const command = scheduleCommand(
    group,
    'delete',
    'delete a schedule; an open maintenance of it goes on',
  );
  withQueueOptions(command.option('--yes', YES_HELP)).action(
    (scheduleId: string, options: QueueOptions & YesOption) =>
      runWithOperator(
        cli,
        options,
        () => checkSchedule(scheduleId),
        async ({ schedules }, output) => {
          const effect = `Schedule ${scheduleId} and its history of firings are deleted. A maintenance that is already running continues.`;
          await confirmAction(cli.io, effect, 'Delete it?', options);
          await schedules.delete(scheduleId);
          output.data({ scheduleId, deleted: true }, () => `Schedule ${scheduleId} is deleted.`);
          return 0;
        },
      ),
  );
}

function describeCommand(scheduleId: string): string {
  return command(['schedule', 'describe', scheduleId]);
}

function scheduleCommand(group: Command, name: string, description: string): Command {
  return group.command(name).description(description).argument('<schedule>', 'id of the schedule');
}
