/** Gathers what the model knows of one run, for the witness to judge. */
import type { RunFacts } from '../../src/domain/run-facts.js';
import type { SwapCall } from '../../src/domain/reports.js';

import { isCalm } from './calm.js';
import { FAILOVER } from './dcs.js';
import type { Change, DcsModel, LeftPut, Look } from './dcs.js';
import { isRepeatOf, unresolvedAmong } from './earlier.js';
import type { EarlierRun } from './earlier.js';
import type { FaultBook } from './faults.js';
import type { Played, Stage } from './judge.js';
import type { Asked, Schedule } from './schedule.js';
import type { Act, SimRun } from './temporal.js';
import type { OtherChange, WitnessedPut, WitnessedRun, WitnessedSwap } from './witness.js';

/** A run that has ended, after others. */
export interface JudgedRun extends Played {
  readonly facts: RunFacts;
  readonly earlier: readonly EarlierRun[];
}

/** Everything about a run that the ledger of the service and the records of the server tell. */
export function testify(stage: Stage, book: FaultBook, judged: JudgedRun): WitnessedRun {
  const { dcs, schedule } = stage;
  const { facts, run, asked, earlier, isDisturbed = false } = judged;
  const line = stage.temporal.lineOf(run);
  const bases = line.filter((one) => one !== run);
  const acts = line.flatMap((one) => [...one.acts.values()]);
  const own = putsOf(dcs, [run]);
  const inherited = putsOf(dcs, bases);
  const looks = dcs.looks.filter(({ runId }) => line.some((one) => one.runId === runId));
  const before = readBefore(dcs, [...run.acts.values()], looks);
  const all = [...inherited, ...own];
  const unresolved = unresolvedAmong(earlier);
  return {
    ...{ run: facts, freezes: stage.freezes },
    swaps: own.flatMap((put) => toSwap(dcs, run, put)),
    inherited:
      bases.length === 0
        ? null
        : {
            puts: inherited.length,
            swaps: bases.flatMap((base) =>
              putsOf(dcs, [base]).flatMap((put) => toSwap(dcs, base, put)),
            ),
          },
    puts: own.map((put) => toPut(put, { run, asked, looks })),
    others: othersSince(before, { dcs, own: all, looks, schedule }),
    isAlone: isAlone(dcs, all),
    readBeforeAtMs: before.atMs,
    masterBefore: before.master,
    isMisread: before.hidden !== null && !isShielded(before.hidden, asked, schedule),
    shown: shownSince(looks, all),
    masterAfter: masterAt(dcs, run.closedAtMs ?? 0),
    maySendUnseen: acts.some(maySendUnseen),
    hasLostAttempt: acts.some(isLostAttempt),
    hasRedisChanged: (dcs.redis?.moved.length ?? 0) > 0,
    isUndisturbed: !isDisturbed && isCalm(book, schedule, asked) && unresolved === null,
    failed:
      acts.find(({ failedBy, type }) => failedBy !== null && TRIED_AGAIN.includes(type))?.type ??
      null,
    isFirst: earlier.length === 0,
    isRepeat: earlier.some((one) => isRepeatOf(one, facts, asked)),
    repeats:
      earlier.find(({ facts: { runId } }) => runId === facts.result?.repeatOfRunId)?.facts ?? null,
    isBarred: unresolved !== null,
  };
}

/** Activities that have several attempts. */
const TRIED_AGAIN = ['preflight', 'awaitJob', 'verifyRoles', 'watchRoles'];

function putsOf({ puts }: DcsModel, runs: readonly SimRun[]): LeftPut[] {
  return puts.filter(({ runId }) => runs.some((run) => run.runId === runId));
}

/** The master at an instant, true time. */
function masterAt({ changes, instance }: DcsModel, ms: number): string {
  const first = instance.rows()[0]?.key ?? '';
  return changes.findLast(({ atMs }) => atMs <= ms)?.to ?? first;
}

/** The prior roles, as the run has read them. */
interface Before {
  readonly master: string;
  /** When the service showed them. */
  readonly atMs: number;
  /** The latest change before, if they were those from before it; lists show roles late. */
  readonly hidden: Change | null;
}

function readBefore(dcs: DcsModel, acts: readonly Act[], looks: readonly Look[]): Before {
  const look = looks.findLast(({ asker, at }) => asker === 'preflight' && at === 'roles');
  const atMs = look?.atMs ?? 0;
  const { expected } = (acts.find(isSwap)?.call ?? {}) as Partial<SwapCall>;
  const nodeId = expected?.groups
    .flatMap(({ nodes }) => nodes)
    .find(({ role }) => role === 'master')?.nodeId;
  const read = dcs.instance.rows().find((row) => row.nodeId === nodeId)?.key;
  const truly = masterAt(dcs, atMs);
  const isMisread = read !== undefined && read !== truly;
  const hidden = isMisread ? dcs.changes.findLast((change) => change.atMs <= atMs) : undefined;
  return { master: read ?? truly, atMs, hidden: hidden ?? null };
}

