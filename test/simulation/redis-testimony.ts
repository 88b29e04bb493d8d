/** Gathers what the model of Redis knows of one run, for the witness to judge. */
import type { RunFacts } from '../../src/domain/run-facts.js';
import type { SwapCall, WatchCall } from '../../src/domain/reports.js';

import type { Stage } from './judge.js';
import type { Shown } from './redis.js';
import type { Sight } from './redis-socket.js';
import type { JudgedRun } from './testimony.js';
import type { Act, SimRun } from './temporal.js';

/** What one watch of a run saw. */
export interface Watched {
  /** Its last look that worked; `null`: none did. */
  readonly last: Shown | null;
  /** The one before that. */
  readonly previous: Shown | null;
  /** Tries since then that failed. */
  readonly failures: number;
  /** It went on until what may pass had had its time. */
  readonly isPatient: boolean;
  /** It looked once more, when the lock had been held. */
  readonly isHolding: boolean;
}

/** One PUT as it left. */
export interface RedisPut {
  readonly purpose: 'forward' | 'compensate';
  /** What was shown right before it, and what the run had seen before; `null`: nothing. */
  readonly shown: Shown | null;
  readonly expected: Shown | null;
  /** What the run had been shown before its forward PUT. */
  readonly forward: Shown | null;
  /** The last watch before it. */
  readonly watched: Watched | null;
}

/** A run and what the model of Redis knows of it. */
export interface WitnessedRedis {
  readonly run: RunFacts;
  /** A password proves that it is this instance. */
  readonly judges: boolean;
  /** No reset has made it: what a reset leaves out of a history the model does not know. */
  readonly isWhole: boolean;
  readonly puts: readonly RedisPut[];
  /** What was shown before the last PUT, or before the run ended without one; `null`: nothing. */
  readonly before: Shown | null;
  /** Of the swap that the outcome is about, in order. */
  readonly watches: readonly Watched[];
  /** The master that the API showed last is not the one from before that swap. */
  readonly isShownMoved: boolean;
  /** What the result names, as it was shown; `undefined`: it was shown to no one. */
  readonly named: { readonly before: Named; readonly after: Named };
  /** Of a `verify`: how the run that it is about had ended. */
  readonly examined: RunFacts | null;
  /** Its measurement; `null`: none was begun. */
  readonly measuring: {
    readonly hasReported: boolean;
    readonly executions: number;
    /** So much later than the PUT it was asked for, in milliseconds. */
    readonly behindMs: number;
  } | null;
  /** Nothing struck, and Redis did what the API shows. */
  readonly isUndisturbed: boolean;
}

type Named = Shown | null | undefined;

/** What is known of the Redis of a run; `null`: no one looks at it. */
export function testifyOfRedis(
  stage: Stage,
  { facts, run, earlier }: Pick<JudgedRun, 'facts' | 'run' | 'earlier'>,
  {
    masterBefore,
    shown,
  }: { readonly masterBefore: string; readonly shown: readonly { readonly master: string }[] },
): WitnessedRedis | null {
  const { redis } = stage.dcs;
  if (redis === null) return null;
  const judges = redis.spec.binding === 'password';
  const puts = putsOf(stage, run);
  const purpose = puts.at(-1)?.purpose ?? 'forward';
  const begunAtMs = swapsOf(run, purpose).at(-1)?.scheduledAtMs ?? 0;
  const watches = watchesOf(stage, run).filter(({ act }) => act.scheduledAtMs >= begunAtMs);
  const before = lastShown(stage, run, purpose, Infinity);
  const lastMaster = shown.at(-1)?.master ?? masterBefore;
  const isAway = lastMaster !== masterBefore;
  return {
    ...{ run: facts, puts, before, judges },
    isWhole: run.resetFromRunId === null,
    watches: watches.map(({ watched }) => watched),
    isShownMoved: purpose === 'forward' ? isAway : !isAway,
    named: namedBy(facts, stage.dcs.sights),
    measuring: measuringOf(run),
    examined: facts.mode === 'verify' ? (earlier.at(-1)?.facts ?? null) : null,
    isUndisturbed:
      stage.schedule.faults.length === 0 &&
      (judges || redis.spec.follows.every(({ ms }) => ms <= SOON_MS)) &&
      redis.moved.length === stage.dcs.changes.length &&
      redis.moved.every(({ move }) => move === 'swap'),
  };
}

/** An address that follows the roles later is not waited for where what Redis says decides nothing. */
const SOON_MS = 8_000;

