/** The verdict on what was played: each history by the promises of the product, and by what the ledger knows. */
import { loadDataConverter } from '@temporalio/common/lib/internal-non-workflow';

import { auditRunFacts, findViolations } from '../../src/domain/invariants.js';
import type { RunFacts, Violation } from '../../src/domain/invariants.js';
import type { SwapCall } from '../../src/domain/reports.js';
import { readRunFacts } from '../../src/temporal/run-facts.js';

import type { DcsModel, LeftPut } from './dcs.js';
import type { Fault, FaultBook, Struck } from './faults.js';
import { TAKEN_OVER } from './schedule.js';
import type { Asked, Schedule } from './schedule.js';
import type { Act, SimRun, SimTemporal } from './temporal.js';
import { WITNESSED } from './witness.js';
import type { WitnessedPut, WitnessedRun } from './witness.js';
import type { Machine, World } from './world.js';

/** What a schedule led to. */
export interface Verdict {
  readonly violations: readonly Violation[];
  readonly outcomes: readonly string[];
  readonly struck: readonly Struck[];
  readonly phases: readonly string[];
}

/** Everything that a schedule plays on. */
export interface Stage {
  readonly world: World;
  readonly schedule: Schedule;
  readonly temporal: SimTemporal;
  readonly dcs: DcsModel;
  readonly server: Machine;
  readonly freezes: { readonly fromMs: number; readonly untilMs: number }[];
  healedAtMs: number | null;
  current: SimRun | null;
}

/** A run, and what it was asked. */
export interface Played {
  readonly run: SimRun;
  readonly asked: Asked;
}

/** Judges every run in the order in which they ended. */
export async function judge(
  stage: Stage,
  book: FaultBook,
  runs: readonly Played[],
): Promise<Verdict> {
  const decoding = { options: { namespace: 'default', loadedDataConverter: loadDataConverter() } };
  const secrets = [stage.dcs.options.secretKey];
  const sentence = 'No workflow task fails, and every replay comes to the same.';
  const violations: Violation[] = stage.temporal.breaches.map((found) => ({
    ...{ name: 'workflow-task', sentence, found },
  }));
  const outcomes: string[] = [];
  const phases: string[] = [];
  const earlier: RunFacts[] = [];
  for (const played of runs) {
    const facts = await readRunFacts(decoding, played.run.events, openEndsOf(played.run));
    if (facts === null) throw new Error('the model made a history of something else');
    const seen = witness(stage, book, { ...played, facts, earlier });
    violations.push(...auditRunFacts({ ...facts, secrets }), ...findViolations(seen, WITNESSED));
    outcomes.push(facts.result?.outcome ?? facts.ended);
    phases.push(...Object.keys(facts.result?.timings?.phasesMs ?? {}));
    earlier.push(facts);
  }
  return { violations, outcomes, struck: book.struck, phases };
}

function openEndsOf({ acts }: SimRun) {
  const open = [...acts.values()].filter((act) => !act.isClosed && act.attempt === 1);
  return new Map(
    open.map(({ activityId, details }) => [
      activityId,
      {
        ...{ by: 'run-ended' as const, hasHeartbeat: details !== null },
        ...{ failureType: '', failureMessage: '' },
      },
    ]),
  );
}

interface JudgedRun extends Played {
  readonly facts: RunFacts;
  readonly earlier: readonly RunFacts[];
}

function witness(
  stage: Stage,
  book: FaultBook,
  { facts, run, asked, earlier }: JudgedRun,
): WitnessedRun {
  const { dcs, schedule } = stage;
  const { staleRoleViewsMs: staleMs } = schedule;
  const acts = [...run.acts.values()];
  const own = dcs.puts.filter(({ runId }) => runId === run.runId);
  const checkedAtMs = acts.find(({ type }) => type === 'preflight')?.closedAtMs ?? run.startedAtMs;
  const beforeMs = checkedAtMs - staleMs;
  const hidden = dcs.changes.find(
    ({ atMs, by }) =>
      atMs <= checkedAtMs &&
      atMs >= beforeMs - 2_000 &&
      (by === 'failover' || !isShielded(asked, schedule)),
  );
  const swaps = swapsOf(stage, own, { acts, checkedAtMs, facts, hidden });
  const ownJobs = own.map(({ jobId }) => jobId);
  const ownChanges = swaps.map(({ changedAtMs }) => changedAtMs);
  const first = dcs.instance.rows()[0]?.key ?? '';
  return {
    ...{ run: facts, swaps, freezes: stage.freezes, staleMs },
    puts: own.map((put) => toPut(put, { acts, run, asked, stage })),
    foreignChanges: dcs.changes.filter(
      ({ atMs, by }) => atMs > checkedAtMs && !ownJobs.includes(by) && !ownChanges.includes(atMs),
    ),
    masterBefore: dcs.changes.findLast(({ atMs }) => atMs <= beforeMs)?.to ?? first,
    masterAfter: dcs.changes.findLast(({ atMs }) => atMs <= (run.closedAtMs ?? 0))?.to ?? first,
    isBlind: hidden !== undefined,
    hasPassedFence: acts.some(({ type, details }) => type === 'requestSwap' && details !== null),
    hasLostAttempt: acts.some(
      ({ type, details, failedBy }) =>
        type === 'requestSwap' && details === null && failedBy === 'activityTaskTimedOut',
    ),
    isUndisturbed: isCalm(book, schedule, asked) && !earlier.some(isUnknown),
    isRepeat: earlier.some((before) => isSameRequest(before, facts, asked)),
    repeats: earlier.find(({ runId }) => runId === facts.result?.repeatOfRunId) ?? null,
    isBarred: isBarredBy(earlier),
    mayBeBarred: isBarredBy(earlier) || earlier.some(isUnknown),
  };
}

