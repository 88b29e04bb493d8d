import type { RolesSnapshot, Target } from '../contract/index.js';
import { latestSentMs } from '../domain/examination.js';
import { onlyMaster } from '../domain/identity.js';
import { judge } from '../domain/outcome.js';
import type { SwapEvidence } from '../domain/outcome.js';
import type { ExaminedRun, PreflightFindings } from '../domain/preflight-report.js';
import type {
  JobCall,
  JobReport,
  Judgement,
  NewSwapTask,
  Observation,
  SwapCall,
} from '../domain/reports.js';
import { findAnsweredTask } from '../domain/tasks.js';
import { readInstanceName } from '../domain/text.js';
import { isRecord } from '../util.js';

import { witnessOf, wordAtEnd } from './examined-witness.js';
import type { ActivityFacts, RunHistory } from './run-history.js';
import {
  findSwaps,
  isLastLook,
  jobOf,
  purposeOf,
  recordOf,
  stateOf,
  traceSwaps,
} from './swap-trace.js';
import type { Swap } from './swap-trace.js';

/** The run whose history it is. */
export interface ExaminedRunSource {
  readonly runId: string;
  /** Its outcome, else Temporal's status. */
  readonly ended: string;
  readonly closedAtMs: number;
}

/** What a history gives to judge by, or why it gives nothing. */
export type ExaminedRunReading =
  | { readonly examined: ExaminedRun }
  | {
      readonly missing: string;
      /** Otherwise there is nothing of it to record, either. */
      readonly wasSwitchover: boolean;
      /** What a person may record of it, where the history proves as much. */
      readonly provedOutcome: 'FAILED_UNCHANGED' | null;
    };

/**
 * Reads what is known of a later judgement out of a run's history: prior roles, known swap tasks,
 * target, jobs, and when a PUT may have left. Takes nothing of it for granted, because histories of
 * terminated runs and of other versions may lack any of it.
 */
export function readExaminedRun(history: RunHistory, run: ExaminedRunSource): ExaminedRunReading {
  const { mode = 'switch' }: { mode?: unknown } = recordOf(history.input);
  if ((mode ?? 'switch') !== 'switch')
    return {
      missing: `run ${run.runId} was no switchover, so it sent nothing`,
      wasSwitchover: false,
      provedOutcome: null,
    };
  const preflight = history.activities.filter(({ type }) => type === 'preflight').at(-1);
  const findings: Partial<PreflightFindings> = recordOf(preflight?.report);
  const swaps = findSwaps(history.activities);
  if (preflight?.end === 'completed' && !isRecord(preflight.report))
    return {
      missing: `the history of run ${run.runId} cannot be decoded; the worker needs the data converter that wrote it`,
      wasSwitchover: true,
      provedOutcome: null,
    };
  if (!isRoles(findings.before))
    return {
      missing: `run ${run.runId} ended before it had read the roles; ${traceSwaps(history).putSummary.replace(/\.$/, '')}`,
      wasSwitchover: true,
      provedOutcome: swaps.length === 0 ? 'FAILED_UNCHANGED' : null,
    };
  return { examined: toExaminedRun(history, run, findings, findings.before) };
}

function toExaminedRun(
  history: RunHistory,
  { runId, ended, closedAtMs }: ExaminedRunSource,
  findings: Partial<PreflightFindings>,
  before: RolesSnapshot,
): ExaminedRun {
  const swaps = findSwaps(history.activities);
  const backward = swaps.filter(({ activity }) => purposeOf(activity) === 'compensate');
  const isBackward = backward.some(mayHaveLeft);
  const asked = isBackward
    ? backward
    : swaps.filter(({ activity }) => purposeOf(activity) === 'forward');
  const call: Partial<SwapCall> = recordOf(asked.at(-1)?.activity.call);
  const target = isBackward ? backTo(before) : (findings.request?.target ?? null);
  const sending = toSending(history, asked, closedAtMs);
  const purpose = isBackward ? 'compensate' : 'forward';
  const seen = witnessOf(history, asked, findings, purpose);
  return {
    runId,
    ...nameOf(findings),
    ended,
    purpose,
    from: isBackward && isRoles(call.expected) ? call.expected : before,
    knownSwapTaskIds: call.knownSwapTaskIds ?? findings.knownSwapTaskIds ?? [],
    target,
    ...(isBackward ? { restores: before } : {}),
    putSummary: traceSwaps(history).putSummary,
    ...sending,
    notBeforeMs: earliestOf(asked, findings),
    unchangedAtEnd: judgeUnchangedAtEnd(history, sending, {
      ...{ target, mayHaveInactiveReplicas: isBackward },
      ...seen,
    }),
    ...seen,
  };
}

