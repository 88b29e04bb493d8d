/** The check of `verify` and `adopt`: is there something to judge the present by? */
import type { Check, SwitchoverRequest } from '../../contract/index.js';
import {
  adoptCommand,
  instanceCommand,
  withCommands,
  resolveCommand,
  verifyCommand,
} from '../commands.js';
import { findOtherRun } from '../examination.js';
import type { CheckVerdict, Observed } from '../facts.js';
import { NOT_READ, toCheck } from '../facts.js';
import type { ExaminedRun } from '../preflight-report.js';

import { apiReadable } from './state.js';

/** What was found of the examined run. */
export type ExaminedRunFacts =
  | { readonly kind: 'found'; readonly examined: ExaminedRun }
  /** There is such a run, but nothing to judge it by. */
  | {
      readonly kind: 'empty';
      readonly why: string;
      /** What its history proves all the same. */
      readonly provedOutcome: 'FAILED_UNCHANGED' | null;
      /** Another unresolved run beside it: an operator's statement would settle both. */
      readonly otherUnresolved: string | null;
    }
  /** There is no such run. */
  | { readonly kind: 'missing'; readonly why: string };

/** The checks of an examination. Only reading what Temporal knows can refuse it: nothing is sent. */
export function evaluateExamination(
  request: SwitchoverRequest,
  facts: ExaminedRunFacts | null,
  unreadable: readonly Observed<string>[],
): Check[] {
  return [
    toCheck('api-readable', 'blocking', apiReadable({ unreadable })),
    toCheck('examined-run-known', 'blocking', examinedRunKnown(request, facts)),
  ];
}

/** An examination judges by the evidence of the examined run, never by guesses about it. */
function examinedRunKnown(
  request: SwitchoverRequest,
  facts: ExaminedRunFacts | null,
): CheckVerdict {
  if (facts === null) return NOT_READ;
  if (facts.kind === 'missing') {
    const remedy = withCommands('Choose a run', instanceCommand('history', request));
    return { passed: false, observed: facts.why, remedy };
  }
  if (facts.kind === 'empty' && facts.otherUnresolved !== null)
    return {
      passed: false,
      observed: `${facts.why}. Run ${facts.otherUnresolved} is unresolved as well, and a recorded statement would settle both`,
      remedy: withCommands(
        'Find out what that one did first',
        verifyCommand(request, facts.otherUnresolved),
      ),
    };
  if (facts.kind === 'empty') {
    const command = resolveCommand(request, facts.provedOutcome ?? undefined);
    return {
      passed: false,
      observed: facts.why,
      remedy: withCommands('Record what you found', command),
    };
  }
  const { runId, ended, putSummary } = facts.examined;
  const strayJob = request.mode === 'adopt' ? whyNotItsJob(request, facts.examined) : null;
  if (strayJob !== null) return strayJob;
  return { passed: true, observed: `run ${runId} ended ${ended}. ${putSummary}` };
}

/** A job that cannot be the one of the examined run would settle its unresolved outcome by what another did. */
function whyNotItsJob(request: SwitchoverRequest, examined: ExaminedRun): CheckVerdict | null {
  const { runId, sending, putSummary, jobId, taskId, knownSwapTaskIds } = examined;
  const named = request.jobId ?? '';
  const otherRun = findOtherRun(examined, { id: named, jobId: null });
  if (sending === 'not-applied')
    return {
      passed: false,
      observed: `run ${runId} has no job of its own: ${putSummary}`,
      remedy: withCommands('Verify it instead', verifyCommand(request, runId)),
    };
  if (jobId !== null && named !== jobId && named !== taskId)
    return {
      passed: false,
      observed: `job ${named} is not the one of run ${runId}: ${putSummary}`,
      remedy: withCommands('Wait for its own', adoptCommand(request, runId, jobId)),
    };
  if (knownSwapTaskIds.includes(named))
    return {
      passed: false,
      observed: `task ${named} was listed before the PUT of run ${runId}, so it is another swap`,
      remedy: withCommands('Verify the run instead', verifyCommand(request, runId)),
    };
  if (otherRun !== null)
    return {
      passed: false,
      observed: `job ${named} is that of run ${otherRun}, not of run ${runId}`,
      remedy: withCommands('Verify the run instead', verifyCommand(request, runId)),
    };
  return null;
}
