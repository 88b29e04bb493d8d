/**
 * What a run has done so far, and what each thing that happens makes of it. Pure: a state is never changed, the next one
 * takes its place. PUTs are only ever added, and an outcome stands once it is known; UNKNOWN may still be cleared.
 */
import type { Evidence, NotificationType, Outcome, Phase, Timings } from '../contract/index.js';
import { iso } from '../util.js';

import type { ExaminationVerdict } from './examination.js';
import type { RepeatedRun } from './facts.js';
import { describeCause } from './causes.js';
import { NOTHING_MEASURED, openDataPlane } from './measurement.js';
import type { MeasuredState } from './measurement.js';
import type { InvalidInputReport, PreflightFindings } from './preflight-report.js';
import type {
  JobReport,
  Judgement,
  LostReport,
  NewSwapTask,
  Observation,
  RunDeeds,
  SwapReport,
} from './reports.js';
import { countPossiblySent, countSent, sentInstant } from './swap.js';
import type { SwapIntent } from './swap.js';
import { describeSwapTask } from './tasks.js';
import { pickIds } from './text.js';
import type { WitnessState } from './witness.js';

/** What a run knows of itself. */
export interface RunState extends RunDeeds, MeasuredState {
  /** As the input has it, not validated. */
  readonly mode: unknown;
  /** As the input has them, for whoever is notified of the run. */
  readonly asked: ReturnType<typeof pickIds>;
  /** Of the instance: as its starter knows it, then as the pre-check read it; `null` where no one did. */
  readonly instanceName: string | null;
  /** What is asked, once it has been validated. */
  readonly request: PreflightFindings['request'] | null;
  readonly searchAttributes: PreflightFindings['searchAttributes'];
  readonly deliveries: readonly NotificationType[] | null;
  readonly startedAtMs: number;
  /** Another object each time that a phase is entered. */
  readonly step: { readonly phase: Phase; readonly next: string; readonly sinceMs: number };
  /** Time spent in the phases before this step, in milliseconds. */
  readonly phasesMs: Readonly<Partial<Record<Phase, number>>>;
  readonly outcome: Outcome | null;
  /** `null` where no one looks at Redis itself. */
  readonly witness: WitnessState | null;
  /** Latest instant at which a PUT of this run may have left, epoch milliseconds. */
  readonly lastSentAtMs: number | null;
  readonly jobMs: number | null;
  /** The last failure that stands in the way of a better outcome, as text. */
  readonly obstacle: string | null;
  /** Which identifiers of the nodes contradict each other, as text. */
  readonly disagreement: string | null;
  /** Swap tasks that were not there before, as last listed. */
  readonly newSwapTasks: readonly NewSwapTask[];
  /** Until when the lock is held, RFC 3339. */
  readonly lockedUntil: string | null;
  /** What was reported before and is no longer true, as text. */
  readonly correction: string | null;
  readonly evidence: readonly Evidence[];
  readonly warnings: readonly string[];
}

/** Something that happened, as the step from the state before it to the one after; `atMs`: when, epoch milliseconds. */
export type Transition = (state: RunState, atMs: number) => RunState;

/** The state of a run that begins. @param input as it came; what it means is validated by the first activity */
export function newRunState(
  input: unknown,
  startedAtMs: number,
  instanceName: string | null = null,
): RunState {
  const mode = (input as { readonly mode?: unknown } | null | undefined)?.mode;
  const sent = (mode ?? 'switch') === 'switch' ? 'nothing is sent before that' : 'nothing is sent';
  const next = `read the instance and evaluate every check; ${sent}`;
  return {
    ...{ mode, asked: pickIds(input), instanceName, startedAtMs },
    ...{ request: null, searchAttributes: [], deliveries: null, phasesMs: {}, outcome: null },
    step: { phase: 'PREFLIGHT', next, sinceMs: startedAtMs },
    ...{ swapsSent: 0, swapsPossiblySent: 0, swapsAccepted: 0, lastSentAtMs: null },
    ...{ jobIds: [], swapRequestIds: [], jobMs: null, obstacle: null, disagreement: null },
    ...{ before: null, after: null, newSwapTasks: [], lockedUntil: null, correction: null },
    ...{ evidence: [], warnings: [], witness: null, ...NOTHING_MEASURED },
  };
}

/** Something was seen or done. */
export const noted =
  (...what: readonly string[]): Transition =>
  (state, atMs) => {
    const at = iso(atMs);
    return { ...state, evidence: [...state.evidence, ...what.map((each) => ({ at, what: each }))] };
  };

/** A person should know something beside the outcome; each warning once. */
export const warned =
  (...warnings: readonly string[]): Transition =>
  (state) => ({ ...state, warnings: [...new Set([...state.warnings, ...warnings])] });

