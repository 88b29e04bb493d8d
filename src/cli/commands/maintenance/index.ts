import type { Command } from 'commander';

import type { Cli } from '../../context.js';

import { addDecisionCommands } from '../../maintenance/decide.js';
import {
  addPlanCancelCommand,
  addPlanWaitCommand,
  addProgressCommand,
  addReportCommand,
} from '../../maintenance/look.js';
import { addPlanOnlyCommand, addStartCommand } from '../../maintenance/start.js';

/** `maintenance …`: plans of many instances in a window. */
export function addMaintenanceCommand(program: Command, cli: Cli): void {
  const group = program
    .command('maintenance')
    .description(
      'switch many instances inside a window: plan, start, approve, watch, stop, report',
    );
  addPlanOnlyCommand(group, cli);
  addStartCommand(group, cli);
  addProgressCommand(group, cli);
  addPlanWaitCommand(group, cli);
  addDecisionCommands(group, cli);
  addPlanCancelCommand(group, cli);
  addReportCommand(group, cli);
}
