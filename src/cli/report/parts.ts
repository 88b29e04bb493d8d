/** What reports of a run and of a maintenance have in common. */
import { commandsOf, withoutCommands } from '../../domain/commands.js';
import { oneLine } from '../../domain/text.js';

import type { Fact, NextStep } from './document.js';

/** A message, taken apart. */
export interface MessageParts {
  /** Its sentences, a paragraph each. */
  readonly happened: readonly string[];
  readonly steps: readonly NextStep[];
}

/** Where no words lead to a command. */
const NEXT = 'Next';

/** Takes a message of ours apart into what happened and the commands that it leads to. */
export function splitMessage(message: string): MessageParts {
  const happened: string[] = [];
  const steps: NextStep[] = [];
  let lead = '';
  for (const line of message.split('\n')) {
    const [command] = commandsOf(line);
    const last = steps.at(-1);
    if (command === undefined) {
      if (lead !== '') happened.push(lead);
      lead = line.trim();
    } else if (lead === '' && last !== undefined)
      steps.splice(-1, 1, { ...last, commands: [...last.commands, command] });
    else {
      const { said, purpose } = splitLead(lead);
      if (said !== '') happened.push(said);
      steps.push({ purpose, commands: [command] });
      lead = '';
    }
  }
  if (lead !== '') happened.push(lead);
  return { happened, steps };
}

/** What leads to a command ends in a colon, and may follow other sentences on its line. */
function splitLead(lead: string): { readonly said: string; readonly purpose: string } {
  if (!lead.endsWith(':')) return { said: lead, purpose: NEXT };
  const [, said = '', purpose = lead] = /^(.*[.!?] )?(.+)$/.exec(lead) ?? [];
  return { said: said.trim(), purpose: purpose.slice(0, -1) };
}

/** Who asked, and why. */
export function askedFacts(asked: {
  readonly changeId: string | null;
  readonly requestedBy: string | null;
  readonly reason: string | null;
}): Fact[] {
  return [
    ['Change', asked.changeId],
    ['Requested by', asked.requestedBy],
    ['Reason', asked.reason],
  ];
}

/** A text of others for a place that has no room for the commands that it leads to. */
export function plainLine(text: string): string {
  return oneLine(withoutCommands(text));
}
