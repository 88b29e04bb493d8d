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
import type { Sighted } from '../facts.js';
import type { Baseline } from '../preflight-report.js';

import { NOT_READ, toCheck } from './check.js';
import type { Finding } from './check.js';
import { apiReadable } from './state.js';

/** What was found of the run in question. */
export type BaselineFacts =
  | { readonly kind: 'found'; readonly baseline: Baseline }
  /** There is such a run, but nothing to judge it by. */
  | {
      readonly kind: 'empty';
      readonly why: string;
      /** What its history proves all the same. */
      readonly provedOutcome: 'FAILED_UNCHANGED' | null;
      /** Another run in doubt beside it: a person's word would settle both. */
      readonly otherInDoubt: string | null;
    }
  /** There is no such run. */
  | { readonly kind: 'missing'; readonly why: string };

/** The checks of an examination. Only reading what Temporal knows can refuse it: nothing is sent. */
export function evaluateExamination(
  request: SwitchoverRequest,
  facts: BaselineFacts | null,
  unreadable: readonly Sighted<string>[],
): Check[] {
  return [
    toCheck('api-readable', 'blocking', apiReadable({ unreadable })),
    toCheck('baseline-known', 'blocking', baselineKnown(request, facts)),
  ];
}

/** An examination judges by the evidence of the run in question, never by guesses about it. */
export function baselineKnown(request: SwitchoverRequest, facts: BaselineFacts | null): Finding {
  if (facts === null) return NOT_READ;
  if (facts.kind === 'missing') {
    const remedy = withCommands('Choose a run', instanceCommand('history', request));
    return { passed: false, observed: facts.why, remedy };
  }
  if (facts.kind === 'empty' && facts.otherInDoubt !== null)
    return {
      passed: false,
      observed: `${facts.why}. Run ${facts.otherInDoubt} is in doubt as well, and a recorded word would settle both`,
      remedy: withCommands(
        'Find out what that one did first',
        verifyCommand(request, facts.otherInDoubt),
      ),
    };
  if (facts.kind === 'empty') {
    const command = resolveCommand(request, facts.provedOutcome ?? undefined);
    return {
      passed: false,
      observed: facts.why,
      remedy: withCommands('Record what is true', command),
    };
  }
  const { runId, ended, putInWords } = facts.baseline;
  const strayJob = request.mode === 'adopt' ? whyNotItsJob(request, facts.baseline) : null;
  if (strayJob !== null) return strayJob;
  return { passed: true, observed: `run ${runId} ended ${ended}. ${putInWords}` };
}

/** A job that cannot be the one of the run in question would settle its doubt by what another did. */
function whyNotItsJob(request: SwitchoverRequest, baseline: Baseline): Finding | null {
  const { runId, sending, putInWords, jobId, taskId, knownSwapTaskIds } = baseline;
  const named = request.jobId ?? '';
  const otherRun = findOtherRun(baseline, { id: named, jobId: null });
  if (sending === 'not-applied')
    return {
      passed: false,
      observed: `run ${runId} has no job of its own: ${putInWords}`,
      remedy: withCommands('Verify it instead', verifyCommand(request, runId)),
    };
  if (jobId !== null && named !== jobId && named !== taskId)
    return {
      passed: false,
      observed: `job ${named} is not the one of run ${runId}: ${putInWords}`,
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
