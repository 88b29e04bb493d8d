import { CancelledFailure, workflowInfo } from '@temporalio/workflow';
import type { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';

import { isCompletingOutcome, isExaminingMode } from '../contract/index.js';
import type {
  Check,
  CheckId,
  Outcome,
  StatusAttribute,
  SwitchoverResult,
} from '../contract/index.js';
import { isPassed } from '../domain/checks/index.js';
import { joinText, withCommands, planCommand } from '../domain/commands.js';
import { failedChecks } from '../domain/facts.js';
import { composeMessage } from '../domain/messages.js';
import type { InvalidInputReport, PreflightFindings } from '../domain/preflight-report.js';
import type { NotSentReason } from '../domain/reports.js';
import { ended, foundInvalid, noted, timingsOf } from '../domain/run-state.js';
import type { RunState } from '../domain/run-state.js';
import { isPassingReason } from '../domain/swap.js';
import type { Sending } from '../domain/swap.js';
import { witnessWarnings } from '../domain/witnessing.js';
import { pickIds } from '../domain/text.js';
import type { AskedIds } from '../domain/text.js';

import { outcomeFailure } from './proxies.js';
import { publish, reportEnd } from './run.js';
import type { Run } from './run.js';

type EndingOutcome = SwitchoverResult['outcome'];
type AskedRequest = Pick<
  PreflightFindings,
  'request' | 'checks' | 'examined' | 'repeat' | 'mayPass'
>;

/**
 * Ends the run: the result as value, or as details of a failure whose type is the outcome.
 *
 * @throws ApplicationFailure for outcomes that do not complete the workflow
 */
export function end(
  run: Run,
  asked: AskedRequest,
  outcome: EndingOutcome,
  cause: string,
): SwitchoverResult {
  const result = toResult(run, asked, outcome, cause);
  announce(run, outcome, cause, result.message, statusOf(asked, outcome));
  if (isCompletingOutcome(outcome)) return result;
  throw outcomeFailure(outcome, result.message, result);
}

/** Whoever looks for what is UNKNOWN looks for runs that may have sent. */
function statusOf({ request, repeat }: AskedRequest, outcome: EndingOutcome): StatusAttribute {
  if (repeat !== undefined) return 'REPEATED';
  if (!isExaminingMode(request.mode) || outcome === 'REFUSED') return outcome;
  return outcome === 'UNKNOWN' ? 'NOT_VERIFIED' : 'VERIFIED';
}

/** The failure of a run whose input cannot be acted on. */
export function endInvalid(run: Run, report: InvalidInputReport): ApplicationFailure {
  const { problems } = report;
  run.record(foundInvalid(report));
  const list = problems.map(({ field, problem, remedy }) => `${field} ${problem}. ${remedy}`);
  const message = joinText(['Nothing was sent: the input is invalid.', ...list]);
  announce(run, 'INVALID_INPUT', null, message);
  return outcomeFailure('INVALID_INPUT', message, { problems });
}

/** The failure of a run whose pre-check could not be carried out at all: nothing was sent. */
export function endUnread(run: Run, input: unknown, error: ActivityFailure): ApplicationFailure {
  const observed = `the pre-check did not finish (${error.cause?.message ?? error.message})`;
  const ids = pickIds(input);
  const remedy = joinText(['Look at the worker log, then start again.', ...lookAgain(ids)]);
  const message = joinText([`Nothing was sent: ${observed}.`, remedy]);
  const check: Check = {
    id: 'api-readable',
    severity: 'blocking',
    passed: false,
    observed,
    requestId: null,
    remedy,
  };
  announce(run, 'REFUSED', 'PREFLIGHT_FAILED', message);
  const { state } = run;
  const { evidence, warnings } = state;
  return outcomeFailure('REFUSED', message, {
    ...ids,
    ...{ outcome: 'REFUSED', cause: 'PREFLIGHT_FAILED', message, evidence, warnings },
    ...countsOf(state),
    instanceName: state.instanceName,
    ...{ examinedRunId: null, before: null, after: null, mayPass: true },
    checks: [check],
    timings: timingsOf(state, Date.now()),
  });
}

/** What became of PUTs. */
function countsOf({ swapsSent, swapsPossiblySent, swapsAccepted, ...state }: RunState) {
  const { jobIds, swapRequestIds } = state;
  return { swapsSent, swapsPossiblySent, swapsAccepted, jobIds, swapRequestIds };
}

/** The ids become part of a command only where they look like ids. */
function lookAgain({ projectId, instanceId }: AskedIds): string[] {
  if (projectId === null || instanceId === null) return [];
  if (![projectId, instanceId].every((id) => /^[0-9a-f-]{32,36}$/.test(id))) return [];
  const { taskQueue } = workflowInfo();
  return [withCommands('Look at the instance', planCommand({ projectId, instanceId, taskQueue }))];
}

/** Which check a last-moment reason to send nothing corresponds to. */
const CHECK_BY_REASON: Partial<Record<NotSentReason, CheckId>> = {
  drift: 'no-drift',
  busy: 'instance-idle',
  'too-late': 'not-after',
  frozen: 'not-frozen',
  throttled: 'api-quota',
  unreadable: 'api-readable',
  draining: 'api-readable',
  unfenced: 'api-readable',
  'not-connected': 'api-readable',
};

/** What to do before one looks again. */
const FIRST_BY_CHECK: Partial<Record<CheckId, string>> = {
  'api-readable': 'Restore that access, then look',
  'api-quota': 'Give the worker an IAM user of its own, or start later; then look',
  'not-frozen': 'Wait until the freeze is over, then look',
};

/**
 * Ends a run that came to the PUT but handed none to a connection.
 *
 * @throws CancelledFailure when it was cancelled, otherwise as {@link end} does for REFUSED
 */
export function refuseUnsent(
  run: Run,
  report: PreflightFindings,
  sending: Sending,
): SwitchoverResult {
  if (sending.reason === 'cancelled') {
    run.record(noted('cancelled before the fence; nothing was sent'));
    throw new CancelledFailure('cancelled before the fence; nothing was sent');
  }
  const id = CHECK_BY_REASON[sending.reason ?? 'drift'] ?? 'no-drift';
  const first = FIRST_BY_CHECK[id] ?? 'Look at the roles, then decide again';
  const remedy = withCommands(first, planCommand(report.request));
  const late: Check = {
    id,
    severity: 'blocking',
    passed: false,
    observed: sending.detail,
    requestId: null,
    remedy,
  };
  const checks = [...report.checks.filter((check) => check.id !== id), late];
  const cause = id === 'api-quota' ? 'THROTTLED' : 'LAST_MOMENT_CHECK_FAILED';
  const { request } = report;
  return end(run, { request, checks, ...mayPassBy(sending) }, 'REFUSED', cause);
}

/** What a run reports that has handed no PUT to a connection. */
export function mayPassBy({ reason }: Sending): { readonly mayPass?: true } {
  return isPassingReason(reason) ? { mayPass: true } : {};
}

function announce(
  run: Run,
  outcome: Outcome,
  cause: string | null,
  message: string,
  status: StatusAttribute = outcome,
): void {
  const isPublished = run.state.outcome === outcome;
  run.record(ended(outcome, message));
  if (!isPublished) publish(run, status);
  reportEnd(run, outcome, cause, message);
}

function toResult(
  run: Run,
  { request, checks, examined, repeat, mayPass }: AskedRequest,
  outcome: EndingOutcome,
  cause: string,
): SwitchoverResult {
  const { state } = run;
  const { instanceName, before, after, dataPlane, evidence, warnings } = state;
  const message = composeMessage({
    ...state,
    ...{ outcome, cause, request },
    failed: failedChecks(checks),
    isNothingUnresolved: isPassed(checks, 'previous-run-resolved'),
    runId: workflowInfo().runId,
    examined: examined ?? null,
    repeat: repeat ?? null,
  });
  const { mode, projectId, instanceId, region, reason, requestedBy, requestId, changeId } = request;
  return {
    ...{ outcome, cause, message, mode, projectId, instanceId, instanceName, region },
    ...countsOf(state),
    examinedRunId: examined?.runId ?? request.examinedRunId ?? null,
    repeatOfRunId: repeat?.runId ?? null,
    ...(mayPass === true ? { mayPass } : {}),
    ...(dataPlane === null ? {} : { dataPlane }),
    ...{ before, after, checks, evidence },
    warnings: [...warnings, ...witnessWarnings(state, outcome)],
    timings: timingsOf(state, Date.now()),
    ...{ reason, requestedBy, requestId, changeId },
  };
}
