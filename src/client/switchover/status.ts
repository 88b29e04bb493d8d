import type { Client, WorkflowExecutionStatusName } from '@temporalio/client';
import type { SerializationContext } from '@temporalio/common';
import { decodeOptionalFailureToOptionalError } from '@temporalio/common/lib/internal-non-workflow';

import { isExaminingMode, STATUS_QUERY } from '../../contract/index.js';
import type { Mode, SwitchoverStatus } from '../../contract/index.js';
import {
  asSentence,
  instanceCommand,
  joinText,
  runCommand,
  withCommands,
  workerCommand,
} from '../../domain/commands.js';
import { resolvedMessage } from '../../domain/resolved-since.js';
import type { ResolvedSince } from '../../domain/resolved-since.js';
import { callTemporal, TEMPORAL_TIMEOUTS_MS } from '../../temporal/rpc.js';
import type { ClientContext } from '../../temporal/rpc.js';
import { createPayloadReader } from '../../temporal/run-history.js';
import type { RunHistory } from '../../temporal/run-history.js';
import { phaseOf, traceSwaps } from '../../temporal/swap-trace.js';
import type { PutState } from '../../temporal/swap-trace.js';
import { fieldsOf, iso, textOf } from '../../util.js';
import { explainSilence } from '../silence.js';
import { readAsked } from '../ref.js';
import type { Asked, RunRef } from '../ref.js';

import { resolvedSince } from './resolved.js';
import { outcomeOf, readEnding, toMissingResult } from './result.js';
import type { Ending } from './result.js';
import { describeRun, nameAtStart, readRunHistory } from './run.js';
import type { DescribedRun } from './run.js';

/** An activity that has not ended: what it is at, and when it gives up. */
export interface PendingActivity {
  readonly type: string;
  /** From 1. */
  readonly attempt: number;
  /** `null`: not bounded by a number of attempts. */
  readonly maximumAttempts: number | null;
  /** No worker has this attempt yet. */
  readonly isWaiting: boolean;
  /** Why the attempt before failed; `null` where none did. */
  readonly lastFailure: string | null;
  /** RFC 3339; `null` while an attempt runs. */
  readonly nextAttemptAt: string | null;
  /** What the running attempt says of itself; `null` where it has not said anything. */
  readonly next: string | null;
  /** RFC 3339; `null` where only the number of attempts bounds it. */
  readonly givesUpAt: string | null;
  /** Request id of its last answer from the DCS API. */
  readonly lastRequestId: string | null;
}

type PendingInfo = NonNullable<DescribedRun['description']['raw']['pendingActivities']>[number];
type Timestamp = PendingInfo['nextAttemptScheduleTime'];

/** Number of `PENDING_ACTIVITY_STATE_SCHEDULED` in Temporal's API. */
const SCHEDULED = 1;

/** The activity that an open run waits for; `null` where it waits for none. */
async function readPending(
  client: Client,
  { workflowId, description }: DescribedRun,
): Promise<PendingActivity | null> {
  // No run waits for its measurement.
  const info = description.raw.pendingActivities?.find(
    (each) => each.activityType?.name !== 'measure',
  );
  if (info === undefined) return null;
  const { namespace } = client.options;
  const context = { type: 'activity', namespace, workflowId, isLocal: false } as const;
  const beat = await createPayloadReader(client).readFirst(
    info.heartbeatDetails?.payloads,
    context,
  );
  const reported = fieldsOf(beat);
  const maximumAttempts = info.maximumAttempts ?? 0;
  return {
    type: info.activityType?.name ?? 'unknown',
    attempt: info.attempt ?? 1,
    maximumAttempts: maximumAttempts === 0 ? null : maximumAttempts,
    isWaiting: Number(info.state) === SCHEDULED,
    lastFailure: await readFailure(client, info, context),
    nextAttemptAt: toInstant(info.nextAttemptScheduleTime),
    next: textOf(reported['next']),
    givesUpAt: textOf(reported['givesUpAt']) ?? toInstant(info.expirationTime),
    lastRequestId: textOf(reported['lastRequestId']),
  };
}