function nameOf(findings: Partial<PreflightFindings>): Pick<ExaminedRun, 'instanceName'> {
  const instanceName = readInstanceName(findings.instanceName);
  return instanceName === null ? {} : { instanceName };
}

/** Whether a swap was tried at all, as far as that can be excluded. */
function mayHaveLeft(swap: Swap): boolean {
  return stateOf(swap) !== 'not-applied' || swap.report.kind !== 'not-sent';
}

type SendingPart = Pick<
  ExaminedRun,
  'sending' | 'jobId' | 'taskId' | 'job' | 'sentBetweenMs' | 'isEarlierUnresolved'
>;

/** The job of an accepted PUT decides; what it did not change an earlier one without a proof may change, as in the run itself. */
function toSending(
  history: RunHistory,
  swaps: readonly Swap[],
  runClosedAtMs: number,
): SendingPart {
  const none = { jobId: null, taskId: null, job: null, sentBetweenMs: null };
  const accepted = swaps.findLast((swap) => stateOf(swap) === 'accepted');
  if (accepted !== undefined) {
    const jobId = jobOf(accepted);
    const isEarlierUnresolved = swaps.some((swap) => stateOf(swap) === 'possibly-sent');
    const known = { ...none, sending: 'accepted', jobId, ...findJob(history, jobId) } as const;
    return isEarlierUnresolved ? { ...known, isEarlierUnresolved } : known;
  }
  const indeterminate = swaps.filter((swap) => stateOf(swap) === 'possibly-sent');
  if (indeterminate.length === 0) return { ...none, sending: 'not-applied' };
  const from = Math.min(...indeterminate.map((swap) => mayHaveBegunMs(swap, history)));
  const until = Math.max(
    ...indeterminate.map(({ activity }) => latestSentMs({ ...activity, runClosedAtMs })),
  );
  // The task of this PUT is stamped by the API's clock, the history by Temporal's.
  const aheadMs = apiAheadMs(history);
  return { ...none, sending: 'ambiguous', sentBetweenMs: [from + aheadMs, until + aheadMs] };
}

/** A swap that was there already when it was observed may be of any time since the pre-check. */
function mayHaveBegunMs({ activity, report }: Swap, { activities }: RunHistory): number {
  const isObserved = report.kind === 'not-sent' && report.reason === 'own-swap';
  const preflight = activities.findLast(({ type }) => type === 'preflight');
  return (isObserved ? preflight?.endedAtMs : null) ?? activity.scheduledAtMs;
}

/** How far the API's clock was ahead of Temporal's, by the run's own pre-check; 0 where that does not say. */
function apiAheadMs({ activities }: RunHistory): number {
  const preflight = activities.findLast(({ type }) => type === 'preflight');
  const { apiTimeMs }: Partial<PreflightFindings> = recordOf(preflight?.report);
  const endedAtMs = preflight?.endedAtMs ?? null;
  return apiTimeMs === undefined || endedAtMs === null ? 0 : apiTimeMs - endedAtMs;
}

/** The API's clock before the first of these PUTs, as far as the run knew it. */
function earliestOf(swaps: readonly Swap[], findings: Partial<PreflightFindings>): number | null {
  const listedAtMs = findings.tasksListedAtMs ?? null;
  const times = swaps
    .filter((swap) => stateOf(swap) !== 'not-applied')
    .map(({ report }) => ('notBeforeMs' in report ? report.notBeforeMs : null) ?? listedAtMs)
    .filter((atMs) => atMs !== null);
  return times.length === 0 ? listedAtMs : Math.min(...times);
}

