/**
 * What the model of Redis says of a run, whatever the run itself says. Decided from what is true of the processes and
 * their data, never by the product's own comparison of looks.
 */
import type { WitnessWord } from '../../src/contract/index.js';
import type { Invariant } from '../../src/domain/violations.js';
import { when } from '../../src/domain/violations.js';

import type { Shown } from './redis.js';
import type { RedisPut, Watched, WitnessedRedis } from './redis-testimony.js';

/** Words that an outcome must not stand with. */
const AGAINST: Readonly<Record<'moved' | 'unmoved', readonly WitnessWord[]>> = {
  moved: [
    ...(['SAME', 'MOVED_AND_BACK', 'MOVED_MORE_THAN_ONCE', 'OTHER_DATA'] as const),
    ...(['DEMOTED_IN_PLACE', 'NOT_A_MASTER'] as const),
  ],
  unmoved: [
    ...(['MOVED', 'MOVED_AND_BACK', 'MOVED_MORE_THAN_ONCE', 'OTHER_DATA'] as const),
    ...(['DEMOTED_IN_PLACE', 'NOT_A_MASTER'] as const),
  ],
};

/** The address may lead to another node a little later. */
const PASSING: readonly WitnessWord[] = ['SAME', 'DEMOTED_IN_PLACE', 'NOT_A_MASTER'];

/** So many failures in a row take back a word that may pass. */
const PATIENCE = 3;

/** Every invariant that the model of Redis can prove or refute. */
export const REDIS_WITNESSED: readonly Invariant<WitnessedRedis>[] = [
  {
    name: 'redis-agrees',
    sentence:
      'No outcome stands that Redis, as it was shown last, contradicts, where it may judge.',
    check: (seen) => {
      const { judges, isWhole, before, run } = seen;
      const ending = endingOf(seen);
      if (!judges || !isWhole || ending === null) return [];
      const words = before === null ? CANNOT_TELL : shownLast(before, seen.watches);
      const isAgainst = words.every((word) => AGAINST[ending].includes(word));
      return when(isAgainst, `${run.result?.outcome ?? ''}, and it is ${words.join(' or ')}`);
    },
  },
  {
    name: 'redis-is-not-forgotten',
    sentence:
      'No verify finds an outcome for a run that Redis has contradicted where it has not seen Redis.',
    check: ({ run, examined, watches }) => {
      const { outcome = '' } = run.result ?? {};
      const isOutcome = outcome === 'SUCCEEDED' || outcome === 'FAILED_UNCHANGED';
      const wasDoubted = OF_REDIS.test(examined?.result?.cause ?? '');
      const isSeen = watches.some(({ last }) => last !== null);
      return when(isOutcome && wasDoubted && !isSeen, outcome);
    },
  },
  {
    name: 'redis-word-is-true',
    sentence: 'What the result says of Redis is true of it.',
    check: ({ run, named: { before, after } }) => {
      const word = run.result?.dataPlane?.witness.word ?? 'CANNOT_TELL';
      if (before === undefined || after === undefined) return ['it names a look that no one took'];
      if (word === 'CANNOT_TELL') return [];
      if (before === null || after === null) return [`it says ${word} of no look`];
      const truth = truthOf(before, after);
      return when(!truth.includes(word), `it says ${word}, and it is ${truth.join(' or ')}`);
    },
  },
  {
    name: 'redis-is-not-doubted-needlessly',
    sentence: 'UNKNOWN is said for Redis only where some look of a watch has contradicted.',
    check: ({ run, before, watches, isWhole, isShownMoved }) => {
      const { cause, repeatOfRunId = null } = run.result ?? {};
      const isOwn = run.mode === 'switch' && isWhole && repeatOfRunId === null;
      if (!isOwn || !OF_REDIS.test(cause ?? '')) return [];
      const against = AGAINST[isShownMoved ? 'moved' : 'unmoved'];
      const isContradicted =
        before !== null &&
        watches.some(
          ({ last }) =>
            last !== null && truthOf(before, last).some((word) => against.includes(word)),
        );
      return when(!isContradicted, `${cause}, and none has`);
    },
  },
  {
    name: 'redis-is-known-where-nothing-happens',
    sentence: 'Where nothing goes wrong, the result says what Redis did.',
    check: ({ run, isUndisturbed }) => {
      const { outcome = '', dataPlane } = run.result ?? {};
      const expected = UNDISTURBED[outcome];
      if (!isUndisturbed || expected === undefined || dataPlane === undefined) return [];
      const { word } = dataPlane.witness;
      return when(run.mode === 'switch' && word !== expected, `${outcome}, and it says ${word}`);
    },
  },
  {
    name: 'redis-veto-holds',
    sentence:
      'No PUT leaves after a look that shows another server, or role, than before, no second PUT after a move that it shows, and no swap back that it gives no reason for, where it may judge.',
    check: ({ puts, judges, isWhole }) =>
      judges && isWhole ? puts.flatMap((put) => [...drift(put), ...heldBack(put)]) : [],
  },
  {
    name: 'a-measurement-is-whole',
    sentence: 'Figures stand in a result only where the one execution that made them has reported.',
    check: ({ run, measuring }) => {
      const isMeasured = run.result?.dataPlane?.state === 'measured';
      const isWhole = measuring?.hasReported === true && measuring.executions === 1;
      const isRepeat = (run.result?.repeatOfRunId ?? null) !== null;
      return when(isMeasured && !isWhole && !isRepeat, 'none has');
    },
  },
  {
    name: 'no-put-waits-for-a-measurement',
    sentence: 'A PUT is asked for before its measurement, or with it.',
    check: ({ measuring }) =>
      when(measuring !== null && measuring.behindMs < 0, `${measuring?.behindMs ?? 0} ms later`),
  },
];