/**
 * A cool-down that lasts as long as lists show the roles late bars a run, by the row of the swap that moved them: then
 * nothing may be sent by wrong prior roles. A failover has no row.
 */
function isShielded({ by }: Change, { coolDownSeconds }: Asked, schedule: Schedule): boolean {
  const { staleRoleViewsMs, taskRowDelayMs } = schedule;
  return by !== FAILOVER && taskRowDelayMs === 0 && coolDownSeconds * 1000 > staleRoleViewsMs;
}

interface SinceTerms {
  readonly dcs: DcsModel;
  readonly own: readonly LeftPut[];
  readonly looks: readonly Look[];
  readonly schedule: Schedule;
}

/** Changes of master by others that the prior roles do not contain. */
function othersSince(
  { atMs: beforeMs, hidden }: Before,
  { dcs, own, looks, schedule }: SinceTerms,
): OtherChange[] {
  const ownJobs = own.map(({ jobId }) => jobId);
  const lists = looks.filter(({ at }) => at === 'tasks');
  const knownMs = lists.findLast(({ asker }) => asker === 'preflight')?.atMs ?? 0;
  const listedMs = lists.at(-1)?.atMs ?? 0;
  const isListed = (by: string): boolean => {
    const swap = dcs.ledger.swaps.find(({ jobId }) => jobId === by);
    const fromMs = swap === undefined ? Infinity : swap.at + schedule.taskRowDelayMs;
    return fromMs > knownMs && fromMs <= listedMs;
  };
  return dcs.changes
    .filter((change) => change.atMs > beforeMs || change === hidden)
    .filter(({ by }) => !ownJobs.includes(by))
    .map(({ atMs, to, by }) => ({ atMs, to, isListed: isListed(by) }));
}

function isAlone({ ledger, instance: { instanceId } }: DcsModel, own: readonly LeftPut[]): boolean {
  const jobs = own.map(({ jobId }) => jobId);
  return ledger.swaps.every((swap) => swap.instanceId !== instanceId || jobs.includes(swap.jobId));
}

/** The masters that the run was shown after its first PUT, in order. */
function shownSince(looks: readonly Look[], [first]: readonly LeftPut[]) {
  if (first === undefined) return [];
  return looks.flatMap(({ atMs, master }) =>
    atMs > first.atMs && master !== null ? [{ atMs, master }] : [],
  );
}

const isSwap = ({ type }: Act): boolean => type === 'requestSwap';

/** Past its fence without a word: a worker that died between fence and PUT leaves the same record as one that sent. */
function maySendUnseen(act: Act): boolean {
  return isSwap(act) && act.fence !== null && !act.hasReported;
}

function isLostAttempt(act: Act): boolean {
  return isSwap(act) && act.fence === null && act.failedBy === 'activityTaskTimedOut';
}

function toSwap({ changes }: DcsModel, { acts }: SimRun, put: LeftPut): WitnessedSwap[] {
  const { activityId, jobId, arrivedAtMs } = put;
  if (jobId === null) return [];
  const act = [...acts.values()].find((one) => one.activityId === activityId);
  const { purpose } = act?.call as SwapCall;
  const change = changes.find(({ by }) => by === jobId);
  const moved = { changedAtMs: change?.atMs ?? null, to: change?.to ?? '' };
  return [{ atMs: arrivedAtMs ?? 0, purpose, ...moved }];
}

interface Surroundings {
  readonly run: SimRun;
  readonly asked: Asked;
  readonly looks: readonly Look[];
}

function toPut(
  { activityId, atMs, isAnswered }: LeftPut,
  { run, asked, looks }: Surroundings,
): WitnessedPut {
  const act = [...run.acts.values()].find((one) => one.activityId === activityId);
  const { purpose, notAfterMs, undoes } = act?.call as SwapCall;
  const askedMs = run.startedAtMs + asked.notAfterSeconds * 1_000;
  const lastLook = looks.findLast(
    (look) => look.asker === 'requestSwap' && look.at === 'roles' && look.atMs <= atMs,
  );
  const begunAtMs = act?.begunAtMs ?? 0;
  return {
    ...{ activityId, atMs, purpose, begunAtMs, isAnswered },
    notAfterMs: purpose === 'forward' ? Math.min(notAfterMs, askedMs) : notAfterMs,
    waitedMs: begunAtMs - (act?.scheduledAtMs ?? 0),
    activityClosedAtMs: act?.closedAtMs ?? null,
    fence: act?.fence ?? null,
    isReasonGone: undoes?.cause === 'NEW_MASTER_INACTIVE' && lastLook?.isMasterActive === true,
  };
}
