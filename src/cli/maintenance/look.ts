import type { Command } from 'commander';

import type {
  MaintenanceClient,
  MaintenanceList,
  MaintenanceRef,
  SwitchoverClient,
} from '../../client.js';
import type { MaintenanceProgress } from '../../contract/index.js';

import { printAudit, secretsOf } from '../commands/audit.js';
import type { Cli } from '../context.js';
import { DetachedError } from '../errors.js';
import { describeMaintenanceChanges, formatMaintenanceList } from '../format/lists.js';
import { formatMaintenanceProgress } from '../format/maintenance-result.js';
import { runConnected, withQueueOptions, withRecentOptions } from '../options.js';
import type { QueueOptions, RecentOptions, WaitOptions, WatchOptions } from '../options.js';
import type { Output, OutputFormat } from '../output.js';
import { prepareReport, REPORT_FORMS, withReportOption } from '../report/write.js';
import type { ReportOption } from '../report/write.js';
import { showList, watch, withWatchOptions } from '../watch.js';
import type { List, Watched } from '../watch.js';
import {
  detachedText,
  exitCodeOf,
  followMaintenance,
  printMaintenanceReport,
  printMaintenanceResult,
} from './follow.js';
import { describeChanges } from './live.js';
import {
  maintenanceName,
  readMaintenanceRef,
  withMaintenancePick,
  withMaintenanceWaitOptions,
} from './ref.js';
import type { MaintenancePick } from './ref.js';
import { readNow } from './resolved.js';

type Options = QueueOptions & MaintenancePick & WaitOptions & WatchOptions & ReportOption;

/** `maintenance progress MAINTENANCE`: where a maintenance stands. */
export function addProgressCommand(group: Command, cli: Cli): void {
  const command = group
    .command('progress')
    .description('show where a maintenance stands; needs a worker');
  look(cli, withWatchOptions(command), async (client, output, ref, options) => {
    const watched = toWatched(client, ref);
    if (options.watch === true)
      return watch(cli.io, output, { ...watched, look: () => lookToEnd(client, ref) }, options);
    return output.data(await watched.look(), (progress) =>
      watched.toPage(progress, Date.now(), Infinity),
    );
  });
}

/** One that has ended without a result has no exit code of its own: the error says how it ended. */
async function lookToEnd(
  client: Pick<MaintenanceClient, 'progress' | 'result'>,
  ref: MaintenanceRef,
): Promise<MaintenanceProgress> {
  const progress = await client.progress(ref);
  const hasNoResult = progress.phase === 'ENDED' && progress.outcome === null;
  if (hasNoResult) await client.result(ref, { timeoutMs: 0 });
  return progress;
}

/** A maintenance to its end: with the exit code of how it ended. */
function toWatched(
  client: Pick<MaintenanceClient, 'progress'>,
  ref: MaintenanceRef,
): Watched<MaintenanceProgress> {
  const source = { name: maintenanceName(ref), taskQueue: ref.taskQueue };
  return {
    look: () => client.progress(ref),
    countRows: ({ items }) => items.length,
    toPage: (progress, nowMs, maxRows) =>
      formatMaintenanceProgress(progress, source, nowMs, maxRows),
    toLines: describeChanges,
    endOf: ({ outcome, counts }) => (outcome === null ? null : exitCodeOf({ outcome, counts })),
    stopped: () => {
      throw new DetachedError(detachedText(ref));
    },
  };
}

/** `maintenance list`: open and recent maintenance runs; works without a worker. */
export function addMaintenanceListCommand(group: Command, cli: Cli): void {
  const command = group
    .command('list')
    .description('list open and recent maintenance runs, the latest first; works without a worker');
  withQueueOptions(withWatchOptions(withRecentOptions(command))).action((options: ListOptions) =>
    runConnected(
      cli,
      options,
      () => ({ since: options.since, limit: options.limit }),
      async ({ maintenance }, output, asked) =>
        showList(cli.io, output, { ...LIST, look: () => maintenance.list(asked) }, options),
    ),
  );
}

type ListOptions = QueueOptions & RecentOptions & WatchOptions;

const LIST: Omit<List<MaintenanceList>, 'look'> = {
  countRows: ({ maintenances }) => maintenances.length,
  toPage: formatMaintenanceList,
  toLines: describeMaintenanceChanges,
};

/** `maintenance wait MAINTENANCE`: follows a maintenance to its end. */
export function addMaintenanceWaitCommand(group: Command, cli: Cli): void {
  const command = group
    .command('wait')
    .description('follow a maintenance to its end and print how it ended');
  look(cli, withMaintenanceWaitOptions(command), async (client, output, ref, options, runs) => {
    const chosen = await client.find(ref);
    const pinned = { ...options, startedRunId: chosen.runId };
    const result = await followMaintenance(cli.io, output, client, ref, pinned);
    return printMaintenanceResult(output, chosen, result, {
      ...options,
      now: await readNow(runs, result),
    });
  });
}

/** One that was asked to end may need this long, in milliseconds. */
const ENDING_MS = 5_000;

/** `maintenance report MAINTENANCE`: the report of an ended maintenance. */
export function addReportCommand(group: Command, cli: Cli): void {
  const command = group
    .command('report')
    .description(
      'print the report of an ended maintenance, for a change ticket, or write it; works without a worker',
    );
  const act: Act = async (client, output, ref, options, runs) => {
    const chosen = await client.find(ref);
    // Asked again, because only a look says of one that is open how to wait for it.
    const result = await client
      .result(chosen, { timeoutMs: ENDING_MS })
      .catch(() => client.result(chosen, { timeoutMs: 0 }));
    return printMaintenanceReport(output, chosen, result, {
      ...options,
      now: await readNow(runs, result),
    });
  };
  look(cli, withReportOption(command), act, REPORT_FORMS);
}

/** `maintenance audit MAINTENANCE`: whether each of its runs did what every maintenance must do. */
export function addMaintenanceAuditCommand(group: Command, cli: Cli): void {
  const command = group
    .command('audit')
    .description(
      'check by its history whether a maintenance kept every promise; works without a worker',
    );
  look(cli, command, async (client, output, ref) =>
    printAudit(output, await client.audit(ref, { secrets: await secretsOf(cli.io.env) })),
  );
}

type Act = (
  client: MaintenanceClient,
  output: Output,
  ref: MaintenanceRef,
  options: Options,
  runs: SwitchoverClient,
) => Promise<number>;

/** Makes it a command about the maintenance that its argument and options pick, once a report can be written. */
function look(cli: Cli, command: Command, act: Act, formats?: readonly OutputFormat[]): void {
  command.argument('<maintenance>', 'id of the maintenance');
  withQueueOptions(withMaintenancePick(command), formats).action(
    (chosen: string, options: Options) => {
      const read = async (): Promise<MaintenanceRef> => {
        const ref = await readMaintenanceRef(chosen, options);
        await prepareReport(options);
        return ref;
      };
      return runConnected(cli, options, read, ({ maintenance, switchover }, output, ref) =>
        act(maintenance, output, ref, options, switchover),
      );
    },
  );
}