const UNDISTURBED: Readonly<Record<string, WitnessWord>> = {
  ...{ SUCCEEDED: 'MOVED', FAILED_UNCHANGED: 'SAME' },
};

const OF_REDIS = /^(COMPENSATION_)?(WITNESS_CONTRADICTS|NOT_SERVING)$/;

function endingOf({ run }: WitnessedRedis): 'moved' | 'unmoved' | null {
  const { outcome = '', repeatOfRunId = null } = run.result ?? {};
  if (run.mode !== 'switch' || repeatOfRunId !== null) return null;
  if (outcome === 'FAILED_UNCHANGED') return 'unmoved';
  return outcome === 'SUCCEEDED' || outcome === 'COMPENSATED' ? 'moved' : null;
}

const CANNOT_TELL: readonly WitnessWord[] = ['CANNOT_TELL'];

/** What may be true by the last look that worked, unless what it showed may have passed since. */
function shownLast(before: Shown, watches: readonly Watched[]): readonly WitnessWord[] {
  const watched = watches.findLast(({ last }) => last !== null);
  if (watched === undefined || watched.last === null || !isSteady(watched)) return CANNOT_TELL;
  const words = truthOf(before, watched.last);
  const later = watches.slice(watches.indexOf(watched) + 1);
  const isLast = watched.isPatient && later.every(({ isHolding }) => isHolding);
  const mayHavePassed = watched.failures >= PATIENCE || !isLast;
  return mayHavePassed && words.some((word) => PASSING.includes(word)) ? CANNOT_TELL : words;
}

function isSteady({ last, previous }: Watched): boolean {
  if (last === null || previous === null) return true;
  const { runId, role, history } = previous;
  return last.runId === runId && last.role === role && last.history.replid === history.replid;
}

/** A process that was started so shortly before the first look counts as older or as younger. */
const UNSURE_MS = 300_000;

/** What is true of two looks: one word, or either of two. */
export function truthOf(before: Shown, after: Shown): readonly WitnessWord[] {
  if (before.role !== 'master') return ['CANNOT_TELL'];
  const isSame = before.runId === after.runId;
  if (after.role !== 'master') return [isSame ? 'DEMOTED_IN_PLACE' : 'NOT_A_MASTER'];
  if (isSame) return [isSameHistory(before, after) ? 'SAME' : 'MOVED_AND_BACK'];
  if (after.startedAtMs >= before.atMs) return ['RESTARTED_OR_REPLACED'];
  const isYoung = before.atMs - after.startedAtMs < UNSURE_MS;
  return [...originOf(before, after), ...(isYoung ? (['RESTARTED_OR_REPLACED'] as const) : [])];
}

/** A master that is on another history has been the replica of another one in between. */
function isSameHistory({ history: from }: Shown, { history: to }: Shown): boolean {
  return from.dataset === to.dataset && from.moves === to.moves && from.restarts === to.restarts;
}

/** Of an older process. Of other data no look shows more than that another history lies in between. */
function originOf({ history: from }: Shown, { history: to }: Shown): readonly WitnessWord[] {
  if (from.dataset !== to.dataset) return ['OTHER_DATA', 'MOVED_MORE_THAN_ONCE'];
  const isOneMove = to.moves === from.moves + 1 && to.restarts === from.restarts;
  return [isOneMove ? 'MOVED' : 'MOVED_MORE_THAN_ONCE'];
}

function drift({ shown, expected }: RedisPut): string[] {
  if (shown === null || expected === null) return [];
  const isOther = shown.runId !== expected.runId || shown.role !== expected.role;
  return when(isOther, 'one did after another server, or role, was shown');
}

function heldBack({ purpose, forward, watched }: RedisPut): string[] {
  if (forward === null || (purpose === 'forward' && watched === null)) return [];
  const words = watched === null ? CANNOT_TELL : shownLast(forward, [watched]);
  const [isHeld, what] =
    purpose === 'forward'
      ? ([!words.some((word) => NO_TRACE.includes(word)), 'a second PUT'] as const)
      : ([words.every((word) => HOLDING_BACK.includes(word)), 'a swap back'] as const);
  return when(isHeld, `${what} did, and it is ${words.join(' or ')}`);
}

/** What leaves the first PUT without a trace. */
const NO_TRACE: readonly WitnessWord[] = ['SAME', 'CANNOT_TELL'];

/** What leaves a swap back the first move, or may. */
const HOLDING_BACK: readonly WitnessWord[] = ['SAME', 'MOVED_AND_BACK', 'CANNOT_TELL'];
