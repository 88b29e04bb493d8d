import type { Command } from 'commander';

import type { FreezeReport } from '../../client.js';
import { EXIT_CODES } from '../../contract/index.js';
import type { Freeze } from '../../contract/index.js';

import type { Cli } from '../context.js';
import { UsageError } from '../errors.js';
import { formatFreeze, formatFrozen, formatThawed } from '../format/schedules.js';
import { YES_HELP, confirmAction } from '../io.js';
import type { YesOption } from '../io.js';
import { gather } from '../mistakes.js';
import {
  findRequester,
  parseSpan,
  readFreeze,
  readMessage,
  runConnected,
  withQueueOptions,
} from '../options.js';
import type { QueueOptions, RequesterOption } from '../options.js';
import type { Output } from '../output.js';

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
    options.show === true ? show(cli, options) : freeze(cli, options),
  );
}

function freeze(cli: Cli, options: FreezeOptions): Promise<void> {
  const read = async (): Promise<Freeze> => {
    const { reason } = options;
    const asked = { until: untilOf(options), reason, by: findRequester(cli.io, options) };
    const [, freeze] = await gather(
      () => {
        checkEnd(options);
      },
      () => readFreeze(asked),
    );
    return freeze;
  };
  return runConnected(cli, options, read, async (client, output, asked) => {
    const { freezes, address, namespace } = client;
    const effect =
      `Until ${asked.until} no switchover starts in namespace ${namespace} of ${address}, ` +
      'and no schedule of maintenance runs fires.';
    await confirmAction(cli.io, effect, 'Freeze?', options);
    output.note('Freezing; this takes a few seconds …');
    return printReport(output, await freezes.start(asked), (report) =>
      formatFrozen(report, options),
    );
  });
}

function show(cli: Cli, options: QueueOptions): Promise<void> {
  const read = (): undefined => undefined;
  return runConnected(cli, options, read, async ({ freezes }, output) => {
    return output.data({ freeze: await freezes.current() }, (current) =>
      formatFreeze(current.freeze, options),
    );
  });
}

/** `thaw`: ends the freeze. */
export function addThawCommand(program: Command, cli: Cli): void {
  const command = program
    .command('thaw')
    .description('end the freeze, and resume the schedules that it paused')
    .option('--by <name>', 'your name (default: your user name)');
  withQueueOptions(command).action((options: QueueOptions & RequesterOption) =>
    runConnected(
      cli,
      options,
      () => readMessage(cli.io, 'thaw', options),
      async ({ freezes }, output, { by }) =>
        printReport(output, await freezes.thaw({ by }), formatThawed),
    ),
  );
}

/** A schedule that could not be changed is what a person must not overlook. */
function printReport(
  output: Output,
  report: FreezeReport,
  format: (report: FreezeReport) => string,
): number {
  const exitCode = output.data(report, format);
  return report.failed.length === 0 ? exitCode : EXIT_CODES.other;
}

function checkEnd({ until, for: forMs }: FreezeOptions): void {
  if ((until === undefined) !== (forMs === undefined)) return;
  const message = 'Say until when: --until INSTANT or --for TIME, such as --for 8h.';
  throw new UsageError(message, '--until');
}

function untilOf({ until, for: forMs }: FreezeOptions): string | undefined {
  if (forMs === undefined) return until;
  return new Date(Date.now() + forMs).toISOString().replace(/\.\d+/, '');
}
