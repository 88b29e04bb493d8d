/** What the ledger of the service says of a run, whatever the run itself says: invariants that only a test can check. */
import type { RunFacts } from '../../src/domain/run-facts.js';
import type { Invariant } from '../../src/domain/violations.js';

/** One swap of the ledger. Times are true ones, epoch milliseconds. */
export interface WitnessedSwap {
  readonly atMs: number;
  readonly purpose: 'forward' | 'compensate';
  /** `null`: its roles never changed. */
  readonly changedAtMs: number | null;
  readonly to: string;
}

/** One PUT as it left a worker. */
export interface WitnessedPut {
  readonly activityId: string;
  /** When a worker began its activity. */
  readonly begunAtMs: number;
  /** What the server answered its fence; `null`: it has none on record. */
  readonly fence: { readonly wasCancelled: boolean } | null;
  /** Of a swap back from a master that was not Active: the last look before it has shown it Active. */
  readonly isReasonGone: boolean;
  readonly atMs: number;
  /** Whether its worker learned what became of it. */
  readonly isAnswered: boolean;
  readonly purpose: 'forward' | 'compensate';
  readonly notAfterMs: number;
  /** How long its activity waited for a worker. */
  readonly waitedMs: number;
  /** When the server closed its activity; `null`: never. */
  readonly activityClosedAtMs: number | null;
}

/** A change of master that was not this run's work. */
export interface OtherChange {
  readonly atMs: number;
  readonly to: string;
  /** The last list of tasks that the run was given shows the swap, that of its pre-check does not. A failover has no row. */
  readonly isListed: boolean;
}

/** A run and what the ledger knows of it. */
export interface WitnessedRun {
  readonly run: RunFacts;
  readonly puts: readonly WitnessedPut[];
  readonly swaps: readonly WitnessedSwap[];
  /** Of the runs that a reset has made it of, and whose work it goes on with; `null`: no reset has made it. */
  readonly inherited: {
    readonly puts: number;
    readonly swaps: readonly WitnessedSwap[];
  } | null;
  /** Since the prior roles were read. */
  readonly others: readonly OtherChange[];
  /** No one else has ever had the service swap the instance. */
  readonly isAlone: boolean;
  /** When the run read its prior roles. */
  readonly readBeforeAtMs: number;
  /** As the run has read it. */
  readonly masterBefore: string;
  /** Lists still showed the master from before a change, and nothing could warn of it. */
  readonly isMisread: boolean;
  /** The masters that the run was shown after its first PUT, in order. */
  readonly shown: readonly { readonly atMs: number; readonly master: string }[];
  /** When the run ended. */
  readonly masterAfter: string;
  /** When a freeze began; empty: never. */
  readonly freezes: readonly { readonly fromMs: number; readonly untilMs: number }[];
  /** A worker has passed a fence and never reported. */
  readonly maySendUnseen: boolean;
  /** An attempt was lost without a fence on record. */
  readonly hasLostAttempt: boolean;
  /** Redis itself was moved or restarted, by whomever. */
  readonly hasRedisChanged: boolean;
  /** Nothing went wrong that must not. */
  readonly isUndisturbed: boolean;
  /** An activity that reads, and failed after all its attempts; `null`: none. */
  readonly failed: string | null;
  /** No run of the instance was before. */
  readonly isFirst: boolean;
  /** An earlier run of the same `requestId` and goal may have done it. */
  readonly isRepeat: boolean;
  /** The run whose outcome it gives; `null`: it gives its own. */
  readonly repeats: RunFacts | null;
  /** What an earlier run of the instance did is unresolved. */
  readonly isBarred: boolean;
}

/** A worker may send so long after it has asked for fence and freeze. */
const SEND_WINDOW_MS = 3_000;

/** From the hand-over to the model's instant of it. */
const HAND_OVER_MS = 100;

