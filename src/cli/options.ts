import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';

import type { ConnectedSwitchoverClient, ConnectOptions, RunRef } from '../client.js';
import type { MaintenanceInput, SwitchoverInput } from '../contract/index.js';

import type { Cli, OperatorClient } from './context.js';
import { UsageError } from './errors.js';
import type { CliIo } from './io.js';

/** Options of every command that talks to Temporal. */
export interface QueueOptions {
  readonly taskQueue?: string;
  readonly json?: boolean;
}

/** The same, for what is about one project. */
export interface RunOptions extends QueueOptions {
  readonly project?: string;
}

/** Options that say where the master should go. */
export interface GoalOptions {
  readonly toAz?: string;
  readonly toNode?: string;
  readonly avoidAz?: string;
  readonly expectMaster?: string;
  readonly toggle?: boolean;
}

/** Options of everything that waits. */
export interface WaitOptions {
  /** Seconds. */
  readonly waitTimeout?: number;
}

/** Options that pick one run of an instance. */
export interface PickOptions {
  readonly run?: string;
  readonly plan?: boolean;
}

/** Adds {@link RunOptions}. */
export function withRunOptions(command: Command): Command {
  return withQueueOptions(
    command.option(
      '--project <id>',
      'project of the instance (default: HUAWEICLOUD_SDK_PROJECT_ID)',
    ),
  );
}

/** Adds {@link QueueOptions}. */
export function withQueueOptions(command: Command): Command {
  return command
    .option(
      '--task-queue <name>',
      'queue of the workers (default: DCS_SWITCHOVER_TASK_QUEUE, else dcs-switchover)',
    )
    .option('--json', 'print one line of JSON');
}

/** Adds {@link GoalOptions}. */
export function withGoalOptions(command: Command): Command {
  return command
    .option('--to-az <az>', 'the master shall be in this availability zone')
    .option('--to-node <id>', 'the master shall be this node')
    .option('--avoid-az <az>', 'the master shall not be in this availability zone')
    .option('--expect-master <id>', 'only while this node is the master')
    .option('--toggle', 'swap whatever the roles are; not safe to repeat');
}

/** Adds {@link WaitOptions}. */
export function withWaitOptions(command: Command): Command {
  return command.option(
    '--wait-timeout <seconds>',
    'stop waiting after this long; the run continues (default: 3600)',
    parseSeconds,
  );
}

/** Adds {@link PickOptions}. */
export function withPickOptions(command: Command): Command {
  return command
    .option('--run <id>', 'this run (default: the latest)')
    .option('--plan', 'the runs of the command "plan"');
}

/** The project to work in. @throws UsageError that reports both ways to name it */
function readProject({ env }: CliIo, { project }: RunOptions): string {
  const id = project ?? env['HUAWEICLOUD_SDK_PROJECT_ID'] ?? '';
  if (id !== '') return id;
  throw new UsageError(
    'The project is missing: give --project, or set HUAWEICLOUD_SDK_PROJECT_ID.',
  );
}

/** The same where what is missing is reported together with the other mistakes of an input. */
export function findProject({ env }: CliIo, { project }: RunOptions): string | undefined {
  const id = project ?? env['HUAWEICLOUD_SDK_PROJECT_ID'] ?? '';
  return id === '' ? undefined : id;
}

/** How to connect, from the options. */
function toConnectOptions({ env }: CliIo, { taskQueue }: QueueOptions): ConnectOptions {
  return taskQueue === undefined ? { env } : { env, taskQueue };
}

/** Argument parser: whole seconds, from 0 to a week. */
export function parseSeconds(text: string): number {
  return parseInteger(text, 0, 604_800);
}

/** Argument parser: a port that may be bound; 0 = any free one. */
export function parsePort(text: string): number {
  return parseInteger(text, 0, 65_535);
}

/** Argument parser for a count of things. */
export function parseCount(text: string): number {
  return parseInteger(text, 1, 1_000);
}

/** Argument parser: how many runs `history` lists; the client reads no more. */
export function parseHistoryLimit(text: string): number {
  return parseInteger(text, 1, 200);
}

function parseInteger(text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
}

/** Connects, and closes the connection whatever happens. */
export async function withClient<T>(
  cli: Cli,
  options: RunOptions,
  use: (client: ConnectedSwitchoverClient) => Promise<T>,
): Promise<T> {
  const client = await cli.connect(toConnectOptions(cli.io, options));
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

/** The same for maintenance runs, schedules and the freeze. */
export async function withOperator<T>(
  cli: Cli,
  options: QueueOptions,
  use: (client: OperatorClient) => Promise<T>,
): Promise<T> {
  const client = await cli.connectOperator(toConnectOptions(cli.io, options));
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

/** Refuses a bad input before anything is opened. @throws InvalidInputError */
export async function checkBeforeConnecting(input: SwitchoverInput): Promise<void> {
  const { checkInput } = await import('../client.js');
  checkInput(input);
}

/** The run that `INSTANCE` and the options pick, checked before anything is opened. */
export async function toRunRef(
  cli: Cli,
  instanceId: string,
  options: RunOptions & PickOptions,
): Promise<RunRef> {
  const { checkRunRef } = await import('../client.js');
  const ref: RunRef = {
    projectId: readProject(cli.io, options),
    instanceId,
    mode: options.plan === true ? 'plan' : 'switch',
    runId: options.run,
    taskQueue: options.taskQueue,
  };
  checkRunRef(ref);
  return ref;
}

/** Ids of commands that go straight to DCS; what is absent is not checked. */
interface Ids {
  readonly instanceId: string | undefined;
  readonly projectId?: string | undefined;
  readonly jobId?: string | undefined;
}

/** Fits wherever an id is not given. */
const STAND_IN = '00000000-0000-0000-0000-000000000000';

/** Refuses bad ids before anything is opened. @throws InvalidInputError */
export function checkIds({ instanceId, projectId, jobId }: Ids): Promise<void> {
  const ids = { instanceId: instanceId ?? STAND_IN, projectId: projectId ?? STAND_IN };
  return checkBeforeConnecting({ ...ids, mode: 'adopt', jobId: jobId ?? STAND_IN });
}

/** Refuses a bad maintenance before anything is opened. @throws InvalidInputError */
export async function checkMaintenanceBeforeConnecting(input: MaintenanceInput): Promise<void> {
  const { checkMaintenanceInput } = await import('../client.js');
  checkMaintenanceInput(input);
}

/** Option of everything that is recorded with a name. */
export interface RequesterOption {
  readonly by?: string;
}

/** Who says so. @throws UsageError where neither the option nor the system reports */
export function readRequester(io: CliIo, { by }: RequesterOption): string {
  const name = by ?? io.userName();
  if (name !== null) return name;
  throw new UsageError('Say who you are: --by. This system has no user name.');
}
