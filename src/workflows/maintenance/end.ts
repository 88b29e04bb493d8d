import { log, workflowInfo } from '@temporalio/workflow';
import type { ApplicationFailure } from '@temporalio/workflow';

import { NOTIFICATION_TYPES } from '../../contract/index.js';
import type {
  InputProblem,
  MaintenanceCause,
  MaintenanceInput,
  MaintenanceOutcome,
  MaintenanceResult,
} from '../../contract/index.js';
import { joinText } from '../../domain/commands.js';
import { conclude, mayBeEmpty } from '../../domain/maintenance/progress.js';
import { composeResultMessage, toResult } from '../../domain/maintenance/result.js';

import { outcomeFailure } from '../proxies.js';
import { countMaintenance } from '../telemetry.js';

import { enter, publishStatus, subject, write } from './run.js';
import type { MaintenanceRun } from './run.js';

/**
 * Ends a maintenance of which nothing is under way any more, with the verified outcome.
 *
 * @throws ApplicationFailure of type PARTIAL, whose details are the result, unless everything was done
 */
export function endMaintenance(maintenance: MaintenanceRun): MaintenanceResult {
  const { outcome, cause } = conclude(maintenance.state);
  return endAs(maintenance, outcome, cause);
}

/**
 * Ends a maintenance of mode `plan`.
 *
 * @throws ApplicationFailure of type PARTIAL where no instance fits and that is not allowed
 */
export function endPlanned(maintenance: MaintenanceRun): MaintenanceResult {
  const { items, facts } = maintenance.state;
  if (items.length > 0) return endAs(maintenance, 'PLANNED', 'PLAN_ONLY');
  return endAs(maintenance, mayBeEmpty(facts?.request) ? 'PLANNED' : 'PARTIAL', 'NOTHING_SELECTED');
}

/** The failure of a maintenance that could not be made: nothing was sent. */
export function endUnread(maintenance: MaintenanceRun, obstacle: string): ApplicationFailure {
  const result = compose(maintenance, 'PARTIAL', 'MAINTENANCE_UNREADABLE', obstacle);
  announce(maintenance, 'PARTIAL', 'MAINTENANCE_UNREADABLE', result.message);
  return outcomeFailure('PARTIAL', result.message, result);
}

/** Reports a maintenance that ends Cancelled: it has started nothing, and has no result. */
export function reportCancelled(maintenance: MaintenanceRun): void {
  enter(maintenance, 'ENDED');
  const message = 'Cancelled before anything was started: nothing was sent.';
  reportEnd(maintenance, 'CANCELLED', 'CANCELLED', message);
}

/** The failure of a maintenance whose input cannot be acted on. */
export function endInvalid(
  maintenance: MaintenanceRun,
  problems: readonly InputProblem[],
): ApplicationFailure {
  const list = problems.map(({ field, problem, remedy }) => `${field} ${problem}. ${remedy}`);
  const message = joinText(['Nothing was sent: the input is invalid.', ...list]);
  announce(maintenance, 'INVALID_INPUT', null, message);
  return outcomeFailure('INVALID_INPUT', message, { problems });
}

function endAs(
  maintenance: MaintenanceRun,
  outcome: MaintenanceResult['outcome'],
  cause: MaintenanceCause,
): MaintenanceResult {
  const result = compose(maintenance, outcome, cause, null);
  announce(maintenance, outcome, cause, result.message);
  if (outcome !== 'PARTIAL') return result;
  throw outcomeFailure(outcome, result.message, result);
}

function announce(
  maintenance: MaintenanceRun,
  outcome: MaintenanceOutcome,
  cause: MaintenanceCause | null,
  message: string,
): void {
  maintenance.ending = { outcome, cause, message };
  enter(maintenance, 'ENDED');
  publishStatus(maintenance, outcome);
  write(maintenance);
  reportEnd(maintenance, outcome, cause, message);
}

function reportEnd(
  maintenance: MaintenanceRun,
  outcome: MaintenanceOutcome | 'CANCELLED',
  cause: MaintenanceCause | null,
  message: string,
): void {
  countMaintenance(outcome, cause);
  const about = subject(maintenance);
  maintenance.notifier.notify(NOTIFICATION_TYPES.maintenanceEnded, {
    ...about,
    outcome,
    cause,
    message,
  });
  log.info('ended', { outcome, cause });
}

function compose(
  maintenance: MaintenanceRun,
  outcome: MaintenanceResult['outcome'],
  cause: MaintenanceCause,
  obstacle: string | null,
): MaintenanceResult {
  const { state, maintenanceName, maintenanceId, input } = maintenance;
  const asked = { maintenanceId, input };
  const ids = toResult(state, asked, { outcome, cause, message: '' }, Date.now());
  const { projectId } = ids;
  const { taskQueue } = workflowInfo();
  // Only the activity that made the maintenance has validated it.
  const sound = state.facts === null ? null : (input as MaintenanceInput);
  const facts = {
    outcome,
    cause,
    maintenanceName,
    projectId,
    taskQueue,
    input: sound,
    state,
    obstacle,
  };
  return { ...ids, message: composeResultMessage(facts) };
}