/** What the run could say of its swap when it had read unchanged roles after the end of its job; `null`: it had not. */
function judgeUnchangedAtEnd(
  { activities }: RunHistory,
  { jobId, job, isEarlierUnresolved: isAmbiguous = false }: SendingPart,
  { witness, ...terms }: UnchangedTerms,
): Judgement | null {
  if (jobId === null || job === null) return null;
  const pollAt = activities.findLastIndex((activity) => isPollOf(activity, jobId));
  const last = activities
    .slice(pollAt + 1)
    // What a last look after the hold has read is no reading at the end of the job.
    .filter((activity) => !isLastLook(activity))
    .findLast(({ type, report }) => WATCHES.includes(type) && isRecord(report));
  const observation: Partial<Observation> = recordOf(last?.report);
  if (observation.change !== 'unchanged') return null;
  const seen = observation as Observation;
  const word = wordAtEnd(witness, seen, last?.endedAtMs ?? null);
  const evidence = { isAmbiguous, ownJobIds: [jobId], job, observation: seen, ...terms };
  return judge({ ...evidence, witness: word });
}

type UnchangedTerms = Pick<SwapEvidence, 'target' | 'mayHaveInactiveReplicas'> &
  Pick<ExaminedRun, 'witness'>;

/** Activities that report what was observed of the roles. */
const WATCHES = ['verifyRoles', 'watchRoles'];

function isPollOf({ type, call }: ActivityFacts, jobId: string | null): boolean {
  const { jobId: polled }: Partial<JobCall> = recordOf(call);
  return type === 'awaitJob' && polled === jobId;
}

/** How the run itself saw the job end; `null` where it did not. */
function findJob(
  { activities }: RunHistory,
  jobId: string | null,
): Pick<ExaminedRun, 'taskId' | 'job'> {
  const poll = activities.findLast((activity) => isPollOf(activity, jobId));
  const { taskId }: Partial<JobCall> = recordOf(poll?.call);
  const { state }: Partial<JobReport> = recordOf(poll?.report);
  const hasEnded = state === 'SUCCESS' || state === 'FAIL';
  return { taskId: taskId ?? null, job: hasEnded ? (poll?.report as JobReport) : null };
}

function backTo(before: RolesSnapshot): Target | null {
  const nodeId = onlyMaster(before)?.nodeId ?? null;
  return nodeId === null ? null : { nodeId };
}

function isRoles(value: unknown): value is RolesSnapshot {
  const { groups }: { groups?: unknown } = recordOf(value);
  return Array.isArray(groups) && groups.every((group) => isRecord(group) && isNodes(group));
}

function isNodes({ nodes }: Readonly<Record<string, unknown>>): boolean {
  return Array.isArray(nodes) && nodes.every(isRecord);
}

// By which ids the task list may show the swaps of a run, as its own history proves them. Pure.

/** Ids of the jobs of a run and of their rows, each once. */
export function swapIdsOf({ activities }: RunHistory): string[] {
  const swaps = findSwaps(activities);
  const ids = [
    ...swaps.map(jobOf),
    ...activities.flatMap(polledIds),
    ...activities.flatMap(ownRowIds),
    ...swaps.flatMap(({ report }) =>
      report.kind === 'accepted' ? answeredRowIds(activities, report.notBeforeMs ?? null) : [],
    ),
  ];
  return [...new Set(ids.filter((id) => typeof id === 'string'))];
}

type MaybeId = string | null | undefined;

/** A poll knows the row of a job that was found in the task list, and learns the job of a row. */
function polledIds({ type, call, report }: ActivityFacts): MaybeId[] {
  if (type !== 'awaitJob') return [];
  const { jobId, taskId }: Partial<JobCall> = recordOf(call);
  const { jobId: learnt }: Partial<JobReport> = recordOf(report);
  return [jobId, taskId, learnt];
}

function ownRowIds(activity: ActivityFacts): MaybeId[] {
  return rowsOf(activity)
    .filter(({ owner }) => owner === 'ours')
    .flatMap(({ id, jobId }) => [id, jobId]);
}

/** Where no id leads from a job to its row. */
function answeredRowIds(
  activities: readonly ActivityFacts[],
  notBeforeMs: number | null,
): MaybeId[] {
  return activities.flatMap((activity) => {
    const row = findAnsweredTask(rowsOf(activity), notBeforeMs);
    return [row?.id, row?.jobId];
  });
}

function rowsOf({ type, report }: ActivityFacts): readonly NewSwapTask[] {
  if (type !== 'verifyRoles' && type !== 'watchRoles') return [];
  const { newSwapTasks }: Partial<Observation> = recordOf(report);
  return newSwapTasks ?? [];
}
