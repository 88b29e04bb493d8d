import type { Command } from 'commander';

import type { Cli } from '../../context.js';

import { addEnsureCommand, addPreviewCommand } from '../../schedule/define.js';
import {
  addBackfillCommand,
  addDeleteCommand,
  addDescribeCommand,
  addListCommand,
  addPauseCommands,
  addTriggerCommand,
} from '../../schedule/manage.js';

/** `schedule …`: plans that start by themselves. */
export function addScheduleCommand(program: Command, cli: Cli): void {
  const group = program
    .command('schedule')
    .description('plans that start by themselves: preview, ensure, list, pause, trigger, delete');
  addPreviewCommand(group, cli);
  addEnsureCommand(group, cli);
  addListCommand(group, cli);
  addDescribeCommand(group, cli);
  addPauseCommands(group, cli);
  addTriggerCommand(group, cli);
  addBackfillCommand(group, cli);
  addDeleteCommand(group, cli);
}
