/** What the ledger of the service, and the links that the PUTs came by, know of each run. */
import type { RunFacts } from '../../src/domain/run-facts.js';
import type { CallRecord, SwapRecord } from '../../src/simulator/index.js';
import type { WitnessedPut, WitnessedRun } from '../simulation/witness.js';

import type { LeftPut, StruckFault } from './book.js';
import type { SeenAct, SeenFreeze, SeenRun } from './read-runs.js';

/** Everything that the judge goes by. */
export interface Evidence {
  readonly runs: readonly SeenRun[];
  readonly freezes: readonly SeenFreeze[];
  /** Arrivals of PUTs, and all swaps, as the service recorded them. */
  readonly arrivals: readonly CallRecord[];
  readonly swaps: readonly SwapRecord[];
  readonly puts: readonly LeftPut[];
  readonly faults: readonly StruckFault[];
  readonly cancelled: ReadonlySet<string>;
  readonly firstMasters: ReadonlyMap<string, string>;
}

/** A PUT that left, whose it was, and what became of it. */
export interface TracedPut {
  readonly left: LeftPut;
  readonly run: SeenRun | null;
  readonly act: SeenAct | null;
  /** `null`: it has not come to the service. */
  readonly arrival: CallRecord | null;
  /** `null`: the service has started none. */
  readonly swap: SwapRecord | null;
}

/** On a busy machine what is seen to happen has happened so much earlier at most. */
const TOLERANCE_MS = 1_000;

/** Two clocks of one machine that count milliseconds. */
const TICK_MS = 5;

/** Follows every PUT from its run to what the service did. */
export function tracePuts({ runs, arrivals, swaps, puts }: Evidence): readonly TracedPut[] {
  const swapOf = pairSwaps(arrivals, swaps);
  return puts.map((left) => {
    const { instanceId, atMs, port } = left;
    const owner = ownerOf(runs, instanceId, atMs);
    const arrival =
      arrivals.find(
        (call) =>
          call.instanceId === instanceId &&
          call.remotePort === port() &&
          call.at >= atMs - TOLERANCE_MS,
      ) ?? null;
    const swap = arrival === null ? null : (swapOf.get(arrival) ?? null);
    return { left, run: owner?.run ?? null, act: owner?.act ?? null, arrival, swap };
  });
}

/** The service works on the PUTs of an instance one after the other. */
function pairSwaps(
  arrivals: readonly CallRecord[],
  swaps: readonly SwapRecord[],
): ReadonlyMap<CallRecord, SwapRecord> {
  const byApi = swaps.filter(({ source }) => source === 'api');
  const pairs = new Map<CallRecord, SwapRecord>();
  for (const instanceId of new Set(byApi.map((swap) => swap.instanceId))) {
    const executed = arrivals.filter((call) => call.instanceId === instanceId && call.executed);
    const started = byApi.filter((swap) => swap.instanceId === instanceId);
    executed.forEach((call, index) => {
      const swap = started[index];
      if (swap !== undefined) pairs.set(call, swap);
    });
  }
  return pairs;
}

/** The activity of the instance that had begun last when the PUT left. */
function ownerOf(
  runs: readonly SeenRun[],
  instanceId: string,
  atMs: number,
): { readonly run: SeenRun; readonly act: SeenAct } | undefined {
  return runs
    .filter((run) => run.instanceId === instanceId)
    .flatMap((run) => run.acts.map((act) => ({ run, act })))
    .filter(({ act }) => (act.begunAtMs ?? Infinity) <= atMs + TICK_MS)
    .sort((one, other) => (one.act.begunAtMs ?? 0) - (other.act.begunAtMs ?? 0))
    .at(-1);
}

/** What is known of a run beside its history. `earlier` are those of its instance that ended before. */
export function witness(
  evidence: Evidence,
  traced: readonly TracedPut[],
  run: SeenRun,
  earlier: readonly SeenRun[],
): WitnessedRun {
  const { facts, instanceId, acts } = run;
  const { swaps: all, freezes, firstMasters } = evidence;
  const checkedAtMs = run.checkedAtMs ?? facts.startedAtMs;
  const endedAtMs = facts.closedAtMs ?? Infinity;
  const own = traced.filter((put) => put.run === run);
  const ownSwaps = new Set(own.flatMap(({ swap }) => swap ?? []));
  const changes = all.filter((swap) => swap.instanceId === instanceId).flatMap(toChange);
  const masterAt = (ms: number): string =>
    changes.findLast(({ atMs }) => atMs <= ms)?.to ?? firstMasters.get(instanceId) ?? '';
  return {
    run: facts,
    inherited: null,
    readBeforeAtMs: checkedAtMs,
    puts: own.map(toWitnessedPut),
    swaps: own.flatMap(({ act, swap }) =>
      swap === null
        ? []
        : {
            atMs: swap.at,
            purpose: act?.purpose ?? 'forward',
            changedAtMs: swap.rolesChangedAt,
            to: swap.toNodeId,
          },
    ),
    others: changes
      .filter(({ atMs, by }) => atMs > checkedAtMs && !ownSwaps.has(by))
      .map(({ atMs, to }) => ({ atMs, to, isListed: atMs < endedAtMs - LAST_LOOK_MS })),
    isAlone: all.every((swap) => swap.instanceId !== instanceId || ownSwaps.has(swap)),
    masterBefore: masterAt(checkedAtMs),
    masterAfter: masterAt(endedAtMs),
    shown: own.length === 0 ? [] : [{ atMs: endedAtMs, master: masterAt(endedAtMs) }],
    freezes: freezes.map(({ fromMs, untilMs }) => {
      return { fromMs: fromMs + TOLERANCE_MS, untilMs: untilMs - TOLERANCE_MS };
    }),
    maySendUnseen: acts.some((act) => mayHavePassed(act, evidence)),
    hasLostAttempt: acts.some(
      ({ isTimedOut, hasFenceOnRecord }) => isTimedOut && !hasFenceOnRecord,
    ),
    isMisread: changes.some(({ atMs }) => Math.abs(atMs - checkedAtMs) <= BLIND_MS),
    isUndisturbed: isUndisturbed(evidence, run) && !isBarredBy(earlier),
    isFirst: earlier.length === 0,
    isRepeat: earlier.some((before) => isSameRequest(before.facts, facts)),
    repeats:
      earlier.find(({ facts: { runId } }) => runId === facts.result?.repeatOfRunId)?.facts ?? null,
    failed: null,
    hasRedisChanged: false,
    isBarred: isBarredBy(earlier),
  };
}

