import type { SwitchoverResult } from '../contract/index.js';
import type { RepeatedRun } from '../domain/repeated-run.js';
import type { PreflightFindings } from '../domain/reports.js';

import { end } from './end.js';
import { note } from './run.js';
import type { Run } from './run.js';

/**
 * Ends a run whose request an earlier one has done: with the outcome of that one, its jobs and its roles. Sends
 * nothing, so it holds no lock and leaves no doubt of its own.
 *
 * @throws ApplicationFailure whose type is the outcome, where it is no success
 */
export function repeatEnding(
  run: Run,
  report: PreflightFindings,
  earlier: RepeatedRun,
): SwitchoverResult {
  const { runId, outcome, cause, jobIds, swapRequestIds, after } = earlier;
  run.after = after;
  run.jobIds = jobIds;
  run.swapRequestIds.push(...swapRequestIds);
  note(run, `run ${runId} has done this request (${outcome}); nothing is sent`);
  return end(run, report, outcome, cause);
}
