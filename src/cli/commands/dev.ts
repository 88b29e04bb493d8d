import { once } from 'node:events';

import type { Command } from 'commander';

import { DEFAULT_TIMING } from '../../contract/index.js';
import type { InstanceRef } from '../../contract/index.js';
import type { LocalStack } from '../../dev/stack.js';
import {
  command,
  joinText,
  planCommand,
  shellWord,
  switchCommand,
  withCommands,
} from '../../domain/commands.js';
import { maintenanceLine } from '../../domain/maintenance/commands.js';
import type { FaultSpec } from '../../simulator/index.js';

import type { Cli } from '../context.js';
import { runDemo } from '../demo.js';
import { InterruptedError } from '../errors.js';
import { fields } from '../format/page.js';
import type { Page } from '../format/page.js';
import { table } from '../format/table.js';
import { withOutputOptions } from '../output.js';
import type { Output, OutputOptions } from '../output.js';
import { parseCount, parsePort } from '../options.js';
import { readFaults } from './simulator.js';

interface Options extends OutputOptions {
  readonly demo?: boolean;
  readonly keep?: boolean;
  readonly verbose?: boolean;
  readonly redis: boolean;
  readonly temporalPort?: number;
  readonly uiPort?: number;
  readonly simulatorPort?: number;
  readonly instances: number;
  /** Path of a file of faults. */
  readonly faults?: string;
}

/** `dev`: Temporal with its UI, simulator, Redis and worker on this machine. */
export function addDevCommand(program: Command, cli: Cli): void {
  const command = program
    .command('dev')
    .description('start Temporal with its UI, the simulator, Redis and a worker on this machine')
    .option('--demo', 'run one switchover, show its result, and end')
    .option('--keep', 'with --demo: leave everything up until Ctrl-C')
    .option('--instances <count>', 'how many instances the simulator has', parseCount, 1)
    .option('--faults <path>', 'JSON file with faults of the simulator')
    .option('--no-redis', 'keep the roles in memory, without Redis')
    .option(
      '--temporal-port <number>',
      'port of the Temporal server (default: a free one)',
      parsePort,
    )
    .option('--ui-port <number>', 'port of its Web UI (default: a free one)', parsePort)
    .option('--simulator-port <number>', 'port of the simulator (default: a free one)', parsePort)
    .option('--verbose', 'show the worker’s log');
  withOutputOptions(command).action((options: Options) =>
    cli.run(
      options,
      () => readFaults(options),
      (output, faults) => develop(cli, output, options, faults),
    ),
  );
}

async function develop(
  cli: Cli,
  output: Output,
  options: Options,
  faults: readonly FaultSpec[],
): Promise<number> {
  const { io } = cli;
  const stop = new AbortController();
  const release = io.onInterrupt(() => {
    stop.abort(new InterruptedError('Interrupted; everything that was started is stopped.'));
  });
  try {
    output.note('Starting Temporal, simulator, Redis and worker …');
    const stack = await start(cli, output, { ...options, faults }, stop.signal);
    try {
      return await use(cli, output, options, stack, stop.signal);
    } finally {
      output.note('Stopping everything that was started …');
      await stack.close();
    }
  } catch (error) {
    // Whatever else broke when it was interrupted, that it was is what matters.
    stop.signal.throwIfAborted();
    throw error;
  } finally {
    release();
  }
}

async function start(
  { io }: Cli,
  output: Output,
  options: Omit<Options, 'faults'> & { readonly faults: readonly FaultSpec[] },
  signal: AbortSignal,
): Promise<LocalStack> {
  const { startLocalStack } = await import('../../dev/stack.js');
  const { faults, temporalPort, uiPort, simulatorPort } = options;
  const stack = await startLocalStack({
    env: io.env,
    signal,
    redis: options.redis,
    temporal: {
      ui: true,
      ...(temporalPort === undefined ? {} : { port: temporalPort }),
      ...(uiPort === undefined ? {} : { uiPort }),
    },
    simulator: {
      instances: Array.from({ length: options.instances }, () => ({})),
      ...(simulatorPort === undefined ? {} : { port: simulatorPort }),
    },
  });
  try {
    for (const fault of faults) stack.simulator.faults.add(fault);
    if (stack.redisSource === null) output.note('No Redis: the roles are kept in memory.');
    await stack.startWorker(
      {},
      options.verbose === true
        ? (line) => {
            output.note(line);
          }
        : undefined,
    );
    signal.throwIfAborted();
    return stack;
  } catch (error) {
    await stack.close();
    throw error;
  }
}