/** A phase has begun, or its next step. */
export const entered =
  (phase: Phase, next: string): Transition =>
  (state, atMs) => ({
    ...state,
    phasesMs: phasesUntil(state, atMs),
    step: { phase, next, sinceMs: atMs },
  });

/** The input cannot be acted on. */
export const foundInvalid =
  ({ searchAttributes, deliveries }: InvalidInputReport): Transition =>
  (state) => ({ ...state, searchAttributes, deliveries: deliveries ?? null });

/** The pre-check has ended: what it read stands from now on. */
export const preChecked =
  ({ warnings, busyWait, ...findings }: PreflightFindings): Transition =>
  (state, atMs) => {
    const { request, before, searchAttributes, deliveries = null } = findings;
    const { instanceName = state.instanceName } = findings;
    const read = { request, before, searchAttributes, deliveries, instanceName };
    const dataPlane = openDataPlane(findings.dataPlane, request.probe);
    const known = { ...warned(...warnings)(state, atMs), ...read, dataPlane };
    const checked = noted('pre-check finished')(known, atMs);
    if (busyWait === undefined) return checked;
    const seconds = Math.round(busyWait.waitedMs / 1000);
    return noted(`waited ${seconds} s for it: ${busyWait.observed}`)(checked, atMs);
  };

/** An earlier run has done this request: its jobs and roles are the answer. */
export const repeated =
  ({ runId, outcome, jobIds, swapRequestIds, after }: RepeatedRun): Transition =>
  (state, atMs) => {
    const known = { ...state, after, jobIds, swapRequestIds };
    return noted(`run ${runId} has done this request (${outcome}); nothing is sent`)(known, atMs);
  };

const REPORT_TEXT: Record<Exclude<SwapReport['kind'], 'accepted'> | 'lost', string> = {
  'not-sent': 'no PUT sent',
  'not-applied': 'PUT not applied',
  rejected: 'PUT rejected',
  ambiguous: 'PUT without a usable answer',
  lost: 'PUT possibly sent',
};

/** A swap activity has answered, or its silence was read. */
export const swapAnswered =
  (report: SwapReport | LostReport): Transition =>
  (state, atMs) => {
    const requestId = 'requestId' in report ? (report.requestId ?? null) : null;
    const sent = countSent(report);
    const counted = {
      ...state,
      swapsSent: state.swapsSent + sent,
      swapsPossiblySent: state.swapsPossiblySent + countPossiblySent(report),
      swapRequestIds: [...state.swapRequestIds, ...(requestId === null ? [] : [requestId])],
      // Not by the worker's clock, which may be wrong by minutes: the lock would be given away too early.
      lastSentAtMs: sent > 0 ? atMs : state.lastSentAtMs,
      firstSent: state.firstSent ?? sentInstant(report),
      obstacle: report.kind === 'accepted' ? null : report.detail,
    };
    if (report.kind !== 'accepted')
      return noted(`${REPORT_TEXT[report.kind]}: ${report.detail}`)(counted, atMs);
    const what = `PUT accepted: job ${report.jobId}, request id ${requestId ?? 'not reported'}`;
    return noted(what)(withJob(counted, report.jobId), atMs);
  };

/** The job of a PUT without an answer was found by its row in the task list, and counts as its answer. */
export const traceFound =
  (trace: NewSwapTask): Transition =>
  (state, atMs) => {
    const swapsPossiblySent = Math.max(0, state.swapsPossiblySent - 1);
    const found = withJob({ ...state, swapsPossiblySent }, trace.jobId ?? trace.id);
    return traceSeen(trace, 'as the only new one of our own user')(found, atMs);
  };

/** The row of a PUT without an answer was found, by `how`. */
export const traceSeen =
  (trace: NewSwapTask, how: string): Transition =>
  (state, atMs) => {
    const seen = noted(`found ${describeSwapTask(trace)}; following it`)(state, atMs);
    const warning = `The PUT had no usable answer; its job was found in the task list, ${how}.`;
    return warned(warning)(seen, atMs);
  };

function withJob(state: RunState, jobId: string): RunState {
  return { ...state, swapsAccepted: state.swapsAccepted + 1, jobIds: [...state.jobIds, jobId] };
}

/** An examination follows a job of the examined run. */
export const jobNamed =
  (jobId: string): Transition =>
  (state) => ({ ...state, jobIds: [jobId] });