/** The failure's own words, decoded by the client's data converter; its type where they cannot be. */
async function readFailure(
  client: Client,
  { lastFailure }: PendingInfo,
  context: SerializationContext,
): Promise<string | null> {
  if (lastFailure === null || lastFailure === undefined) return null;
  try {
    const { loadedDataConverter } = client.options;
    const error = await decodeOptionalFailureToOptionalError(
      loadedDataConverter,
      lastFailure,
      context,
    );
    return error?.message ?? null;
  } catch {
    return lastFailure.message ?? 'its text cannot be decoded';
  }
}

function toInstant(timestamp: Timestamp): string | null {
  const seconds = Number(timestamp?.seconds ?? 0);
  return seconds === 0 ? null : iso(seconds * 1000);
}

/** Where a run stands. */
export interface RunStatus extends Omit<SwitchoverStatus, 'instanceName'> {
  /** `worker`: the run itself reported phase and roles. `history`: read from Temporal alone. */
  readonly source: 'worker' | 'history';
  readonly projectId: string;
  readonly instanceId: string;
  /** `null` where no one has read it (yet). */
  readonly instanceName: string | null;
  readonly mode: Mode;
  readonly workflowId: string;
  readonly runId: string;
  /** Temporal's status, such as `RUNNING` or `TERMINATED`. */
  readonly execution: WorkflowExecutionStatusName;
  /** RFC 3339. */
  readonly startedAt: string;
  /** RFC 3339; `null` while the run is open. */
  readonly closedAt: string | null;
  /** What the history proves of the PUT, whoever answered the rest. */
  readonly put: PutState;
  readonly putSummary: string;
  /** The activity that an open run waits for; `null` where it waits for none. */
  readonly pending: PendingActivity | null;
  readonly asked: Asked;
  /** How what it left unresolved, or could not find out, has been resolved since; absent where it has not. */
  readonly resolved?: ResolvedSince;
}

/** Looks where a run stands; see `SwitchoverClient.status`. */
export async function readStatus(context: ClientContext, ref: RunRef): Promise<RunStatus> {
  const run = await describeRun(context, ref);
  const [history, reported] = await Promise.all([
    readRunHistory(context, run),
    run.isOpen ? queryWorker(context, run) : null,
  ]);
  const { put, putSummary, instanceName } = traceSwaps(history);
  const { description } = run;
  const asked = readAsked(history.input);
  const stands = reported ?? (await fromHistory(context, run, history));
  return {
    ...stands,
    ...(stands.phase === 'ENDED' ? await resolvedFields(context, run.ref, asked, stands) : {}),
    source: reported === null ? 'history' : 'worker',
    projectId: ref.projectId,
    instanceId: ref.instanceId,
    instanceName: reported?.instanceName ?? instanceName ?? nameAtStart(run),
    mode: ref.mode === 'plan' ? 'plan' : asked.mode,
    workflowId: run.workflowId,
    runId: run.ref.runId,
    execution: description.status.name,
    startedAt: description.startTime.toISOString(),
    closedAt: description.closeTime?.toISOString() ?? null,
    put,
    putSummary,
    pending: run.isOpen ? await readPending(context.client, run) : null,
    asked,
  };
}

/** Of a run that ended UNKNOWN, what is to be said once it is so no more; else nothing. */
async function resolvedFields(
  context: ClientContext,
  ref: DescribedRun['ref'],
  asked: Asked,
  { outcome, next: message }: SwitchoverStatus,
): Promise<Partial<Pick<RunStatus, 'next' | 'resolved'>>> {
  const resolved = outcome === 'UNKNOWN' ? await resolvedSince(context, ref, asked) : null;
  if (resolved === null) return {};
  return { next: resolvedMessage(message, resolved, ref, asked), resolved };
}