/** Every invariant that the ledger can prove or refute. */
export const WITNESSED: readonly Invariant<WitnessedRun>[] = [
  {
    name: 'ledger-one-forward-swap',
    sentence:
      'The service accepted at most one forward swap of a run, two where reissue "once" was asked for.',
    check: ({ run, ...seen }) => {
      const forward = swapsOf(seen).filter(({ purpose }) => purpose === 'forward').length;
      return when(forward > (run.request?.reissue === 'once' ? 2 : 1), `it accepted ${forward}`);
    },
  },
  {
    name: 'ledger-no-put-after-an-unresolved-one',
    sentence:
      'After a forward PUT of which its worker learned nothing no other one leaves, unless reissue "once" allows it.',
    check: ({ run, puts }) => {
      const forward = puts.filter(({ purpose }) => purpose === 'forward');
      const at = forward.findIndex(({ isAnswered }) => !isAnswered);
      const isBroken = run.request?.reissue !== 'once' && at >= 0 && at < forward.length - 1;
      return when(isBroken, 'one did');
    },
  },
  {
    name: 'a-reset-sends-nothing',
    sentence: 'A run that a reset has made sends no PUT.',
    check: ({ inherited, puts }) =>
      when(inherited !== null && puts.length > 0, `it has sent ${puts.length}`),
  },
  {
    name: 'ledger-success',
    sentence:
      'After SUCCEEDED the swap of this run has moved the master, once, no list of tasks shows another, and the roles were shown changed.',
    check: (seen) => {
      if (!endedBy(seen, 'SUCCEEDED')) return [];
      const { others, run, shown, masterBefore } = seen;
      // Of two PUTs, which `reissue` allows, the one without an answer may arrive when no one looks any more.
      const mayBeLater = ({ changedAtMs }: WitnessedSwap): boolean =>
        run.request?.reissue === 'once' && (changedAtMs ?? 0) > (shown.at(-1)?.atMs ?? Infinity);
      const moved = movedBy(seen).filter((swap) => !mayBeLater(swap));
      const [own] = moved;
      const last = shown.at(-1)?.master;
      const listed = others.filter(({ isListed }) => isListed).length;
      const isElsewhere = own !== undefined && own.to !== last && others.length === 0;
      return [
        ...when(
          moved.length !== 1 && !isTakenForOurs(seen),
          `it has moved it ${moved.length} times`,
        ),
        ...when(listed > 0, `${listed} changes by others that were listed`),
        ...when(last === undefined || last === masterBefore, 'it was shown no change'),
        ...when(isElsewhere && !seen.isMisread, 'the master is not where it has moved it'),
      ];
    },
  },
  {
    name: 'ledger-compensated',
    sentence:
      'After COMPENSATED two swaps of this run have moved the master there and back, and it was shown where it was.',
    check: (seen) => {
      if (!endedBy(seen, 'COMPENSATED')) return [];
      const moved = movedBy(seen).length;
      const isShownBack = seen.shown.at(-1)?.master === seen.masterBefore;
      return [
        ...when(moved !== 2 && !isTakenForOurs(seen, 2), `it has moved it ${moved} times`),
        ...when(!isShownBack, 'the master was not shown where it was'),
      ];
    },
  },
  {
    name: 'ledger-unchanged',
    sentence:
      'After FAILED_UNCHANGED no swap of this run has moved the master, not even later, unless a failover took it back unseen.',
    check: (seen) => {
      if (!endedBy(seen, 'FAILED_UNCHANGED')) return [];
      const { run, others, masterAfter, masterBefore, shown } = seen;
      const moved = movedBy(seen).map(({ changedAtMs }) => changedAtMs ?? 0);
      const isLate = moved.some((atMs) => atMs > (run.closedAtMs ?? 0));
      const isBack = masterAfter === masterBefore && others.some(({ isListed }) => !isListed);
      const wasShown = shown.some(({ master }) => master !== masterBefore);
      return [
        ...when(isLate || (moved.length > 0 && !isBack), 'one has'),
        ...when(moved.length > 0 && wasShown, 'one has, and it was shown'),
      ];
    },
  },
  {
    name: 'ledger-nothing-sent',
    sentence: 'A run that says that it sent nothing, or that repeats another, started no swap.',
    check: (seen) => {
      const { run, swaps } = seen;
      const { outcome = '', repeatOfRunId = null } = run.result ?? {};
      const saysSo =
        run.ended === 'cancelled' || repeatOfRunId !== null || NOTHING.includes(outcome);
      return when(
        (saysSo || run.mode !== 'switch') && swaps.length > 0,
        `it started ${swaps.length}`,
      );
    },
  },
  {
    name: 'ledger-in-time',
    sentence: 'No PUT leaves after the last instant for it.',
    check: ({ puts }) =>
      // For how long an activity waits for a worker no clock of that worker says, where all of them are behind.
      puts.flatMap(({ atMs, notAfterMs, waitedMs }) =>
        when(atMs > notAfterMs + waitedMs + HAND_OVER_MS, `one ${atMs - notAfterMs} ms later`),
      ),
  },
  {
    name: 'ledger-freeze',
    sentence:
      'No forward PUT leaves later than 3 s after a freeze has begun, while it is in force.',
    check: ({ puts, freezes }) =>
      puts.flatMap(({ atMs, begunAtMs, purpose }) => {
        if (purpose !== 'forward') return [];
        const inForce = freezes.filter(({ untilMs }) => atMs < untilMs);
        const isLate = inForce.some(({ fromMs }) => atMs > fromMs + SEND_WINDOW_MS + HAND_OVER_MS);
        const wasThere = inForce.some(({ fromMs }) => begunAtMs > fromMs);
        return [
          ...when(isLate, 'one did'),
          ...when(wasThere, 'one did whose activity began during it'),
        ];
      }),
  },
  {
    name: 'ledger-fence',
    sentence:
      'A PUT leaves once for an activity, with its fence on record, not cancelled before, no later than 3 s after the activity was closed.',
    check: ({ puts }) =>
      puts.flatMap(({ activityId, atMs, activityClosedAtMs, fence }, index) => {
        const lateMs = activityClosedAtMs === null ? 0 : atMs - activityClosedAtMs;
        const isSecond = puts.slice(0, index).some((put) => put.activityId === activityId);
        return [
          ...when(lateMs > SEND_WINDOW_MS + HAND_OVER_MS, `one ${lateMs} ms later`),
          ...when(fence === null, 'one without a fence on record'),
          ...when(fence?.wasCancelled === true, 'one although it was cancelled before'),
          ...when(isSecond, 'a second one'),
        ];
      }),
  },
  {
    name: 'swap-back-has-its-reason',
    sentence:
      'No swap back from a master that is not Active leaves after a last look that has shown it Active.',
    check: ({ puts }) => puts.flatMap(({ isReasonGone }) => when(isReasonGone, 'one did')),
  },
  {
    name: 'ledger-no-needless-unknown',
    sentence:
      'UNKNOWN is said only where a PUT has left, not of a swap that went well while nothing was in its way, and not of a swap by another where there was none.',
    check: (seen) => {
      if (!endedBy(seen, 'UNKNOWN')) return [];
      return [
        ...when(putCountOf(seen) === 0 && !mayHaveSent(seen), 'no PUT has left'),
        ...when(seen.isUndisturbed, 'nothing went wrong'),
        ...when(isCalledForeign(seen), 'no one else has swapped'),
      ];
    },
  },
  {
    name: 'undisturbed-succeeds',
    sentence:
      'Where nothing goes wrong a switchover succeeds, without being UNKNOWN meanwhile, and no reading fails.',
    check: (seen) => {
      const { failed, isUndisturbed, run, isRepeat, isFirst } = seen;
      const mustWork = isUndisturbed && run.mode === 'switch' && !isRepeat;
      const { outcome = run.ended } = run.result ?? {};
      // After another run the goal may be reached, the cool-down not over, or the request id another's.
      const isGood = outcome === 'SUCCEEDED' || (!isFirst && ['NOOP', 'REFUSED'].includes(outcome));
      const wasHeld = run.result?.timings?.phasesMs.HOLDING !== undefined;
      return [
        ...when(mustWork && !isGood, `it ended ${outcome}`),
        ...when(mustWork && wasHeld, 'it was UNKNOWN for a while'),
        ...when(mustWork && failed !== null, `${failed} failed`),
      ];
    },
  },
  {
    name: 'repeats-repeat-nothing',
    sentence: 'A request that was done is not done again.',
    check: ({ isRepeat, swaps }) => when(isRepeat && swaps.length > 0, 'it started a swap'),
  },
  {
    name: 'only-work-is-repeated',
    sentence: 'A run gives the outcome only of one that has sent, or may have.',
    check: ({ repeats }) =>
      when(repeats?.puts.every(({ sent }) => sent === 0) === true, 'that one had sent nothing'),
  },
  {
    name: 'only-the-unresolved-bars',
    sentence: 'No run is refused for an unresolved one where there is none.',
    check: ({ run, isBarred: isUnresolved }) => {
      const { checks = [] } = run.result ?? {};
      const isBarred = checks.some(
        ({ id, passed, observed }) =>
          id === 'previous-run-resolved' && !passed && observed.startsWith('run '),
      );
      return when(isBarred && !isUnresolved, 'one was');
    },
  },
  {
    name: 'unresolved-bars',
    sentence: 'After an unresolved run no other sends until it is settled.',
    check: ({ isBarred, puts, run }) =>
      when(isBarred && run.mode === 'switch' && puts.length > 0, 'one has sent'),
  },
];