/** The last look of a run comes no earlier before its end. */
const LAST_LOOK_MS = 5_000;

/** A change so near to the pre-check may have come before its reading, or after. */
const BLIND_MS = 2_000;

const toChange = (by: SwapRecord) =>
  by.rolesChangedAt === null ? [] : [{ atMs: by.rolesChangedAt, to: by.toNodeId, by }];

function toWitnessedPut({ left, act }: TracedPut): WitnessedPut {
  const closedAtMs = act?.closedAtMs ?? null;
  return {
    activityId: act?.activityId ?? 'none',
    begunAtMs: act?.begunAtMs ?? 0,
    // A heartbeat that was taken leaves no trace once its activity has reported.
    fence: { wasCancelled: false },
    isReasonGone: false,
    // What its worker learned of it, no one here knows.
    isAnswered: true,
    waitedMs: (act?.begunAtMs ?? 0) - (act?.scheduledAtMs ?? 0) + TOLERANCE_MS,
    atMs: left.atMs,
    purpose: act?.purpose ?? 'forward',
    notAfterMs: act?.notAfterMs ?? Infinity,
    activityClosedAtMs: closedAtMs === null ? null : closedAtMs + TOLERANCE_MS,
  };
}

/** A PUT that met a reset may have been handed over and still not have come to our link. */
function mayHavePassed(act: SeenAct, { faults }: Evidence): boolean {
  const { begunAtMs, closedAtMs, hasFenceOnRecord, state } = act;
  if (hasFenceOnRecord) return true;
  if (state !== 'possibly-sent' || begunAtMs === null) return false;
  return faults.some(
    ({ name, fromMs, untilMs }) =>
      name.startsWith('worker to DCS') &&
      fromMs <= (closedAtMs ?? Infinity) &&
      untilMs >= begunAtMs,
  );
}

/** So long before a run began a fault may still be felt in it, such as by a worker that is getting up. */
const AFTERMATH_MS = 2_000;

/** Nothing was in the way of a run while it was under way. */
function isUndisturbed({ faults, freezes, cancelled }: Evidence, run: SeenRun): boolean {
  const { facts, instanceId } = run;
  const fromMs = facts.startedAtMs - AFTERMATH_MS;
  const toMs = facts.closedAtMs ?? Infinity;
  const isMet = (span: { readonly fromMs: number; readonly untilMs: number }): boolean =>
    span.fromMs <= toMs && span.untilMs >= fromMs;
  return (
    !cancelled.has(facts.runId) &&
    !freezes.some(isMet) &&
    !faults.some(
      (fault) =>
        fault.isExcuse &&
        (fault.instanceId === null || fault.instanceId === instanceId) &&
        isMet(fault),
    )
  );
}

function isUnresolved({ facts }: SeenRun): boolean {
  const isFromOutside = facts.ended === 'from-outside' && facts.puts.some(({ sent }) => sent > 0);
  return facts.result?.outcome === 'UNKNOWN' || isFromOutside;
}

/** Of a run about another: it was found out, or stated by an operator. */
const SETTLING: readonly string[] = ['SUCCEEDED', 'FAILED_UNCHANGED', 'COMPENSATED', 'RESOLVED'];

/** The latest run that has sent, or has settled another, decides. */
function isBarredBy(earlier: readonly SeenRun[]): boolean {
  const last = earlier.findLast(({ facts: { mode, puts, result } }) =>
    mode === 'switch'
      ? puts.some(({ sent }) => sent > 0)
      : SETTLING.includes(result?.outcome ?? 'none'),
  );
  return (
    last?.facts.mode === 'switch' &&
    isUnresolved(last) &&
    last.facts.puts.some(({ state }) => state !== 'not-applied')
  );
}

/** A request is one goal: a repeat asks for the same. */
function isSameRequest(before: RunFacts, { request, mode }: RunFacts): boolean {
  const requestId = request?.requestId ?? null;
  if (requestId === null || mode !== 'switch') return false;
  const isSame = before.request?.requestId === requestId && before.mode === 'switch';
  return isSame && before.puts.some(({ sent, state }) => sent > 0 && state !== 'not-applied');
}
