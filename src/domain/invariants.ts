/**
 * What must be true of every run of `dcsSwitchover`, whatever happened to it: one list, by which the command `audit`
 * judges a history and the tests judge every run that they make. Pure.
 */
import { isCompletingOutcome, isOutcome } from '../contract/index.js';
import type { Timing } from '../contract/index.js';

import { MAY_HAVE_SENT } from './outcome.js';
import type { PutFacts, RunFacts } from './run-facts.js';
import { lastLookBoundSeconds, quotaPatienceSeconds, runBoundSeconds } from './timing.js';
import { findSecrets, findViolations, moreThan, said, when } from './violations.js';
import type { Invariant, Violation } from './violations.js';
import { CONTRADICTIONS } from './witness.js';

/** The facts of a run, and the secrets that must not be among them, where they are known. */
export type AuditedRun = RunFacts & { readonly secrets?: readonly string[] };

/** Every invariant that a history alone can prove or refute. */
const INVARIANTS: readonly Invariant<AuditedRun>[] = [
  {
    name: 'one-forward-swap',
    sentence: 'At most one forward swap is accepted, two where reissue "once" was asked for.',
    check: (run) => {
      const allowed = run.request?.reissue === 'once' ? 2 : 1;
      return moreThan(allowed, accepted(run, 'forward'), 'forward swaps were accepted');
    },
  },
  {
    name: 'one-swap-back',
    sentence: 'At most one swap back is sent, and only after a forward swap that was accepted.',
    check: (run) => {
      const back = run.puts.filter(({ purpose, sent }) => purpose === 'compensate' && sent > 0);
      const isFirst = back.length > 0 && accepted(run, 'forward').length === 0;
      return [
        ...moreThan(1, accepted(run, 'compensate'), 'swaps back were accepted'),
        ...when(isFirst, 'a swap back was sent without an accepted forward swap'),
      ];
    },
  },
  {
    name: 'no-put-after-an-unresolved-one',
    sentence: 'After an unresolved PUT none follows, unless reissue "once" allows one.',
    check: ({ puts, request, resetAtMs }) => {
      const isReissued = request?.reissue === 'once';
      const at = puts.findIndex(({ state }) => state === 'possibly-sent');
      // A re-issue that provably did nothing may be tried again.
      const counted = puts.slice(at < 0 ? puts.length : at + 1).filter((put) => {
        const isFurther = put.purpose === 'forward' && put.state !== 'not-applied';
        return maySend(put, resetAtMs) && (!isReissued || isFurther);
      });
      return moreThan(isReissued ? 1 : 0, counted, 'PUTs followed an unresolved one');
    },
  },
  {
    name: 'only-a-switch-sends',
    sentence: 'Only a "switch" that its pre-check let proceed comes to the activity that sends.',
    check: ({ mode, mayProceed, puts }) => [
      ...when(mode !== 'switch' && puts.length > 0, said`a run of mode "${mode}" came to it`),
      ...when(!mayProceed && puts.length > 0, 'the pre-check did not let it'),
    ],
  },
  {
    name: 'one-execution',
    sentence: 'No swap activity is executed twice.',
    check: ({ puts }) =>
      puts.flatMap(({ executions }) =>
        when(executions > 1, said`one was executed ${executions} times`),
      ),
  },
  {
    name: 'nothing-after-a-reset',
    sentence: 'A run that a reset has made sends nothing: what came of the earlier PUT, it reads.',
    check: ({ puts, resetAtMs }) => {
      if (resetAtMs === null) return [];
      const sent = puts.filter(
        ({ hasLeft, scheduledAtMs }) => hasLeft && scheduledAtMs >= resetAtMs,
      );
      return moreThan(0, sent, 'PUTs were sent after the reset');
    },
  },
  {
    name: 'in-time',
    sentence: 'No PUT is sent by an activity that was scheduled after the last instant for it.',
    check: ({ puts, resetAtMs }) =>
      puts.flatMap((put) => {
        const lateMs = put.notAfterMs === null ? 0 : put.scheduledAtMs - put.notAfterMs;
        return when(maySend(put, resetAtMs) && lateMs > 0, said`scheduled ${lateMs} ms after it`);
      }),
  },
  {
    name: 'success-is-proved',
    sentence:
      'SUCCEEDED stands on one accepted forward swap that nothing took back, and on roles that were read and have changed.',
    check: (run) => {
      if (!hasEndedBy(run, 'SUCCEEDED')) return [];
      const { change, stable, masterActive } = run.observation ?? {};
      return [
        ...when(accepted(run, 'forward').length === 0, 'no forward swap was accepted'),
        ...when(accepted(run, 'compensate').length > 0, 'a swap back was accepted'),
        ...when(change !== 'changed', said`the roles were last read as ${change ?? 'nothing'}`),
        ...when(stable !== true, 'the roles were not stable'),
        ...when(masterActive !== true, 'the new master was not Active'),
      ];
    },
  },
  {
    name: 'compensation-is-proved',
    sentence: 'COMPENSATED stands on an accepted forward swap and an accepted swap back.',
    check: (run) =>
      hasEndedBy(run, 'COMPENSATED')
        ? (['forward', 'compensate'] as const).flatMap((purpose) =>
            when(accepted(run, purpose).length === 0, said`no ${purpose} swap was accepted`),
          )
        : [],
  },
  {
    name: 'unchanged-is-proved',
    sentence:
      'FAILED_UNCHANGED leaves no PUT unresolved, and no accepted one whose job did not fail; no changed roles were read.',
    check: (run) => {
      if (!hasEndedBy(run, 'FAILED_UNCHANGED')) return [];
      const isJobFailed = run.jobs.some(({ state }) => state === 'FAIL');
      return [
        ...when(
          run.puts.some(({ state }) => state === 'possibly-sent'),
          'a PUT is unresolved',
        ),
        ...when(
          accepted(run, 'forward').length > 0 && !isJobFailed,
          'an accepted PUT did not fail',
        ),
        ...when(run.observation?.change === 'changed', 'the roles were read as changed'),
      ];
    },
  },
  {
    name: 'the-witness-agrees',
    sentence: 'No outcome stands that Redis itself contradicts, where it may judge.',
    check: (run) => {
      const word = run.result?.dataPlane?.witness.word;
      if (word === undefined || run.observation?.witness?.judges !== true) return [];
      return (['SUCCEEDED', 'FAILED_UNCHANGED'] as const).flatMap((outcome) =>
        when(
          hasEndedBy(run, outcome) && CONTRADICTIONS[outcome][word] !== undefined,
          said`Redis said ${word}`,
        ),
      );
    },
  },
  {
    name: 'a-veto-holds',
    sentence:
      'No PUT is sent that Redis itself holds back, where it may judge: after another server or role than before, or without a reason for a swap back.',
    check: ({ puts, resetAtMs }) =>
      puts.flatMap((put) =>
        put.redisVeto !== null && maySend(put, resetAtMs) ? [said`one was: ${put.redisVeto}`] : [],
      ),
  },
  {
    name: 'nothing-sent-is-true',
    sentence: 'A run that says that it sent nothing, or was cancelled, has sent nothing.',
    check: (run) => {
      const { outcome, repeatOfRunId = null } = run.result ?? {};
      const reported = run.failureType ?? outcome;
      const saysSo =
        run.ended === 'cancelled' ||
        repeatOfRunId !== null ||
        (isOutcome(reported) && !MAY_HAVE_SENT[reported]);
      return saysSo
        ? moreThan(
            0,
            run.puts.filter(({ sent }) => sent > 0),
            'PUTs were sent',
          )
        : [];
    },
  },
  {
    name: 'no-needless-unknown',
    sentence: 'Of the runs that switch, only one that has sent a PUT, or may have, says UNKNOWN.',
    check: (run) => {
      const isUnknown = hasEndedBy(run, 'UNKNOWN');
      return when(isUnknown && run.puts.every(({ sent }) => sent === 0), 'nothing was sent');
    },
  },
  {
    name: 'counts-are-true',
    sentence: 'The result counts the PUTs that the history shows.',
    check: (run) => {
      const { swapsSent, swapsAccepted } = run.result ?? {};
      if (swapsSent === undefined || run.mode !== 'switch' || isRepeat(run)) return [];
      const sent = run.puts.reduce((sum, put) => sum + put.sent, 0);
      const known = run.puts.filter(({ state }) => state === 'accepted').length;
      return [
        ...when(swapsSent !== sent, said`it says ${swapsSent} sent, the history ${sent}`),
        ...when(
          swapsAccepted !== known,
          said`it says ${swapsAccepted} accepted, the history ${known}`,
        ),
      ];
    },
  },
  {
    name: 'ends-by-a-name',
    sentence: 'A run ends with an outcome, Cancelled, or from outside; it never crashes.',
    check: ({ ended, failureType, result }) => {
      const outcome = result?.outcome;
      if (ended === 'completed')
        return when(
          outcome === undefined || !isCompletingOutcome(outcome),
          'it completed without one',
        );
      const isNamed = isOutcome(failureType) && !isCompletingOutcome(failureType);
      return when(ended === 'failed' && !isNamed, said`it failed with ${failureType ?? 'no type'}`);
    },
  },
  {
    name: 'bounded',
    sentence: 'A run ends within its bound: every wait has a limit.',
    check: ({ request, startedAtMs, closedAtMs }) => {
      if (request === null || closedAtMs === null) return [];
      const tookMs = closedAtMs - startedAtMs;
      const boundMs = Math.max(0, request.notAfterMs - startedAtMs) + restMs(request.timing);
      return when(tookMs > boundMs, said`it took ${Math.round(tookMs / 1000)} s`);
    },
  },
  {
    name: 'no-secret',
    sentence: 'No secret, and nothing that looks like a credential, stands in the history.',
    check: findSecrets,
  },
];