interface Surroundings {
  readonly acts: readonly Act[];
  readonly run: SimRun;
  readonly asked: Asked;
  readonly stage: Stage;
}

function toPut(
  { activityId, atMs, wasMasterActive }: LeftPut,
  { acts, run, asked, stage }: Surroundings,
): WitnessedPut {
  const act = acts.find((one) => one.activityId === activityId);
  const { purpose, notAfterMs, undoes } = act?.call as SwapCall;
  const { healedAtMs, schedule } = stage;
  const askedMs = run.startedAtMs + asked.notAfterSeconds * 1_000;
  const begunAtMs = act?.begunAtMs ?? 0;
  const isReasonGone =
    undoes?.cause === 'NEW_MASTER_INACTIVE' && healedAtMs !== null && healedAtMs <= begunAtMs;
  return {
    ...{ activityId, atMs, purpose, begunAtMs },
    notAfterMs: purpose === 'forward' ? Math.min(notAfterMs, askedMs) : notAfterMs,
    activityClosedAtMs: act?.closedAtMs ?? null,
    fence: act?.fence ?? null,
    isReasonGone: isReasonGone && wasMasterActive && schedule.staleRoleViewsMs === 0,
  };
}

interface SwapTerms {
  readonly acts: readonly Act[];
  readonly checkedAtMs: number;
  readonly facts: RunFacts;
  /** A change that the lists did not show in time. */
  readonly hidden: DcsModel['changes'][number] | undefined;
}

/** Jobs that end and have moved nothing. */
const IDLE_JOBS: readonly Schedule['job'][] = ['lies', 'fails'];

function swapsOf(
  { dcs, schedule }: Stage,
  own: readonly LeftPut[],
  { acts, checkedAtMs, facts, hidden }: SwapTerms,
): WitnessedRun['swaps'] {
  // A job that did nothing, and a change in its time that no list shows: no one can distinguish that from a swap.
  const isTaken = facts.result?.outcome === 'SUCCEEDED' && IDLE_JOBS.includes(schedule.job);
  const failover = dcs.changes.find(({ atMs, by }) => by === 'failover' && atMs > checkedAtMs);
  const taken = isTaken ? (failover ?? hidden) : undefined;
  return own
    .filter(({ jobId }) => jobId !== null)
    .map(({ activityId, jobId, arrivedAtMs }) => {
      const change = dcs.changes.find(({ by }) => by === jobId) ?? taken;
      const act = acts.find((one) => one.activityId === activityId);
      const { purpose } = act?.call as SwapCall;
      const moved = { changedAtMs: change?.atMs ?? null, to: change?.to ?? '' };
      return { atMs: arrivedAtMs ?? 0, purpose, ...moved };
    });
}

function isCalm({ struck }: FaultBook, schedule: Schedule, asked: Asked): boolean {
  // A worker whose clock is further from the API's than that is turned away by the gateway, whatever it asks.
  const isTrusted = schedule.workerClocksMs.every(
    (ms) => Math.abs(ms - schedule.apiClockMs) < 880_000,
  );
  const { job, taskRowDelayMs, staleRoleViewsMs, taskRows } = schedule;
  const isPrompt = taskRowDelayMs === 0 && staleRoleViewsMs === 0 && taskRows !== 'ownJobId';
  return (
    isTrusted &&
    isPrompt &&
    struck.every(isTakenOver) &&
    job === 'good' &&
    asked.notAfterSeconds >= 60
  );
}

/** A worker that is lost while it reads costs nothing but time. */
function isTakenOver(fault: Fault): boolean {
  return 'event' in fault && SILENCES.includes(fault.event) && TAKEN_OVER.includes(fault.at);
}

const SILENCES: readonly string[] = ['kill', 'drain', 'halt'];

function isUnknown({ result }: RunFacts): boolean {
  return result?.outcome === 'UNKNOWN';
}

/** Whether a cool-down bars a run for as long as lists may show the roles from before a swap of another. */
function isShielded({ coolDownSeconds }: Asked, schedule: Schedule): boolean {
  const { staleRoleViewsMs, taskRowDelayMs } = schedule;
  return taskRowDelayMs === 0 && coolDownSeconds * 1000 > staleRoleViewsMs;
}

function isSameRequest(before: RunFacts, { request }: RunFacts, asked: Asked): boolean {
  if (asked.requestId === null || before.request === null) return false;
  if (request === null || asked.mode !== 'switch') return false;
  const isSame = before.request.requestId === asked.requestId && before.mode === 'switch';
  return isSame && before.puts.some(({ sent, state }) => sent > 0 && state !== 'not-applied');
}

/** The latest run decides: one that is settled settles those before it. */
function isBarredBy(earlier: readonly RunFacts[]): boolean {
  const last = earlier.findLast(
    ({ puts, mode }) => mode === 'verify' || puts.some(({ sent }) => sent > 0),
  );
  if (last === undefined) return false;
  const isUnresolved = last.puts.some(({ state }) => state !== 'not-applied');
  return isUnresolved && (last.ended === 'from-outside' || isUnknown(last));
}
