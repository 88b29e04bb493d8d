import type { Command } from 'commander';

import type { MaintenanceClient, MaintenanceRef, SendDecision } from '../../client.js';
import type {
  MaintenanceMessages,
  MaintenanceUpdate,
  MessageReceipt,
} from '../../contract/index.js';
import { joinText, withCommands } from '../../domain/commands.js';
import type { Messages } from '../../schema/index.js';

import type { Cli } from '../context.js';
import { describeCounts } from '../format/maintenance.js';
import { readOfInstance } from '../instance-name.js';
import { YES_HELP, confirmAction } from '../io.js';
import type { YesOption } from '../io.js';
import { gather } from '../mistakes.js';
import { readMessage, runConnected, withQueueOptions } from '../options.js';
import type { QueueOptions, RequesterOption } from '../options.js';
import type { Output } from '../output.js';
import {
  maintenanceCommand,
  maintenanceName,
  readMaintenanceRef,
  withMaintenancePick,
} from './ref.js';
import type { MaintenancePick } from './ref.js';

type Options = QueueOptions &
  MaintenancePick &
  YesOption &
  RequesterOption & { readonly reason?: string };

/** What one may send to a maintenance. */
interface Message {
  readonly name: MaintenanceUpdate;
  readonly description: string;
  /** Why it is required. */
  readonly needsWhy: boolean;
  /** What it does, where a slip would be hard to undo; asked before. */
  readonly effect?: string;
}

const MESSAGES: readonly Message[] = [
  {
    name: 'approve',
    description: 'let a maintenance that requires approval start in its window',
    needsWhy: false,
  },
  {
    name: 'reject',
    description: 'end a maintenance that awaits approval; nothing starts',
    needsWhy: true,
  },
  {
    name: 'pause',
    description: 'start nothing more for now; what is running finishes',
    needsWhy: false,
  },
  { name: 'resume', description: 'go on after a pause', needsWhy: false },
  {
    name: 'skip',
    description: 'leave out one instance that has not started',
    needsWhy: true,
  },
  {
    name: 'abort',
    description:
      'stop permanently: start nothing more; what is running finishes, and there is no return leg',
    needsWhy: true,
    effect: 'Nothing more of it starts; what is running finishes.',
  },
];

/** `maintenance approve|reject|pause|resume|skip|abort MAINTENANCE`. */
export function addDecisionCommands(group: Command, cli: Cli): void {
  for (const message of MESSAGES) addDecision(group, cli, message);
}

function addDecision(group: Command, cli: Cli, { description, ...message }: Message): void {
  const { name, effect } = message;
  const command = group.command(name).description(description);
  addMessage(cli, command, message, async ({ client, ref, words, output, options }) => {
    if (effect !== undefined) await askFirst(cli, client, ref, effect, options);
    return output.data(await sendTo(client, name, ref, words), describeReceipt);
  });
}

/** `maintenance cancel MAINTENANCE`: cancels a maintenance and what of it has not sent its PUT yet. */
export function addMaintenanceCancelCommand(group: Command, cli: Cli): void {
  const command = group
    .command('cancel')
    .description('cancel a maintenance, and each switchover of it that has not sent its PUT yet');
  const effect = 'starts nothing more, and what has not sent its PUT is cancelled.';
  const message = { name: 'cancel', needsWhy: false, effect } as const;
  addMessage(cli, command, message, async ({ client, ref, words, output, options }) => {
    const name = maintenanceName(ref);
    await confirmAction(cli.io, `Maintenance ${name} ${effect}`, 'Cancel it?', options);
    await client.cancel(ref, words);
    return output.data({ maintenanceId: ref.maintenanceId, requested: true }, () =>
      joinText([
        `Cancellation of maintenance ${name} requested. Switchovers that have sent their PUT finish first.`,
        withCommands('See how it ends', maintenanceCommand('wait', ref)),
      ]),
    );
  });
}

/** What a person tells a maintenance, once that is read. */
interface Said<M extends keyof Messages> {
  readonly client: MaintenanceClient;
  readonly ref: MaintenanceRef;
  readonly words: Messages[M];
  readonly output: Output;
  readonly options: YesOption;
}

function addMessage<M extends keyof Messages>(
  cli: Cli,
  command: Command,
  { name, needsWhy, effect }: Pick<Message, 'needsWhy' | 'effect'> & { readonly name: M },
  act: (said: Said<M>) => Promise<number>,
): void {
  command.argument('<maintenance>', 'id of the maintenance');
  if (name === 'skip') command.argument('<instance>', 'name or id of the instance');
  command.option('--by <name>', 'your name (default: your user name)');
  const why = `reason, recorded in the maintenance’s history${command.name() === 'cancel' ? '' : ' and report'}`;
  if (needsWhy) command.requiredOption('--reason <text>', `${why}; required`);
  else command.option('--reason <text>', why);
  if (effect !== undefined) command.option('--yes', YES_HELP);
  withQueueOptions(withMaintenancePick(command));
  command.action((chosen: string, ...rest: readonly unknown[]) => {
    // Commander hands over the arguments, then the options, then the command.
    const options = rest.at(-2) as Options;
    const instance = rest.length > 2 ? (rest[0] as string) : undefined;
    const read = () =>
      gather(
        () => readMaintenanceRef(chosen, options),
        () =>
          instance === undefined
            ? readMessage(cli.io, name, options)
            : readOfInstance(cli, instance, options, (id) =>
                readMessage(cli.io, name, options, id),
              ),
      );
    return runConnected(cli, options, read, ({ maintenance: client }, output, [ref, words]) =>
      act({ client, ref, words, output, options }),
    );
  });
}

/** The client is taken for less than it is, so that a message is known to be one of its name. */
function sendTo<U extends MaintenanceUpdate>(
  decisions: SendDecision,
  name: U,
  ref: MaintenanceRef,
  message: MaintenanceMessages[U],
): Promise<MessageReceipt> {
  return decisions[name](ref, message);
}

/** Shows where the maintenance stands, because that is what one decides about. */
async function askFirst(
  { io }: Cli,
  client: MaintenanceClient,
  ref: MaintenanceRef,
  effect: string,
  options: YesOption,
): Promise<void> {
  if (options.yes === true) return;
  const standing = io.isInteractive
    ? await client.progress(ref).then(
        ({ phase, counts }) => `${phase}, ${describeCounts(counts)}`,
        () => 'its progress could not be read',
      )
    : 'not looked at';
  await confirmAction(
    io,
    `Maintenance ${maintenanceName(ref)}: ${standing}. ${effect}`,
    'Abort it?',
    options,
  );
}

function describeReceipt({ changed, message, phase, isPaused }: MessageReceipt): string {
  const state = `phase ${phase}${isPaused ? ', paused' : ''}`;
  return `${changed ? '' : 'Nothing changed. '}${message} (${state})`;
}
