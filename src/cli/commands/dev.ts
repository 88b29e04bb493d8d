import { once } from 'node:events';

import type { Command } from 'commander';

import type { LocalStack } from '../../dev/stack.js';

import type { Cli } from '../context.js';
import { runDemo } from '../demo.js';
import { InterruptedError } from '../errors.js';
import { readFaults, withFaultOptions } from '../faults.js';
import type { FaultOptions, GivenFaults } from '../faults.js';
import type { CliIo } from '../io.js';
import { withOutputOptions } from '../output.js';
import type { Output, OutputOptions } from '../output.js';
import { parseInstanceCount, parsePort } from '../options.js';
import { describeStack, firstCommands, writeEnvFile } from '../playground.js';
import { showWaiting, showWhile } from '../waiting.js';

interface Options extends OutputOptions, FaultOptions {
  readonly demo?: boolean;
  readonly keep?: boolean;
  readonly verbose?: boolean;
  readonly redis: boolean;
  readonly temporalPort?: number;
  readonly uiPort?: number;
  readonly simulatorPort?: number;
  readonly instances?: number;
}

/** One of each mode. */
const USUAL_INSTANCES = 4;

/** A Redis server per node: more of them would only keep a machine busy. */
const MAX_WITH_REDIS = 20;

/** `dev`: Temporal with its UI, simulator, Redis and worker on this machine. */
export function addDevCommand(program: Command, cli: Cli): void {
  const command = program
    .command('dev')
    .description(
      'start Temporal with its UI, the simulator, Redis and a worker on this machine, to play with',
    )
    .option('--demo', 'run one switchover, show its result, and end')
    .option('--keep', 'with --demo: leave everything up until Ctrl-C')
    .option(
      '--instances <count>',
      `how many instances (default: ${USUAL_INSTANCES}; more than ${MAX_WITH_REDIS} are without Redis)`,
      parseInstanceCount,
    );
  withFaultOptions(command)
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
  faults: GivenFaults,
): Promise<number> {
  const { io } = cli;
  const stop = new AbortController();
  const release = io.onInterrupt(() => {
    stop.abort(new InterruptedError('Interrupted; everything that was started is stopped.'));
  });
  try {
    output.note('Starting Temporal, simulator, Redis and worker …');
    const stack = await start(cli, output, options, faults, stop.signal);
    try {
      return await use(cli, output, options, faults, stack, stop.signal);
    } finally {
      output.note('Stopping everything that was started …');
      await showWhile(io, 'Stopping', () => stack.close());
    }
  } catch (error) {
    // Whatever else broke when it was interrupted, that it was is what matters.
    stop.signal.throwIfAborted();
    throw error;
  } finally {
    release();
  }
}

/** A demo that ends by itself needs no other instance than its own. */
function countInstances({ instances, demo = false, keep = false }: Options): number {
  return instances ?? (demo && !keep ? 1 : USUAL_INSTANCES);
}

async function start(
  { io }: Cli,
  output: Output,
  options: Options,
  { faults, combined }: GivenFaults,
  signal: AbortSignal,
): Promise<LocalStack> {
  const { startLocalStack } = await import('../../dev/stack.js');
  const { playgroundInstances, REGION } = await import('../../dev/instances.js');
  const { temporalPort, uiPort, simulatorPort } = options;
  const count = countInstances(options);
  const waiting = showWaiting(io);
  const stack = await startLocalStack({
    env: io.env,
    signal,
    redis: options.redis && count <= MAX_WITH_REDIS,
    onStep: waiting.step,
    temporal: {
      ui: true,
      ...(temporalPort === undefined ? {} : { port: temporalPort }),
      ...(uiPort === undefined ? {} : { uiPort }),
    },
    simulator: {
      ...combined,
      ...{ region: REGION, instances: playgroundInstances(count) },
      ...(simulatorPort === undefined ? {} : { port: simulatorPort }),
    },
  }).finally(waiting.end);
  try {
    for (const fault of faults) stack.simulator.faults.add(fault);
    if (stack.redisSource === null) output.note('No Redis: the roles are kept in memory.');
    await startWorker(io, output, options, stack);
    signal.throwIfAborted();
    return stack;
  } catch (error) {
    await stack.close();
    throw error;
  }
}

async function startWorker(
  io: CliIo,
  output: Output,
  { verbose = false }: Options,
  stack: LocalStack,
): Promise<void> {
  // Its log says more than that it is being waited for.
  if (verbose)
    await stack.startWorker({}, (line) => {
      output.note(line);
    });
  else await showWhile(io, 'Starting the worker', () => stack.startWorker());
}

async function use(
  cli: Cli,
  output: Output,
  { demo = false, keep = false }: Options,
  { names }: GivenFaults,
  stack: LocalStack,
  signal: AbortSignal,
): Promise<number> {
  const isKept = keep || !demo;
  const envFile = await writeEnvFile(stack);
  output.note(describeStack(stack, names));
  output.note('');
  const exitCode = demo ? await runDemo(cli, output, stack, { isKept }) : 0;
  if (!isKept) {
    output.note(
      'With --keep it stays up, to be looked at in its Web UI and tried from a terminal.',
    );
    return exitCode;
  }
  if (demo) output.note('');
  output.note([...firstCommands(stack, envFile), 'Everything stays up until Ctrl-C.']);
  if (!signal.aborted) await once(signal, 'abort');
  return exitCode;
}
