import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';

import type { ConnectedDcsSwitchover, RunRef, SwitchoverClient } from '../client.js';
import type { Freeze, InputProblem, SwitchoverInput } from '../contract/index.js';
import { isInstant } from '../domain/text.js';
import type { Messages } from '../schema/index.js';
import { iso } from '../util.js';

import { withClient } from './context.js';
import type { Cli } from './context.js';
import { readOfInstance, STAND_IN } from './instance-name.js';
import { findProject } from './io.js';
import type { CliIo, ProjectOption } from './io.js';
import { withOutputOptions } from './output.js';
import type { Output, OutputFormat, OutputOptions } from './output.js';

/** Options of every command that talks to Temporal. */
export interface QueueOptions extends OutputOptions {
  readonly taskQueue?: string;
}

/** The same, for what is about one project. */
export interface RunOptions extends QueueOptions, ProjectOption {}

/** Options of everything that waits. */
export interface WaitOptions {
  /** Seconds. */
  readonly waitTimeout?: number;
}

/** Options of what can be watched. */
export interface WatchOptions {
  readonly watch?: boolean;
  /** Milliseconds. */
  readonly interval?: number;
}

/** Options that pick one run of an instance. */
export interface PickOptions {
  readonly run?: string;
  readonly plan?: boolean;
}

/** Adds {@link RunOptions}. @param formats see {@link withOutputOptions} */
export function withRunOptions(command: Command, formats?: readonly OutputFormat[]): Command {
  return withQueueOptions(
    command.option(
      '--project <id>',
      'project of the instance (default: HUAWEICLOUD_SDK_PROJECT_ID)',
    ),
    formats,
  );
}

/** Adds {@link QueueOptions}. @param formats see {@link withOutputOptions} */
export function withQueueOptions(command: Command, formats?: readonly OutputFormat[]): Command {
  return withOutputOptions(
    command.option(
      '--task-queue <name>',
      'queue of the workers (default: DCS_SWITCHOVER_TASK_QUEUE, else dcs-switchover)',
    ),
    formats,
  );
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

/** An argument parser of whole numbers. */
const wholeNumber =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
  };

/** Whole seconds, up to a week. */
export const parseSeconds = wholeNumber(0, 604_800);

/** A port that may be bound; 0 = any free one. */
export const parsePort = wholeNumber(0, 65_535);

/** A count of things. */
export const parseCount = wholeNumber(1, 1_000);

/** How many instances there are to play with. */
export const parseInstanceCount = wholeNumber(1, 200);

/** How many runs `history` lists; the client reads no more. */
export const parseHistoryLimit = wholeNumber(1, 200);

/** How many runs a list has; the client reads no more. */
const parseListLimit = wholeNumber(1, 200);

/** Options of a list of what is recent. */
export interface RecentOptions {
  /** RFC 3339. */
  readonly since?: string;
  readonly limit?: number;
}

/** Adds {@link RecentOptions}. */
export function withRecentOptions(command: Command): Command {
  return command
    .option('--since <time>', 'started since then: 90m, 8h, 2d, or an instant', parseSince)
    .option('--limit <count>', 'how many, at most 200 (default: 50)', parseListLimit);
}

function parseSince(text: string): string {
  return isInstant(text) ? text : iso(Date.now() - parseSpan(text));
}

const UNITS: Readonly<Record<string, number>> = {
  ...{ s: 1_000, m: 60_000 },
  ...{ h: 3_600_000, d: 86_400_000 },
};

/** Argument parser: `30s`, `90m`, `8h`, `2d`, in milliseconds. */
export function parseSpan(text: string): number {
  const [, count = '', unit = ''] = /^([1-9]\d{0,4})([smhd])$/.exec(text) ?? [];
  const factor = UNITS[unit];
  if (factor === undefined) throw new InvalidArgumentError('Write it like 90m, 8h or 2d.');
  return Number(count) * factor;
}

/**
 * Runs a command that talks to Temporal.
 *
 * @param read see {@link Cli.run}; only then a connection is opened, and closed whatever happens
 */
