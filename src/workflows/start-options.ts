import { workflowInfo } from '@temporalio/workflow';

import type { PreflightCall } from '../domain/reports.js';

/** How Temporal was asked to treat a run: what its first activity has to know to refuse it. */
export type StartOptions = Pick<
  PreflightCall,
  'workflowId' | 'hasCronSchedule' | 'hasRetryPolicy' | 'timeoutMs'
>;

/** The options with which this run was started. */
export function startOptions(): StartOptions {
  const { workflowId, cronSchedule, retryPolicy, ...info } = workflowInfo();
  // Go, the Temporal CLI among it, writes "no timeout" as 0.
  const timeouts = [info.runTimeoutMs, info.executionTimeoutMs]
    .map((ms) => ms ?? 0)
    .filter((ms) => ms > 0);
  return {
    workflowId,
    hasCronSchedule: cronSchedule !== undefined && cronSchedule !== '',
    hasRetryPolicy: retryPolicy !== undefined,
    timeoutMs: timeouts.length === 0 ? null : Math.min(...timeouts),
  };
}
