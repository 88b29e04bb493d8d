import type { Command } from 'commander';

import type { MaintenanceClient, MaintenanceRef } from '../../client.js';
import type { MaintenanceMessage, MessageReceipt } from '../../contract/index.js';

import { confirmAction, YES_HELP } from '../confirm.js';
import type { YesOption } from '../confirm.js';
import type { Cli } from '../context.js';
import { UsageError } from '../errors.js';
import { describeCounts } from '../format/plan.js';
import { readSpeaker, withOperator, withQueueOptions } from '../options.js';
import type { QueueOptions, SpeakerOption } from '../options.js';
import { parsePlanRef, planName, withPlanPick } from './ref.js';
import type { PlanPick } from './ref.js';

type Options = QueueOptions & PlanPick & YesOption & SpeakerOption & { readonly why?: string };

/** What one may tell a plan. */
interface Message {
  readonly name: 'approve' | 'reject' | 'pause' | 'resume' | 'abort' | 'skip';
  readonly description: string;
  /** Why it has to be told. */
  readonly needsWhy: boolean;
  /** What it does, where a slip would be hard to undo; asked before. */
  readonly effect?: string;
}

const MESSAGES: readonly Message[] = [
  {
    name: 'approve',
    description: 'let a plan that requires approval start in its window',
    needsWhy: false,
  },
  {
    name: 'reject',
    description: 'end a plan that awaits approval; nothing starts',
    needsWhy: true,
  },
  { name: 'pause', description: 'start nothing more for now; what runs finishes', needsWhy: false },
  { name: 'resume', description: 'go on after a pause', needsWhy: false },
  {
    name: 'skip',
    description: 'leave out one instance that has not started',
    needsWhy: true,
  },
  {
    name: 'abort',
    description: 'start nothing more, for good; what runs finishes, and there is no way back leg',
    needsWhy: true,
    effect: 'Nothing more of it starts; what runs finishes.',
  },
];

/** `maintenance approve|reject|pause|resume|skip|abort PLAN`. */
export function addDecisionCommands(group: Command, cli: Cli): void {
  for (const message of MESSAGES) addDecision(group, cli, message);
}

function addDecision(group: Command, cli: Cli, message: Message): void {
  const { name, description, needsWhy, effect } = message;
  const command = group.command(name).description(description).argument('<plan>', 'id of the plan');
  if (name === 'skip') command.argument('<instance>', 'instance id');
  command.option('--by <name>', 'who says so (default: your user name)');
  const why = 'why; stands in the plan’s history and report';
  if (needsWhy) command.requiredOption('--why <text>', `${why}; required`);
  else command.option('--why <text>', why);
  if (effect !== undefined) command.option('--yes', YES_HELP);
  withQueueOptions(withPlanPick(command));
  command.action((plan: string, ...rest: readonly unknown[]) => {
    // Commander hands over the arguments, then the options, then the command.
    const options = rest.at(-2) as Options;
    const instanceId = rest.length > 2 ? String(rest[0]) : null;
    return cli.run(options, async (output) => {
      const ref = parsePlanRef(plan, options);
      const words = { by: readSpeaker(cli.io, options), why: options.why ?? null };
      return withOperator(cli, options, async ({ maintenance }) => {
        if (effect !== undefined) await askFirst(cli, maintenance, ref, effect, options);
        const receipt = await send(maintenance, name, ref, words, instanceId);
        output.data(receipt, () => describeReceipt(receipt));
        return 0;
      });
    });
  });
}

function send(
  client: MaintenanceClient,
  name: Message['name'],
  ref: MaintenanceRef,
  words: MaintenanceMessage,
  instanceId: string | null,
): Promise<MessageReceipt> {
  if (name !== 'skip') return client[name](ref, words);
  if (instanceId === null) throw new UsageError('Name the instance to skip.');
  return client.skip(ref, { ...words, instanceId });
}

/** Shows where the plan stands, because that is what one decides about. */
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
  await confirmAction(io, `Plan ${planName(ref)}: ${standing}. ${effect}`, 'Abort it?', options);
}

function describeReceipt({ changed, message, phase, isPaused }: MessageReceipt): string {
  const state = `phase ${phase}${isPaused ? ', paused' : ''}`;
  return `${changed ? '' : 'Nothing changed: '}${message} (${state})`;
}
