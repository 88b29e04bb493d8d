import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';

import type { FreezeReport } from '../../client.js';
import { EXIT_CODES } from '../../contract/index.js';
import { describeFreeze } from '../../domain/freeze.js';

import { confirmAction, YES_HELP } from '../confirm.js';
import type { YesOption } from '../confirm.js';
import type { Cli } from '../context.js';
import { UsageError } from '../errors.js';
import { formatFrozen, formatThawed } from '../format/schedules.js';
import type { Output } from '../io.js';
import { readRequester, withOperator, withQueueOptions } from '../options.js';
import type { QueueOptions, RequesterOption } from '../options.js';

interface FreezeOptions extends QueueOptions, YesOption, RequesterOption {
  readonly until?: string;
  /** Milliseconds. */
  readonly for?: number;
  readonly reason?: string;
  readonly show?: boolean;
}

/** `freeze`: no forward PUT leaves, and no schedule fires, until then. */
export function addFreezeCommand(program: Command, cli: Cli): void {
  const command = program
    .command('freeze')
    .description(
      'stop every switchover of the namespace that has not sent its PUT, and all schedules',
    )
    .option('--until <instant>', 'RFC 3339 with zone')
    .option('--for <time>', 'or for this long: 90m, 8h, 2d', parseSpan)
    .option('--reason <text>', 'reason, shown with every refusal')
    .option('--by <name>', 'your name (default: your user name)')
    .option('--show', 'show the freeze in force, change nothing')
    .option('--yes', YES_HELP);
  withQueueOptions(command).action((options: FreezeOptions) =>
    cli.run(options, (output) =>
      options.show === true ? show(cli, output, options) : freeze(cli, output, options),
    ),
  );
}

async function freeze(cli: Cli, output: Output, options: FreezeOptions): Promise<number> {
  const until = readUntil(options);
  const { reason } = options;
  if (reason === undefined) throw new UsageError('Say why: --reason.');
  const by = readRequester(cli.io, options);
  return withOperator(cli, options, async ({ freezes, address, namespace }) => {
    const effect =
      `Until ${until} no switchover starts in namespace ${namespace} of ${address}, ` +
      'and no schedule of maintenance runs fires.';
    await confirmAction(cli.io, effect, 'Freeze?', options);
    output.note('Freezing; this takes a few seconds …');
    return printReport(output, await freezes.start({ until, reason, by }), formatFrozen);
  });
}

async function show(cli: Cli, output: Output, options: QueueOptions): Promise<number> {
  const current = await withOperator(cli, options, (client) => client.freezes.current());
  output.data({ freeze: current }, () =>
    current === null ? 'Not frozen.' : describeFreeze(current),
  );
  return EXIT_CODES.success;
}

/** `thaw`: ends the freeze. */
export function addThawCommand(program: Command, cli: Cli): void {
  const command = program
    .command('thaw')
    .description('end the freeze, and resume the schedules that it paused')
    .option('--by <name>', 'your name (default: your user name)');
  withQueueOptions(command).action((options: QueueOptions & RequesterOption) =>
    cli.run(options, async (output) => {
      const by = readRequester(cli.io, options);
      return withOperator(cli, options, async ({ freezes }) =>
        printReport(output, await freezes.thaw({ by }), formatThawed),
      );
    }),
  );
}

/** A schedule that could not be changed is what a person must not overlook. */
function printReport(
  output: Output,
  report: FreezeReport,
  format: (report: FreezeReport) => string,
): number {
  output.data(report, () => format(report));
  return report.failed.length === 0 ? EXIT_CODES.success : EXIT_CODES.other;
}

function readUntil({ until, for: forMs }: FreezeOptions): string {
  if (until !== undefined && forMs === undefined) return until;
  if (until === undefined && forMs !== undefined)
    return new Date(Date.now() + forMs).toISOString().replace(/\.\d+/, '');
  throw new UsageError('Say until when: --until INSTANT or --for TIME, such as --for 8h.');
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Argument parser: `90m`, `8h`, `2d`, in milliseconds. */
function parseSpan(text: string): number {
  const [, count = '', unit = ''] = /^([1-9]\d{0,4})([mhd])$/.exec(text) ?? [];
  const factor = UNITS[unit];
  if (factor === undefined) throw new InvalidArgumentError('Write it like 90m, 8h or 2d.');
  return Number(count) * factor;
}
