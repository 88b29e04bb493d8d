import { ActivityFailure, isCancellation, workflowInfo } from '@temporalio/workflow';

import type { PreflightCall, PreflightFindings, PreflightReport } from '../domain/reports.js';

import { endUnread } from './end.js';
import { checkFor } from './proxies.js';
import { note, publish, warn } from './run.js';
import type { Run } from './run.js';
import { startOptions } from './start-options.js';

/**
 * Reads everything that decides whether the run may go on.
 *
 * @throws ApplicationFailure of type REFUSED when the pre-check could not be carried out at all
 */
export async function check(run: Run, input: unknown): Promise<PreflightReport> {
  const { runId, startTime, taskQueue } = workflowInfo();
  const call: PreflightCall = {
    ...{ input, runId, taskQueue, startedAtMs: startTime.getTime() },
    ...startOptions(),
  };
  try {
    return await checkFor(modeOf(input)).preflight(call);
  } catch (error) {
    if (error instanceof ActivityFailure && !isCancellation(error))
      throw endUnread(run, input, error);
    throw error;
  }
}

/** The input is not validated yet, and may be anything. */
function modeOf(input: unknown): unknown {
  return typeof input === 'object' && input !== null && 'mode' in input ? input.mode : undefined;
}

/** Takes over what the pre-check found. */
export function begin(run: Run, report: PreflightFindings): void {
  const { request, before, warnings, searchAttributes, busyWait } = report;
  run.before = before;
  run.request = request;
  run.searchAttributes = searchAttributes;
  for (const warning of warnings) warn(run, warning);
  note(run, 'pre-check finished');
  if (busyWait !== undefined)
    note(run, `waited ${Math.round(busyWait.waitedMs / 1000)} s for it: ${busyWait.observed}`);
  publish(run, 'RUNNING', request.instanceId);
}
