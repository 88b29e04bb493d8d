import { InvalidArgumentError } from 'commander';

import type {
  CompensationPolicy,
  ReissuePolicy,
  SwitchoverInput,
  Target,
} from '../contract/index.js';

import { UsageError } from './cli-errors.js';
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
  readonly compensation?: CompensationPolicy;
  readonly compensateNotAfter?: string;
  readonly reissue?: ReissuePolicy;
  readonly timing?: Readonly<Record<string, number>>;
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
    ...{ baselineRunId: undefined, jobId: undefined },
  };
  const given = Object.entries(input).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as unknown as SwitchoverInput;
}

/** Whether the input says where the master should go. */
export function hasGoal({ target, expectedMasterNodeId, toggle }: SwitchoverInput): boolean {
  return [target, expectedMasterNodeId, toggle].some((goal) => goal !== undefined);
}

/** The one target of the options, if any. @throws UsageError where there are several */
export function toTarget({
  toAz,
  toNode,
  avoidAz,
}: Pick<GoalOptions, 'toAz' | 'toNode' | 'avoidAz'>): Target | undefined {
  const targets: Target[] = [
    ...(toAz === undefined ? [] : [{ availabilityZone: toAz }]),
    ...(toNode === undefined ? [] : [{ nodeId: toNode }]),
    ...(avoidAz === undefined ? [] : [{ avoidAvailabilityZone: avoidAz }]),
  ];
  if (targets.length > 1)
    throw new UsageError('Give only one of --to-az, --to-node and --avoid-az.');
  return targets[0];
}

/** Argument parser of the repeatable `--timing name=value`. */
export function collectTiming(
  text: string,
  earlier: Readonly<Record<string, number>> = {},
): Readonly<Record<string, number>> {
  const [, name, value] = /^([A-Za-z]+)=(\d+)$/.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError('Write it like settleSeconds=5, with whole seconds.');
  return { ...earlier, [name]: Number(value) };
}