async function use(
  cli: Cli,
  output: Output,
  options: Options,
  stack: LocalStack,
  signal: AbortSignal,
): Promise<number> {
  output.note(describeStack(stack));
  const exitCode = options.demo === true ? await runDemo(cli, output, stack) : 0;
  if (options.demo === true && options.keep !== true) return exitCode;
  output.note('Everything stays up until Ctrl-C.');
  if (!signal.aborted) await once(signal, 'abort');
  return exitCode;
}

/** For a window that is still open when someone has read this and typed. */
function inAnHour(): string {
  return new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+/, '');
}

/** Commands to try first. A second try right after the first is what a place to play is for. */
function firstCommands({ projectId, instanceId }: InstanceRef): string[] {
  const timing = { ...DEFAULT_TIMING, coolDownSeconds: 0 };
  const target = { projectId, instanceId, toggle: true, timing };
  return [planCommand(target), switchCommand(target)];
}

function firstMaintenance(projectId: string): string {
  return command(
    ['maintenance', 'start', 'try-1'],
    { projectId },
    {
      name: '*',
      toggle: true,
      'require-approval': true,
      timing: 'coolDownSeconds=0',
      'closes-at': inAnHour(),
    },
  );
}

const ORIGINS: Readonly<Record<string, string>> = {
  PATH: 'found on PATH',
  cache: 'fetched at an earlier start',
  'sdk-download': 'downloaded by the SDK',
};

/** Where a part of the stack came from. */
function originOf(source: string): string {
  return (
    ORIGINS[source] ??
    (source.startsWith('pypi') ? `installed from ${source}` : `as ${source} says`)
  );
}

function describeStack({ temporal, simulator, redisSource, settings }: LocalStack): Page {
  const { instances, projectId } = simulator;
  const instanceId = instances[0]?.instanceId ?? 'INSTANCE';
  const exports = (values: Readonly<Record<string, string>>): string[] =>
    Object.entries(values).map(([name, value]) => `export ${name}=${shellWord(value)}`);
  return [
    fields(
      ['Temporal', `${temporal.address} (${originOf(temporal.source)})`],
      ['Web UI', temporal.uiUrl ?? 'that of your own server'],
      ['DCS API', `${simulator.endpoint} (simulated)`],
      [
        'Redis',
        redisSource === null
          ? 'none: the roles are kept in memory'
          : `a server per node (${originOf(redisSource)})`,
      ],
    ),
    table(
      [
        { title: 'INSTANCE', rank: 0, cell: ({ instanceId }) => instanceId },
        { title: 'NAME', rank: 1, min: 8, cell: ({ name }) => name },
        { title: 'REDIS', rank: 2, cell: ({ address }) => address ?? '-' },
      ],
      instances,
    ),
    withCommands(
      'To use it from another terminal',
      ...exports(settings),
      ...firstCommands({ projectId, instanceId }),
    ),
    joinText([
      'A maintenance of all instances, in a window that is open for the next hour; it waits for your approval.',
      withCommands('Start it', firstMaintenance(projectId)),
      withCommands(
        'Approve it from one more terminal',
        maintenanceLine({ verb: 'approve', name: 'try-1' }),
      ),
    ]),
    withCommands(
      'For inspect and doctor as well (keys generated at this start, worth nothing elsewhere)',
      ...exports({
        HUAWEICLOUD_SDK_AK: simulator.accessKey,
        HUAWEICLOUD_SDK_SK: simulator.secretKey,
        DCS_REGION: simulator.region,
        DCS_ENDPOINT: simulator.endpoint,
      }),
      command(['doctor'], {}, { instance: instanceId }),
    ),
  ];
}
