import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';

import type { ConnectOptions } from '../client.js';

import { UsageError } from './cli-errors.js';
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

/** The project to work in. @throws UsageError that tells both ways to name it */
export function readProject({ env }: CliIo, { project }: RunOptions): string {
  const id = project ?? env['HUAWEICLOUD_SDK_PROJECT_ID'] ?? '';
  if (id !== '') return id;
  throw new UsageError(
    'The project is missing: give --project, or set HUAWEICLOUD_SDK_PROJECT_ID.',
  );
}

/** The same where what is missing is told together with the other mistakes of an input. */
export function findProject({ env }: CliIo, { project }: RunOptions): string | undefined {
  const id = project ?? env['HUAWEICLOUD_SDK_PROJECT_ID'] ?? '';
  return id === '' ? undefined : id;
}

/** How to connect, from the options. */
export function toConnectOptions({ env }: CliIo, { taskQueue }: QueueOptions): ConnectOptions {
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