const NOTHING: readonly string[] = ['NOOP', 'PLANNED', 'RESOLVED', 'REFUSED', 'INVALID_INPUT'];

function endedBy({ run }: WitnessedRun, outcome: string): boolean {
  return (
    run.mode === 'switch' &&
    run.result?.outcome === outcome &&
    (run.result.repeatOfRunId ?? null) === null
  );
}

type Sent = Pick<WitnessedRun, 'puts' | 'swaps' | 'inherited'>;

function swapsOf({
  swaps,
  inherited,
}: Pick<Sent, 'swaps' | 'inherited'>): readonly WitnessedSwap[] {
  return [...(inherited?.swaps ?? []), ...swaps];
}

function putCountOf({ puts, inherited }: Pick<Sent, 'puts' | 'inherited'>): number {
  return (inherited?.puts ?? 0) + puts.length;
}

/** A swap that was over when the run read its prior roles is none of its work. */
function movedBy(seen: WitnessedRun): readonly WitnessedSwap[] {
  return swapsOf(seen).filter(
    ({ changedAtMs }) => changedAtMs !== null && changedAtMs > seen.readBeforeAtMs,
  );
}

/**
 * A job that did nothing, and a failover in its time: no list shows failovers, so that no one can tell the two
 * from a swap.
 *
 * @param asked how many swaps the outcome stands on
 */