/** Asks the run itself; `null` when no worker answers in time, for whatever reason. */
async function queryWorker(
  context: ClientContext,
  { workflowId, ref }: DescribedRun,
): Promise<SwitchoverStatus | null> {
  const handle = context.client.workflow.getHandle(workflowId, ref.runId);
  try {
    return await callTemporal(
      context,
      'query',
      () => handle.query<SwitchoverStatus>(STATUS_QUERY),
      Math.min(TEMPORAL_TIMEOUTS_MS.status, context.rpcTimeoutMs),
    );
  } catch {
    return null;
  }
}

async function fromHistory(
  context: ClientContext,
  run: DescribedRun,
  history: RunHistory,
): Promise<SwitchoverStatus> {
  if (!run.isOpen)
    return fromEnding(run, history, await readEnding(context, run, context.rpcTimeoutMs));
  const { swapsSent, swapsPossiblySent, jobIds, before, after } = traceSwaps(history);
  const phase = phaseOf(history);
  const sinceMs = history.activities.at(-1)?.scheduledAtMs ?? history.startedAtMs;
  return {
    phase,
    // Nothing else is held than an unresolved outcome; the run reports its own end only once it is over.
    ...(phase === 'HOLDING' ? { outcome: 'UNKNOWN' as const, ...lockOf(history) } : {}),
    since: iso(history.timerSinceMs ?? sinceMs),
    next: await nextOfSilent(context, run),
    swapsSent,
    swapsPossiblySent,
    jobIds,
    ...(before === null ? {} : { before }),
    ...(after === null ? {} : { after }),
  };
}

/** Why no worker says anything, and the command that starts one where none is there. */
async function nextOfSilent(context: ClientContext, run: DescribedRun): Promise<string> {
  const { kind, words } = await explainSilence(context, run.description);
  if (kind !== 'no-worker') return words;
  const start = workerCommand(run.description.taskQueue);
  return joinText([asSentence(words), withCommands('Start a worker', start)]);
}

function lockOf({ timerUntilMs = null }: RunHistory): Pick<SwitchoverStatus, 'lockedUntil'> {
  return timerUntilMs === null ? {} : { lockedUntil: iso(timerUntilMs) };
}

function fromEnding(run: DescribedRun, history: RunHistory, ending: Ending): SwitchoverStatus {
  const reported = ending.kind === 'reported' ? ending.result : traceSwaps(history);
  const { swapsSent, swapsPossiblySent, jobIds, before, after } = reported;
  const outcome = outcomeOf(ending, history);
  return {
    phase: 'ENDED',
    ...(outcome === null ? {} : { outcome }),
    since: (run.description.closeTime ?? new Date()).toISOString(),
    next: nextOf(run, history, ending),
    swapsSent,
    ...(swapsPossiblySent === undefined ? {} : { swapsPossiblySent }),
    jobIds,
    ...(before === null ? {} : { before }),
    ...(after === null ? {} : { after }),
    ...('dataPlane' in reported ? { dataPlane: reported.dataPlane } : {}),
  };
}

function nextOf(run: DescribedRun, history: RunHistory, ending: Ending): string {
  switch (ending.kind) {
    case 'reported':
      return ending.result.message;
    case 'no-result':
      return toMissingResult(run, ending, history).message;
    case 'invalid-input':
      return joinText([
        'Nothing was sent.',
        withCommands('See what is wrong', runCommand('wait', run.ref)),
      ]);
    case 'cancelled':
      return cancelledNext(run, history);
  }
}

/** Our workflow ends Cancelled only before its PUT; a foreign one might not. */
function cancelledNext(run: DescribedRun, history: RunHistory): string {
  const { put } = traceSwaps(history);
  if (isExaminingMode(readAsked(history.input).mode))
    return joinText([
      'It was cancelled before it had found out; nothing was sent.',
      withCommands('See what is open', instanceCommand('history', run.ref)),
    ]);
  return put === 'not-scheduled' || put === 'not-applied'
    ? 'It was cancelled; nothing is left to do.'
    : joinText([
        'It was cancelled all the same.',
        withCommands('Look', instanceCommand('plan', run.ref)),
      ]);
}
