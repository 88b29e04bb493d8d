import { ActivityFailure, isCancellation, workflowInfo } from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';

import type { PlanFindings, PlanReport } from '../../domain/maintenance/reports.js';
import { toRows } from '../../domain/maintenance/state.js';

import { startOptions } from '../start-options.js';

import { endUnread } from './end.js';
import { publish, show, warn } from './run.js';
import type { PlanRun } from './run.js';
import { planMaintenance } from './proxies.js';

/** Set by Temporal on whatever a schedule starts. */
const NOMINAL_TIME = defineSearchAttributeKey('TemporalScheduledStartTime', 'DATETIME');

/**
 * Resolves window and instances, once and for all: time-zone data and instances change, a plan does not.
 *
 * @throws ApplicationFailure of type PARTIAL when that could not be carried out at all; CancelledFailure
 */
export async function resolvePlan(plan: PlanRun, input: unknown): Promise<PlanReport> {
  const nominal = workflowInfo().typedSearchAttributes.get(NOMINAL_TIME);
  try {
    return await planMaintenance({
      ...{ input, ...startOptions() },
      startedAtMs: plan.state.startedAtMs,
      nominalAtMs: nominal === undefined ? null : new Date(nominal).getTime(),
    });
  } catch (error) {
    if (error instanceof ActivityFailure && !isCancellation(error))
      throw endUnread(plan, error.cause?.message ?? error.message);
    throw error;
  }
}

/** Takes over what was resolved. */
export function begin(plan: PlanRun, findings: PlanFindings): void {
  const { request, window, instances, searchAttributes, warnings, freeze } = findings;
  const facts = { request, window, searchAttributes };
  plan.state = { ...plan.state, facts, rows: toRows(instances, request) };
  for (const warning of warnings) warn(plan, warning);
  if (freeze !== null)
    warn(plan, `A freeze is in force until ${freeze.until}, by ${freeze.by}: ${freeze.reason}`);
  publish(plan, 'RUNNING');
  show(plan);
}