/** A job has ended, or was given up. @param followedId the id of its task row, where it was followed by that */
export const jobEnded =
  (job: JobReport, followedId: string): Transition =>
  (state, atMs) => {
    const { state: end, failReason, detail, jobMs, jobId } = job;
    const id = jobId ?? followedId;
    const obstacle = failReason ?? (end === 'unfinished' ? detail : null);
    const jobIds = state.jobIds.map((each) => (each === followedId ? id : each));
    const found = id === followedId ? [] : [`task ${followedId} is job ${id}`];
    const text = `job ${id}: ${end}${obstacle === null ? '' : ` (${obstacle})`}`;
    const after = noted(...found, text)({ ...state, jobIds, jobMs, obstacle }, atMs);
    if (end === 'unfinished' || detail === '') return after;
    const warning = `The job itself could not be read; the task list reported its end. ${detail}.`;
    return warned(warning)(after, atMs);
  };

/** The roles were read, or could not be. */
export const rolesRead =
  (observation: Observation): Transition =>
  (state, atMs) => {
    const { roles, lastError, newSwapTasks, complaints, change } = observation;
    const others = (newSwapTasks ?? []).filter(({ owner }) => owner !== 'ours');
    const read = {
      ...tasksListed(observation)(state, atMs),
      after: roles ?? state.after,
      obstacle: lastError ?? state.obstacle,
      // Of the last reading that showed one: a later one that could not read everything clears nothing.
      disagreement: change === 'disagree' ? (observation.disagreement ?? null) : state.disagreement,
    };
    return noted(...complaints, ...others.map(describeSwapTask))(read, atMs);
  };

/** The new swap tasks were listed, or those of other runs set apart. */
export const tasksListed =
  ({ newSwapTasks }: Observation): Transition =>
  (state) => ({ ...state, newSwapTasks: newSwapTasks ?? state.newSwapTasks });

/** The outcome rule has judged a swap of this run. */
export const judged =
  (
    purpose: SwapIntent['purpose'],
    { outcome, cause }: Judgement,
    { newSwapTasks }: Observation,
  ): Transition =>
  (state, atMs) => {
    const isFailed = cause === 'JOB_FAILED_ROLES_CHANGED';
    const isUnlisted = outcome === 'SUCCEEDED' && newSwapTasks?.length === 0;
    const warnings = [
      ...(isFailed ? ['The job says FAIL, but the roles were read and have changed.'] : []),
      ...(isUnlisted ? ['The task list does not show our swap; its job and the roles do.'] : []),
    ];
    const what = `${purpose} swap judged ${outcome} (${cause})`;
    return noted(what)(warned(...warnings)(state, atMs), atMs);
  };

/** The outcome is UNKNOWN, and the run keeps its lock. */
export const held =
  (cause: string, untilMs: number): Transition =>
  (state, atMs) => {
    const lockedUntil = iso(untilMs);
    const next = `Outcome unknown: ${describeCause(cause)}. The lock is held until ${lockedUntil}, when a late effect would have shown; then the run looks once more, reads only, and ends`;
    return entered('HOLDING', next)({ ...settled(state, 'UNKNOWN'), lockedUntil }, atMs);
  };

/** The lock has been held long enough. */
export const holdElapsed: Transition = (state) => ({ ...state, lockedUntil: null });

/** An unresolved run has looked once more: what was reported is corrected where that has cleared it. */
export const lookedAgain =
  ({ outcome, cause }: ExaminationVerdict, reported: { cause: string; atMs: number }): Transition =>
  (state, atMs) => {
    const what = `looked once more at the end of the hold: ${outcome} (${cause})`;
    const looked = noted(what)(state, atMs);
    if (outcome === 'UNKNOWN') return looked;
    const correction = `It was reported as UNKNOWN (${reported.cause}) at ${iso(reported.atMs)}; one more look at the end of the hold has cleared that.`;
    return { ...looked, correction };
  };

/** The run is over. @param message the verified state and what to do, in plain text */
export const ended =
  (outcome: Outcome, message: string): Transition =>
  (state, atMs) =>
    entered('ENDED', message)(settled(state, outcome), atMs);

/** Only what was UNKNOWN may become something else. */
function settled(state: RunState, outcome: Outcome): RunState {
  const isOpen = state.outcome === null || state.outcome === 'UNKNOWN';
  return isOpen ? { ...state, outcome } : state;
}

function phasesUntil({ phasesMs, step }: RunState, atMs: number): RunState['phasesMs'] {
  return { ...phasesMs, [step.phase]: (phasesMs[step.phase] ?? 0) + atMs - step.sinceMs };
}

/** Durations for the result of a run that ends now. */
export function timingsOf(state: RunState, endedAtMs: number): Timings {
  const { startedAtMs, jobMs } = state;
  return {
    ...{ startedAt: iso(startedAtMs), endedAt: iso(endedAtMs), totalMs: endedAtMs - startedAtMs },
    ...{ phasesMs: phasesUntil(state, endedAtMs), jobMs },
  };
}
