import type { Command } from 'commander';

import type { RunEntry, UnresolvedRun } from '../../client.js';
import type { InstanceRef } from '../../contract/index.js';
import type { ProjectInstance } from '../../doctor/index.js';
import { command, withCommands } from '../../domain/commands.js';
import { withClient } from '../context.js';
import type { Cli } from '../context.js';
import { UsageError } from '../errors.js';
import { formatInstances } from '../format/instances.js';
import type { ListedInstance } from '../format/instances.js';
import { withQueueOptions } from '../options.js';
import type { QueueOptions, RunOptions } from '../options.js';
import type { Output } from '../output.js';
import { messageOf } from '../../util.js';
import { waitFor } from '../waiting.js';

/** So many of the latest runs of the project say what is under way and what came last. */
const MAX_RUNS = 200;

const HELP = `
Reads with the credential of a worker’s environment; sends nothing.

ALLOWED is "no" by the rules of this environment, "no: CHECK" where that check
of a switchover would refuse it by what is known here, "by tags" where tags
decide and are not shown. "rules only": the rules allow it, but the list does
not show its mode. What looks at that, and at the rest:
  ${command(['plan', 'INSTANCE'])}`;

/** What leads on where the API cannot be asked. */
const WITHOUT_KEY = withCommands(
  'The list comes from the API, by a key of yours. Without one, see what ran',
  command(['list']),
);

/** `instances`: the instances of a project as the API lists them, with what Temporal knows of each. */
export function addInstancesCommand(program: Command, cli: Cli): void {
  const instances = program
    .command('instances')
    .description('list the instances of a project: name, id, mode, AZ of the master, last outcome')
    .option('--project <id>', 'this project (default: the only configured one)');
  withQueueOptions(instances)
    .addHelpText('after', HELP)
    .action((options: RunOptions) =>
      cli.run(
        options,
        () => undefined,
        (output) => list(cli, output, options),
      ),
    );
}

async function list(cli: Cli, output: Output, options: RunOptions): Promise<number> {
  const { instances, ...report } = await readInstances(cli, options);
  const runs = await readRuns(cli, output, report.projectId, options);
  const listed = instances?.map((each) => withRuns(each, runs)) ?? null;
  output.data({ ...report, instances: listed }, () =>
    listed === null ? 'The instances could not be read.' : formatInstances(listed),
  );
  for (const problem of report.problems) output.note(problem);
  if (listed === null) output.note(WITHOUT_KEY);
  return report.exitCode;
}

/** @throws UsageError that leads on where this environment has no key */
async function readInstances({ io }: Cli, { project }: RunOptions) {
  const { listProjectInstances } = await import('../../doctor/index.js');
  try {
    return await waitFor(io, 'Asking DCS', () =>
      listProjectInstances({ env: io.env, projectId: project ?? null }),
    );
  } catch (error) {
    // By its name: whoever lists nothing does not load what reads settings.
    if (!(error instanceof Error && error.name === 'ConfigurationError')) throw error;
    throw new UsageError(`${error.message}\n${WITHOUT_KEY}`);
  }
}

/** What Temporal knows of a project. */
interface KnownRuns {
  readonly runs: readonly RunEntry[];
  readonly unresolved: readonly UnresolvedRun[];
}

/** None where Temporal does not answer: what the API lists is shown all the same. */
async function readRuns(
  cli: Cli,
  output: Output,
  projectId: string,
  options: QueueOptions,
): Promise<KnownRuns | null> {
  try {
    return await withClient(cli, options, async ({ switchover }) => {
      const [{ runs }, unresolved] = await Promise.all([
        switchover.list({ projectId, limit: MAX_RUNS }),
        switchover.unresolved({ projectId }),
      ]);
      return { runs, unresolved };
    });
  } catch (error) {
    const why = messageOf(error);
    output.note(`What runs and ran is not known: ${why}`);
    return null;
  }
}

function withRuns(instance: ProjectInstance, known: KnownRuns | null): ListedInstance {
  const { runs = [], unresolved = [] } = known ?? {};
  const isOwn = ({ instanceId }: InstanceRef): boolean => instanceId === instance.instanceId;
  const own = runs.filter((run) => isOwn(run) && run.mode !== 'plan');
  const open = own.find(({ phase }) => phase !== null);
  const last = own.find(({ mode, outcome }) => mode === 'switch' && outcome !== null);
  return {
    ...instance,
    refusedNow: [...instance.refusedNow, ...refusalsOf(open, unresolved.find(isOwn))],
    run: open === undefined ? null : { phase: open.phase, maintenanceId: open.maintenanceId },
    lastOutcome: last?.outcome ?? null,
    lastAt: last?.startedAt ?? null,
    ...(last?.resolved === undefined ? {} : { resolved: last.resolved }),
  };
}

/** How our own runs stand in the way. */
function refusalsOf(
  open: RunEntry | undefined,
  unresolved: UnresolvedRun | undefined,
): ProjectInstance['refusedNow'] {
  if (open !== undefined) return [{ id: 'no-open-run', observed: `run ${open.runId} is open` }];
  if (unresolved === undefined) return [];
  const { runId, state } = unresolved;
  return [{ id: 'previous-run-resolved', observed: `run ${runId} ended ${state}` }];
}
