import type { Command } from 'commander';

import type { SwitchoverInput } from '../contract/index.js';

import type { CliIo } from './io.js';
import { findProject } from './options.js';
import type { GoalOptions, RunOptions } from './options.js';

/** Options of `switch` and `plan` that become fields of the input. */
export interface InputOptions extends RunOptions, GoalOptions {
  readonly region?: string;
  readonly notAfter?: string;
  readonly reason?: string;
  readonly requestedBy?: string;
  readonly requestId?: string;
  readonly changeId?: string;
  readonly compensation?: string;
  readonly compensateNotAfter?: string;
  readonly reissue?: string;
  readonly timing?: Readonly<Record<string, unknown>>;
}

/** Maps options to the workflow's argument, one to one; the contract's own validation comes later. */
export function toInput(io: CliIo, instanceId: string, options: InputOptions): SwitchoverInput {
  const { region, notAfter, reason, requestId, changeId } = options;
  const { compensation, compensateNotAfter, reissue, timing, expectMaster, toggle } = options;
  const input: Record<keyof SwitchoverInput, unknown> = {
    projectId: findProject(io, options),
    instanceId,
    mode: undefined,
    target: toTarget(options),
    expectedMasterNodeId: expectMaster,
    toggle,
    ...{ region, notAfter, reason },
    requestedBy: options.requestedBy ?? io.userName() ?? undefined,
    ...{ requestId, changeId, compensation, compensateNotAfter, reissue, timing },
    resolution: undefined,
    ...{ examinedRunId: undefined, jobId: undefined },
  };
  const given = Object.entries(input).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as unknown as SwitchoverInput;
}

/** Whether the input says where the master should go. */
export function hasGoal({ target, expectedMasterNodeId, toggle }: SwitchoverInput): boolean {
  return [target, expectedMasterNodeId, toggle].some((goal) => goal !== undefined);
}

/** What the options say of the target; the contract refuses more than one, together with all else that is wrong. */
export function toTarget({
  toAz,
  toNode,
  avoidAz,
}: Pick<GoalOptions, 'toAz' | 'toNode' | 'avoidAz'>): Readonly<Record<string, string>> | undefined {
  const given = {
    ...(toAz === undefined ? {} : { availabilityZone: toAz }),
    ...(toNode === undefined ? {} : { nodeId: toNode }),
    ...(avoidAz === undefined ? {} : { avoidAvailabilityZone: avoidAz }),
  };
  return Object.keys(given).length === 0 ? undefined : given;
}

/** Argument parser of the repeatable `--timing name=value`; what it cannot read, the contract refuses. */
export function collectTiming(
  text: string,
  earlier: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const [name = '', ...rest] = text.split('=');
  return { ...earlier, [name]: numberOrText(rest.join('=')) };
}

/** Argument parser of a number of an input: anything else stays text, which the contract refuses by its field. */
export function numberOrText(text: string): number | string {
  return /^\d{1,15}$/.test(text) ? Number(text) : text;
}

/** Adds the options that become fields of the input, beside the goal. */
export function withInputOptions(command: Command): Command {
  return command
    .option(
      '--not-after <instant>',
      'last instant at which a PUT may leave (default: start + 900 s)',
    )
    .option('--reason <text>', 'reason, recorded with the run')
    .option('--requested-by <name>', 'requester (default: your user name)')
    .option('--request-id <id>', 'your id of this request; the same id does the work once')
    .option('--change-id <id>', 'change ticket')
    .option('--region <name>', 'region of the instance (default: the worker’s)')
    .option('--compensation <policy>', 'after a verified bad state: swap-back (default) or none')
    .option('--compensate-not-after <instant>', 'last instant at which a swap back may leave')
    .option(
      '--reissue <policy>',
      'one further PUT after one that left no trace: never (default) or once',
    )
    .option(
      '--timing <name=seconds>',
      'a time limit, such as settleSeconds=5; may be repeated',
      collectTiming,
    );
}
