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
import { conclude, mayBeEmpty } from '../../domain/maintenance/conclude.js';
import { composeResultMessage, toResult } from '../../domain/maintenance/result.js';

import { outcomeFailure } from '../proxies.js';
import { countPlan, notify } from '../telemetry.js';

import { enter, publish, subject, write } from './run.js';
import type { PlanRun } from './run.js';

/**
 * Ends a plan of which nothing is under way any more, with what is true.
 *
 * @throws ApplicationFailure of type PARTIAL, whose details are the result, unless everything was done
 */
export function end(plan: PlanRun): MaintenanceResult {
  const { outcome, cause } = conclude(plan.state);
  return endAs(plan, outcome, cause);
}

/**
 * Ends a plan of which only the plan was asked for.
 *
 * @throws ApplicationFailure of type PARTIAL where no instance fits and that is not allowed
 */
export function endPlanned(plan: PlanRun): MaintenanceResult {
  const { rows, facts } = plan.state;
  if (rows.length > 0) return endAs(plan, 'PLANNED', 'PLAN_ONLY');
  return endAs(plan, mayBeEmpty(facts?.request) ? 'PLANNED' : 'PARTIAL', 'NOTHING_SELECTED');
}

/** The failure of a plan that could not be made: nothing was sent. */
export function endUnread(plan: PlanRun, obstacle: string): ApplicationFailure {
  const result = compose(plan, 'PARTIAL', 'PLAN_UNREADABLE', obstacle);
  announce(plan, 'PARTIAL', 'PLAN_UNREADABLE', result.message);
  return outcomeFailure('PARTIAL', result.message, result);
}

/** Tells of a plan that ends Cancelled: it has started nothing, and has no result. */
export function tellCancelled(plan: PlanRun): void {
  enter(plan, 'ENDED');
  const message = 'Cancelled before anything was started: nothing was sent.';
  tellEnd(plan, 'CANCELLED', 'CANCELLED', message);
}

/** The failure of a plan whose input cannot be acted on. */
export function endInvalid(plan: PlanRun, problems: readonly InputProblem[]): ApplicationFailure {
  const list = problems.map(({ field, problem, remedy }) => `${field} ${problem}. ${remedy}`);
  const message = joinText(['Nothing was sent: the input is invalid.', ...list]);
  announce(plan, 'INVALID_INPUT', null, message);
  return outcomeFailure('INVALID_INPUT', message, { problems });
}

function endAs(
  plan: PlanRun,
  outcome: MaintenanceResult['outcome'],
  cause: MaintenanceCause,
): MaintenanceResult {
  const result = compose(plan, outcome, cause, null);
  announce(plan, outcome, cause, result.message);
  if (outcome !== 'PARTIAL') return result;
  throw outcomeFailure(outcome, result.message, result);
}

function announce(
  plan: PlanRun,
  outcome: MaintenanceOutcome,
  cause: MaintenanceCause | null,
  message: string,
): void {
  plan.ending = { outcome, cause, message };
  enter(plan, 'ENDED');
  publish(plan, outcome);
  write(plan);
  tellEnd(plan, outcome, cause, message);
}

function tellEnd(
  plan: PlanRun,
  outcome: MaintenanceOutcome | 'CANCELLED',
  cause: MaintenanceCause | null,
  message: string,
): void {
  countPlan(outcome, cause);
  const about = subject(plan);
  notify(plan, NOTIFICATION_TYPES.maintenanceEnded, { ...about, outcome, cause, message });
  log.info('ended', { outcome, cause });
}

function compose(
  plan: PlanRun,
  outcome: MaintenanceResult['outcome'],
  cause: MaintenanceCause,
  obstacle: string | null,
): MaintenanceResult {
  const { state, planName, maintenanceId, input } = plan;
  const asked = { maintenanceId, input };
  const ids = toResult(state, asked, { outcome, cause, message: '' }, Date.now());
  const { projectId } = ids;
  const { taskQueue } = workflowInfo();
  // Only the activity that made the plan has validated it.
  const sound = state.facts === null ? null : (input as MaintenanceInput);
  const facts = { outcome, cause, planName, projectId, taskQueue, input: sound, state, obstacle };
  return { ...ids, message: composeResultMessage(facts) };
}