function isTakenForOurs({ others, ...seen }: WitnessedRun, asked = 1): boolean {
  const swaps = swapsOf(seen);
  const idle = swaps.filter(({ changedAtMs }) => changedAtMs === null);
  const unlisted = others.filter(({ isListed }) => !isListed);
  return swaps.length === asked && idle.length > 0 && unlisted.length >= idle.length;
}

/**
 * As far as anyone can know who has only Temporal's records. Of an attempt without a fence on record a restored server
 * may have lost the record; that leaves an unresolved outcome only where something has moved that may be its work. A run
 * that a reset has made knows nothing of what the other did after the point that it begins at.
 */
function mayHaveSent(seen: WitnessedRun): boolean {
  const { maySendUnseen, hasLostAttempt, hasRedisChanged, others, inherited } = seen;
  const hasMoved = others.length > 0 || hasRedisChanged;
  return maySendUnseen || inherited !== null || (hasLostAttempt && hasMoved);
}

/** Of two swaps of one run, which `reissue` allows, one may well look like another's. */
function isCalledForeign(seen: WitnessedRun): boolean {
  return seen.isAlone && swapsOf(seen).length <= 1 && seen.run.result?.cause === 'FOREIGN_SWAP';
}

function when(isBroken: boolean, found: string): string[] {
  return isBroken ? [found] : [];
}
