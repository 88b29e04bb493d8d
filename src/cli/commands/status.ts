import type { Command } from 'commander';

import type { RunRef, RunStatus, SwitchoverClient } from '../../client.js';
import { EXIT_CODES, EXIT_CODE_BY_OUTCOME } from '../../contract/index.js';
import type { Cli } from '../context.js';
import { DetachedError } from '../errors.js';
import { detachedText, phaseLine } from '../follow.js';
import { formatStatus } from '../format/run.js';
import { actOnRun } from '../options.js';
import { watch, withWatchOptions } from '../watch.js';
import type { Watched } from '../watch.js';

/** `status INSTANCE`: where a run stands; works without a worker. */
export function addStatusCommand(program: Command, cli: Cli): void {
  const command = program
    .command('status')
    .description('show where a run stands; works without a worker');
  actOnRun(cli, withWatchOptions(command), async (client, output, ref, options) =>
    options.watch === true
      ? watch(cli.io, output, toWatched(client, ref), options)
      : output.data(await client.status(ref), formatStatus),
  );
}

/** The run that is found first, to its end: with the exit code of how it ended. */
function toWatched(client: Pick<SwitchoverClient, 'status'>, asked: RunRef): Watched<RunStatus> {
  let ref = asked;
  return {
    look: async () => {
      const status = await client.status(ref);
      ref = { ...ref, runId: status.runId };
      return status;
    },
    countRows: () => 0,
    toPage: formatStatus,
    toLines: (before, now) => (before?.phase === now.phase ? [] : [lineOf(now)]),
    endOf: ({ closedAt, outcome }) => {
      if (closedAt === null) return null;
      return outcome === undefined ? EXIT_CODES.cancelled : EXIT_CODE_BY_OUTCOME[outcome];
    },
    stopped: () => {
      throw new DetachedError(detachedText({ ...ref, runId: ref.runId ?? '' }));
    },
  };
}

function lineOf(status: RunStatus): string {
  const { closedAt, outcome, execution, next } = status;
  return closedAt === null ? phaseLine(status) : `${closedAt} ${outcome ?? execution}: ${next}`;
}
