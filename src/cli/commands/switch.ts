import type { Command } from 'commander';

import type { StartOptions, SwitchoverClient } from '../../client.js';
import type { RolesSnapshot, SwitchoverInput, SwitchoverResult } from '../../contract/index.js';
import { describeNode, onlyMaster, promotableReplicas } from '../../domain/identity.js';
import { describeInstance } from '../../domain/text.js';

import type { Cli } from '../context.js';
import { DeclinedError, UsageError } from '../errors.js';
import { hasGoal, toInput, withInputOptions } from '../fields.js';
import { finish, followRun, noteReuse, printResult, printStarted } from '../follow.js';
import { formatRoles } from '../format/run.js';
import { nameGiven, readOfInstance } from '../instance-name.js';
import { isYes } from '../io.js';
import type { CliIo, YesOption } from '../io.js';
import { gather } from '../mistakes.js';
import {
  checkBeforeConnecting,
  runConnected,
  withRunOptions,
  withWaitOptions,
} from '../options.js';
import type { RunOptions, WaitOptions } from '../options.js';
import type { Output } from '../output.js';

/** Options of `switch`. */
type Options = RunOptions & WaitOptions & YesOption & { readonly wait: boolean };

/** `switch INSTANCE`: starts a switchover and waits for its outcome. */
export function addSwitchCommand(program: Command, cli: Cli): void {
  const command = program
    .command('switch')
    .description('switch master and replica of one instance, and wait for the outcome')
    .argument('<instance>', 'name or id of the instance')
    .option('--yes', 'without a goal: take the master that is read now, do not ask')
    .option('--no-wait', 'start it and do not wait');
  withRunOptions(withWaitOptions(withInputOptions(command))).action(
    (instanceId: string, options: Options) =>
      runConnected(
        cli,
        options,
        () => readSwitch(cli, instanceId, options),
        ({ switchover }, output, asked) => {
          const named = nameGiven(instanceId, asked.instanceId);
          if ('instanceName' in named) output.note(`${instanceId} is ${asked.instanceId}.`);
          return switchOver(cli.io, output, switchover, asked, { ...options, ...named });
        },
      ),
  );
}

/** What switching needs of the client. */
type Starter = Pick<SwitchoverClient, 'start' | 'result' | 'status'>;

async function readSwitch(cli: Cli, instance: string, options: Options): Promise<SwitchoverInput> {
  const { io } = cli;
  return readOfInstance(cli, instance, options, async (instanceId) => {
    const asked = toInput(io, instanceId, options);
    await gather(
      () => {
        if (hasGoal(asked) || options.yes === true || io.isInteractive) return;
        throw new UsageError(
          'Nothing says where the master should go: give --to-az, --to-node, --avoid-az, ' +
            '--expect-master or --toggle; or --yes to demote whichever node is the master now.',
        );
      },
      () => checkBeforeConnecting(hasGoal(asked) ? asked : { ...asked, toggle: true }),
    );
    return asked;
  });
}

async function switchOver(
  io: CliIo,
  output: Output,
  client: Starter,
  asked: SwitchoverInput,
  options: Options & StartOptions,
): Promise<number> {
  const { instanceName } = options;
  const confirmation: Confirmed | { exitCode: number } = hasGoal(asked)
    ? { input: asked, instanceName }
    : await confirmByPlan(io, output, client, asked, options);
  if ('exitCode' in confirmation) return confirmation.exitCode;
  const run = await client.start(confirmation.input, confirmation);
  noteReuse(output, run);
  return options.wait
    ? finish(io, output, client, run, options)
    : printStarted(output, run, options);
}

/** What is to be started. */
interface Confirmed extends Pick<StartOptions, 'instanceName'> {
  readonly input: SwitchoverInput;
}

/**
 * Finds out who would be demoted and has it confirmed. The answer is guarded by the master that was
 * shown, so that what was agreed to is what happens.
 *
 * @returns the guarded input, or the exit code of a maintenance that does not allow it
 * @throws DeclinedError when the person says no
 */
async function confirmByPlan(
  io: CliIo,
  output: Output,
  client: Starter,
  input: SwitchoverInput,
  { yes = false, waitTimeout, taskQueue, instanceName: given }: Options & StartOptions,
): Promise<Confirmed | { readonly exitCode: number }> {
  // The request id belongs to the switch alone, or a repeated plan would show old roles.
  const asked: SwitchoverInput = { ...input, requestId: null, mode: 'plan', toggle: true };
  const started = await client.start(asked, { instanceName: given });
  const run = { ...started, taskQueue };
  const plan = await followRun(io, output, client, run, waitTimeout);
  const masterNodeId = plan.before === null ? null : (onlyMaster(plan.before)?.nodeId ?? null);
  if (plan.outcome !== 'PLANNED' || plan.before === null || masterNodeId === null)
    return { exitCode: printResult(output, run, plan) };
  output.note([formatRoles(plan.before)]);
  if (!yes && !isYes(await io.ask(describeQuestion(plan, plan.before))))
    throw new DeclinedError('Not switched: you did not say yes. Nothing was sent.');
  return {
    input: { ...input, expectedMasterNodeId: masterNodeId },
    instanceName: plan.instanceName ?? undefined,
  };
}

function describeQuestion(
  { instanceId, instanceName = null }: SwitchoverResult,
  roles: RolesSnapshot,
): string {
  const about = instanceName === null ? '' : `${describeInstance(instanceId, instanceName)}: `;
  return `${about}${describeDemotion(roles)} Switch over now? [y/N] `;
}

function describeDemotion(roles: RolesSnapshot): string {
  const master = onlyMaster(roles);
  const candidates = promotableReplicas(roles).map(describeNode);
  const promoted =
    candidates.length === 1
      ? `${candidates.join('')} will be promoted.`
      : `the service will promote one of ${candidates.join(', ')}.`;
  return `${master === null ? 'The master' : describeNode(master)} will be demoted; ${promoted}`;
}