function measuringOf(run: SimRun): WitnessedRedis['measuring'] {
  const act = actsOf(run, 'measure').at(-1);
  if (act === undefined) return null;
  const { hasReported, attempt: executions, scheduledAtMs } = act;
  // A run that was cancelled right before its PUT has asked for the measurement alone.
  const behindMs = scheduledAtMs - (actsOf(run, 'requestSwap')[0]?.scheduledAtMs ?? scheduledAtMs);
  return { hasReported, executions, behindMs };
}

function namedBy({ result }: RunFacts, sights: readonly Sight[]): WitnessedRedis['named'] {
  const find = (look: { readonly offset: number } | null | undefined): Named =>
    look === null || look === undefined
      ? null
      : sights.find(({ shown }) => shown?.offset === look.offset)?.shown;
  const { before, after } = result?.dataPlane?.witness ?? {};
  return { before: find(before), after: find(after) };
}

/** The looks of the execution that counts. */
function looksOf({ dcs }: Stage, { runId }: SimRun, { activityId, attempt }: Act): Sight[] {
  return dcs.sights.filter(
    (sight) =>
      sight.runId === runId && sight.activityId === activityId && sight.attempt === attempt,
  );
}

function shownTo(stage: Stage, run: SimRun, act: Act): Shown | null {
  return looksOf(stage, run, act).findLast(isSeen)?.shown ?? null;
}

const isSeen = ({ answeredAtMs }: Sight): boolean => answeredAtMs !== null;

function actsOf({ acts }: SimRun, ...types: readonly string[]): Act[] {
  return [...acts.values()].filter(({ type }) => types.includes(type));
}

function swapsOf(run: SimRun, purpose: RedisPut['purpose']): Act[] {
  return actsOf(run, 'requestSwap').filter((act) => (act.call as SwapCall).purpose === purpose);
}

/** What the run was shown last before a swap: by its pre-check, or with a PUT; only what has reported counts. */
function lastShown(
  stage: Stage,
  run: SimRun,
  purpose: RedisPut['purpose'],
  untilMs: number,
): Shown | null {
  const first =
    purpose === 'forward'
      ? actsOf(run, 'preflight')
      : watchesOf(stage, run)
          .filter(({ act }) => act.scheduledAtMs < (swapsOf(run, purpose)[0]?.scheduledAtMs ?? 0))
          .slice(-1)
          .map(({ act }) => act);
  const sent = swapsOf(run, purpose).filter(({ activityId }) =>
    stage.dcs.puts.some((put) => put.runId === run.runId && put.activityId === activityId),
  );
  return (
    [...first, ...sent]
      .filter(({ hasReported, scheduledAtMs }) => hasReported && scheduledAtMs < untilMs)
      .flatMap((act) => shownTo(stage, run, act) ?? [])
      .at(-1) ?? null
  );
}

interface WatchAct {
  readonly act: Act;
  readonly watched: Watched;
}

function watchesOf(stage: Stage, run: SimRun): WatchAct[] {
  return actsOf(run, 'verifyRoles', 'watchRoles')
    .filter(({ hasReported }) => hasReported)
    .map((act) => {
      const looks = looksOf(stage, run, act);
      const seen = looks.filter(isSeen);
      const failures = looks.length - 1 - looks.findLastIndex(isSeen);
      const [last = null, previous = null] = seen.toReversed().map(({ shown }) => shown);
      const { watchSeconds, phase } = act.call as WatchCall;
      const isPatient = act.type === 'verifyRoles' || watchSeconds > 0;
      const isHolding = phase === 'HOLDING';
      return { act, watched: { last, previous, failures, isPatient, isHolding } };
    });
}

function putsOf(stage: Stage, run: SimRun): RedisPut[] {
  return stage.dcs.puts
    .filter(({ runId }) => runId === run.runId)
    .flatMap(({ activityId }) => {
      const act = [...run.acts.values()].find((one) => one.activityId === activityId);
      if (act === undefined) return [];
      const { purpose } = act.call as SwapCall;
      const earlier = watchesOf(stage, run).filter(
        (one) => one.act.scheduledAtMs < act.scheduledAtMs,
      );
      return [
        {
          purpose,
          shown: shownTo(stage, run, act),
          expected: lastShown(stage, run, purpose, act.scheduledAtMs),
          forward: lastShown(stage, run, 'forward', act.scheduledAtMs),
          watched: earlier.at(-1)?.watched ?? null,
        },
      ];
    });
}
