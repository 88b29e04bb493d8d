/** What the ledger of the service says of a run, whatever the run itself says: invariants that only a test can check. */
import type { Invariant, RunFacts } from '../../src/domain/invariants.js';

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
  /** Of a swap back: what it undoes was healed before its activity began. */
  readonly isReasonGone: boolean;
  readonly atMs: number;
  readonly purpose: 'forward' | 'compensate';
  readonly notAfterMs: number;
  /** When the server closed its activity; `null`: never. */
  readonly activityClosedAtMs: number | null;
}

/** A run and what the ledger knows of it. */
export interface WitnessedRun {
  readonly run: RunFacts;
  readonly puts: readonly WitnessedPut[];
  readonly swaps: readonly WitnessedSwap[];
  /** Changes of master that were not this run's work. */
  readonly foreignChanges: readonly { readonly atMs: number; readonly to: string }[];
  readonly masterBefore: string;
  /** When the run ended. */
  readonly masterAfter: string;
  /** When a freeze began; empty: never. */
  readonly freezes: readonly { readonly fromMs: number; readonly untilMs: number }[];
  /** A worker that died between its fence and its PUT leaves the same record as one that sent. */
  readonly hasPassedFence: boolean;
  /** How long lists show roles from before a change: for so long no one can know better. */
  readonly staleMs: number;
  /** The master moved so shortly before the pre-check that it may have been shown the old one, and no cool-down barred. */
  readonly isBlind: boolean;
  /** An attempt was lost without a fence on record; no one knows that the server has lost no record. */
  readonly hasLostAttempt: boolean;
  /** Nothing went wrong but that workers were lost while they read. */
  readonly isUndisturbed: boolean;
  /** An earlier run of the same `requestId` and goal has sent. */
  readonly isRepeat: boolean;
  /** The run whose outcome it gives; `null`: it gives its own. */
  readonly repeats: RunFacts | null;
  /** An earlier run of the instance ended UNKNOWN, or from outside after its PUT, and nothing has settled it since. */
  readonly isBarred: boolean;
  /** It has reason to think so. */
  readonly mayBeBarred: boolean;
}

/** A worker may send so long after it has asked for fence and freeze. */
const SEND_WINDOW_MS = 3_000;

/** Every invariant that the ledger can prove or refute. */
export const WITNESSED: readonly Invariant<WitnessedRun>[] = [
  {
    name: 'ledger-one-forward-swap',
    sentence:
      'The service accepted at most one forward swap of a run, two where reissue "once" was asked for.',
    check: ({ run, swaps }) => {
      const forward = swaps.filter(({ purpose }) => purpose === 'forward').length;
      return when(forward > (run.request?.reissue === 'once' ? 2 : 1), `it accepted ${forward}`);
    },
  },
  {
    name: 'ledger-success',
    sentence:
      'After SUCCEEDED the swap of this run, and of no one else, has moved the master, once.',
    check: (seen) => {
      if (!endedBy(seen, 'SUCCEEDED')) return [];
      const changed = seen.swaps.filter(({ changedAtMs }) => changedAtMs !== null);
      const [own] = changed;
      // Whoever swaps after the last look is no part of it.
      const foreign = seen.foreignChanges.filter(({ atMs }) => atMs < lookedAtMs(seen));
      return [
        ...when(changed.length !== 1, `${changed.length} swaps of it have moved the master`),
        ...when(!seen.isBlind && own?.to === seen.masterBefore, 'the master is where it was'),
        ...when(foreign.length > 0, `${foreign.length} changes by others before its last look`),
      ];
    },
  },
  {
    name: 'ledger-compensated',
    sentence: 'After COMPENSATED two swaps of this run have moved the master there and back.',
    check: (seen) => {
      if (!endedBy(seen, 'COMPENSATED')) return [];
      const changed = seen.swaps.filter(({ changedAtMs }) => changedAtMs !== null);
      return [
        ...when(changed.length !== 2, `${changed.length} swaps of it have moved the master`),
        ...when(changed[1]?.to !== seen.masterBefore, 'the master is not where it was'),
      ];
    },
  },
  {
    name: 'ledger-unchanged',
    sentence:
      'After FAILED_UNCHANGED no swap of this run has moved the master from where it was, not even later.',
    check: (seen) => {
      if (!endedBy(seen, 'FAILED_UNCHANGED')) return [];
      const { run, swaps, masterBefore, masterAfter } = seen;
      const times = swaps.flatMap(({ changedAtMs }) => changedAtMs ?? []);
      const isLate = times.some((atMs) => atMs > (run.closedAtMs ?? 0));
      // There and back, where the other change was a failover that no list shows, is where it was.
      return when(isLate || (times.length > 0 && masterAfter !== masterBefore), 'one has');
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
      puts.flatMap(({ atMs, notAfterMs }) =>
        when(atMs > notAfterMs + 1_000, `one ${atMs - notAfterMs} ms later`),
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
        const isLate = inForce.some(({ fromMs }) => atMs > fromMs + SEND_WINDOW_MS + 100);
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
          ...when(lateMs > SEND_WINDOW_MS + 100, `one ${lateMs} ms later`),
          ...when(fence === null, 'one without a fence on record'),
          ...when(fence?.wasCancelled === true, 'one although it was cancelled before'),
          ...when(isSecond, 'a second one'),
        ];
      }),
  },
  {
    name: 'swap-back-has-its-reason',
    sentence: 'No swap back leaves whose reason is gone.',
    check: ({ puts }) => puts.flatMap(({ isReasonGone }) => when(isReasonGone, 'one did')),
  },
  {
    name: 'ledger-no-needless-unknown',
    sentence:
      'UNKNOWN is said only where a PUT has left, and not of a swap that went well while nothing was in its way.',
    check: (seen) => {
      if (!endedBy(seen, 'UNKNOWN')) return [];
      return [
        ...when(seen.puts.length === 0 && !mayHaveSent(seen), 'no PUT has left'),
        ...when(seen.isUndisturbed, 'nothing went wrong'),
      ];
    },
  },
  {
    name: 'undisturbed-succeeds',
    sentence: 'Where nothing goes wrong a switchover succeeds.',
    check: (seen) => {
      const mustWork =
        seen.isUndisturbed && seen.run.mode === 'switch' && !seen.isRepeat && !seen.isBarred;
      const { outcome = seen.run.ended } = seen.run.result ?? {};
      return when(mustWork && !GOOD.includes(outcome), `it ended ${outcome}`);
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
    check: ({ run, mayBeBarred }) => {
      const { checks = [] } = run.result ?? {};
      const isBarred = checks.some(
        ({ id, passed, observed }) =>
          id === 'previous-run-resolved' && !passed && observed.startsWith('run '),
      );
      return when(isBarred && !mayBeBarred, 'one was');
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
const GOOD: readonly string[] = ['SUCCEEDED', 'NOOP', 'REFUSED'];

function endedBy({ run }: WitnessedRun, outcome: string): boolean {
  return (
    run.mode === 'switch' &&
    run.result?.outcome === outcome &&
    (run.result.repeatOfRunId ?? null) === null
  );
}

/** As far as anyone can know who has only Temporal's records. */
function mayHaveSent({ hasPassedFence, hasLostAttempt }: WitnessedRun): boolean {
  return hasPassedFence || hasLostAttempt;
}

/** When the roles that decided were read at the earliest, by the clock of the run. */
function lookedAtMs({ run, staleMs }: WitnessedRun): number {
  return (run.closedAtMs ?? 0) - 5_000 - staleMs;
}

function when(isBroken: boolean, found: string): string[] {
  return isBroken ? [found] : [];
}