export function runConnected<T>(
  cli: Cli,
  options: QueueOptions & { readonly file?: string },
  read: () => T | Promise<T>,
  act: (client: ConnectedDcsSwitchover, output: Output, asked: T) => Promise<number>,
): Promise<void> {
  return cli.run(options, read, (output, asked) =>
    withClient(cli, options, (client) => act(client, output, asked)),
  );
}

/** Options of a command about one run. */
type OnRunOptions = RunOptions &
  PickOptions &
  WaitOptions &
  WatchOptions & { readonly reason?: string };

/** Makes it a command about the run of `INSTANCE` that its options pick. */
export function actOnRun(
  cli: Cli,
  command: Command,
  act: (
    client: SwitchoverClient,
    output: Output,
    ref: RunRef,
    options: OnRunOptions,
  ) => Promise<number>,
): void {
  withRunOptions(
    withPickOptions(command.argument('<instance>', 'name or id of the instance')),
  ).action((instanceId: string, options: OnRunOptions) =>
    runConnected(
      cli,
      options,
      () => toRunRef(cli, instanceId, options),
      ({ switchover }, output, ref) => act(switchover, output, ref, options),
    ),
  );
}

/** Refuses a bad input before anything is opened. @throws InvalidInputError */
export async function checkBeforeConnecting(input: SwitchoverInput): Promise<void> {
  const { checkInput } = await import('../client.js');
  checkInput(input);
}

/** The run that `INSTANCE` and the options pick, checked before anything is opened. */
export async function toRunRef(
  cli: Cli,
  instance: string,
  options: RunOptions & PickOptions,
): Promise<RunRef> {
  const { checkRunRef } = await import('../client.js');
  return readOfInstance(cli, instance, options, (instanceId) => {
    const ref: RunRef = {
      projectId: findProject(cli.io, options) ?? '',
      instanceId,
      mode: options.plan === true ? 'plan' : 'switch',
      runId: options.run,
      taskQueue: options.taskQueue,
    };
    checkRunRef(ref);
    return ref;
  });
}

/** Ids of commands that go straight to DCS; what is absent is not checked. */
interface Ids {
  readonly instanceId: string | undefined;
  readonly projectId?: string | undefined;
  readonly jobId?: string | undefined;
}

/** Refuses bad ids before anything is opened. @throws InvalidInputError */
export function checkIds({ instanceId, projectId, jobId }: Ids): Promise<void> {
  const ids = { instanceId: instanceId ?? STAND_IN, projectId: projectId ?? STAND_IN };
  return checkBeforeConnecting({ ...ids, mode: 'adopt', jobId: jobId ?? STAND_IN });
}

/** The same for the id of a schedule. */
export async function checkSchedule(scheduleId: string): Promise<void> {
  const { checkScheduleId } = await import('../client.js');
  checkScheduleId(scheduleId);
}

/** Who decides what, and why. @throws InvalidInputError */
export async function readMessage<M extends keyof Messages>(
  io: CliIo,
  name: M,
  options: RequesterOption & { readonly reason?: string },
  instanceId?: string,
): Promise<Messages[M]> {
  const { parseMessage } = await import('../schema/index.js');
  const message = {
    ...{ by: findRequester(io, options), why: options.reason },
    ...(instanceId === undefined ? {} : { instanceId }),
  };
  const parsed = parseMessage(name, message);
  if (!parsed.ok) throw await toInputError(parsed.problems);
  return parsed.input;
}

/** A freeze as it may be asked for. @throws InvalidInputError */
export async function readFreeze(freeze: {
  readonly [K in keyof Freeze]: Freeze[K] | undefined;
}): Promise<Freeze> {
  const { parseFreeze } = await import('../schema/index.js');
  const parsed = parseFreeze(freeze, Date.now());
  if (!parsed.ok) throw await toInputError(parsed.problems);
  return parsed.input;
}

async function toInputError(problems: readonly InputProblem[]): Promise<Error> {
  const { InvalidInputError } = await import('../client.js');
  return new InvalidInputError(problems);
}

/** Option of everything that is recorded with a name. */
export interface RequesterOption {
  readonly by?: string;
}

/** Who decides; `undefined` where neither the option nor the system says. */
export function findRequester(io: CliIo, { by }: RequesterOption): string | undefined {
  return by ?? io.userName() ?? undefined;
}
