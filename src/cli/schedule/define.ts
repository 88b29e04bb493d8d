import type { Command } from 'commander';

import type { Cli } from '../context.js';
import { UsageError } from '../cli-errors.js';
import { formatEnsured, formatFirings } from '../format/schedules.js';
import { withPlanOptions } from '../maintenance/plan-options.js';
import { parseCount, withRunOptions } from '../options.js';
import type { RunOptions } from '../options.js';
import { readSchedule } from './read-schedule.js';
import type { ScheduleAsk } from './read-schedule.js';
import { withScheduleOptions } from './schedule-options.js';
import { withOperator } from '../with-client.js';

type Options = ScheduleAsk & RunOptions;
type PreviewOptions = Options & { readonly count: number; readonly from?: string };

/** Firings that `preview` shows unless told otherwise. */
const DEFAULT_COUNT = 10;

/** `schedule ensure [SCHEDULE]`: creates or updates a schedule. */
export function addEnsureCommand(group: Command, cli: Cli): void {
  const command = group
    .command('ensure')
    .description('create a schedule, or change it to this; a pause and its note stay')
    .argument('[schedule]', 'id: 1 to 64 of a-z 0-9 . _ - (default: of the file)');
  withRunOptions(withPlanOptions(withScheduleOptions(command))).action(
    (id: string | undefined, options: Options) =>
      cli.run(options, async (output) => {
        const input = await readSchedule(cli.io, id, options);
        // By calculation, so that a mistake is told before anything is opened.
        await cli.previewSchedule(input, { count: 1 });
        const ensured = await withOperator(cli, options, (client) =>
          client.schedules.ensure(input),
        );
        output.data(ensured, () => formatEnsured(ensured));
        return 0;
      }),
  );
}

/** `schedule preview [SCHEDULE]`: the firings to come, before anything is created. */
export function addPreviewCommand(group: Command, cli: Cli): void {
  const command = group
    .command('preview')
    .description(
      'show the next firings, local and UTC, by calculation; of an existing schedule where only its id is given',
    )
    .argument('[schedule]', 'id: 1 to 64 of a-z 0-9 . _ -')
    .option('--count <number>', 'how many (default: 10)', parseCount, DEFAULT_COUNT)
    .option('--from <instant>', 'from then on: RFC 3339 with zone (default: now)');
  withRunOptions(withPlanOptions(withScheduleOptions(command))).action(
    (id: string | undefined, options: PreviewOptions) =>
      cli.run(options, async (output) => {
        const fromMs = parseFrom(options.from);
        const input = isExisting(id, options)
          ? await withOperator(
              cli,
              options,
              async ({ schedules }) => (await schedules.describe(id)).input,
            )
          : await readSchedule(cli.io, id, options);
        const firings = await cli.previewSchedule(input, {
          count: options.count,
          ...(fromMs === undefined ? {} : { fromMs }),
        });
        output.data(firings, () => formatFirings(firings));
        return 0;
      }),
  );
}

/** Options of `preview` that say nothing about the schedule itself. */
const ASIDE: readonly string[] = ['count', 'from', 'project', 'taskQueue', 'json'];

/** Whether nothing but an id is given, so that the schedule in Temporal is meant. */
function isExisting(id: string | undefined, options: PreviewOptions): id is string {
  return id !== undefined && Object.keys(options).every((name) => ASIDE.includes(name));
}

function parseFrom(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = Date.parse(text);
  if (/T.*(?:Z|[+-]\d{2}:\d{2})$/i.test(text) && Number.isFinite(ms)) return ms;
  throw new UsageError('--from: give an instant with zone, such as 2026-12-05T00:00:00Z.');
}