/** The promises of the list. */
export const PROMISES = INVARIANTS.map(({ name, sentence }) => ({ name, sentence }));

/** Judges a run by the list; empty: every promise was kept, by an open run as far as it has come. */
export function auditRunFacts(run: AuditedRun): Violation[] {
  return findViolations(run, INVARIANTS);
}

/**
 * Whether it was, or may have been, sent for this run. What a run that a reset has made asks for afterwards is refused: its
 * "may have been sent" is about the earlier run, whose PUT is copied before it.
 */
function maySend({ sent, scheduledAtMs }: PutFacts, resetAtMs: number | null): boolean {
  return sent > 0 && scheduledAtMs < (resetAtMs ?? Infinity);
}

/** Whether the run itself, not one that it repeats, ended so. */
function hasEndedBy(run: RunFacts, outcome: string): boolean {
  return run.mode === 'switch' && run.result?.outcome === outcome && !isRepeat(run);
}

function isRepeat({ result }: RunFacts): boolean {
  return (result?.repeatOfRunId ?? null) !== null;
}

function accepted({ puts }: RunFacts, purpose: PutFacts['purpose']): PutFacts[] {
  return puts.filter((put) => put.purpose === purpose && put.state === 'accepted');
}

/** How long a run may go on after its last instant for a PUT, with what a busy instance and the quota of the API add. */
export function restMs(timing: Timing): number {
  const patience = 2 * quotaPatienceSeconds(timing);
  return (runBoundSeconds(timing) + lastLookBoundSeconds(timing) + patience) * 1000;
}
