/** One history, read whole, as the facts by which the invariants judge it. */
import { SWITCHOVER_WORKFLOW_TYPE } from '../contract/index.js';
import type { Mode } from '../contract/index.js';
import { readAskedRequest } from '../domain/goal.js';
import type { PutFacts, RunFacts } from '../domain/invariants.js';
import type { PreflightFindings } from '../domain/preflight-report.js';
import type { SwapCall } from '../domain/reports.js';
import { countSent } from '../domain/swap.js';
import { isRecord } from '../util.js';

import { readReport } from './earlier-run.js';
import { toRunHistory } from './run-history.js';
import type { Decoding, RunHistory } from './run-history.js';
import { toMs } from './silence.js';
import type { HistoryEvent, OpenEnds } from './silence.js';
import { findSwaps, purposeOf, recordOf, stateOf } from './swap-trace.js';
import type { Swap } from './swap-trace.js';

/**
 * Reads the events of one run of `dcsSwitchover`.
 *
 * @param openEnds how activities were left that were open at its end; a file does not say
 * @returns `null` where it is the history of something else
 * @throws PayloadsEncodedError, CodecError
 */
export async function readRunFacts(
  client: Decoding,
  events: readonly HistoryEvent[],
  openEnds?: OpenEnds,
): Promise<RunFacts | null> {
  const started = startOf(events);
  if (started === null) return null;
  const last = events.at(-1) ?? {};
  const workflowId = started.workflowId ?? '';
  const history = await toRunHistory(client, workflowId, events, openEnds);
  const ended = endOf(last);
  const report = ended === 'open' ? null : await readReport(client, workflowId, last);
  const { mode, request, mayProceed } = toAsked(history);
  return {
    ...{ runId: started.originalExecutionRunId ?? '', mode, request, mayProceed, ended },
    startedAtMs: history.startedAtMs,
    closedAtMs: ended === 'open' ? null : toMs(last.eventTime),
    failureType: failureTypeOf(last),
    puts: findSwaps(history.activities).map(toPut),
    jobs: reportsOf(history, ['awaitJob']),
    observation: reportsOf(history, ['verifyRoles', 'watchRoles']).at(-1) ?? null,
    result: report,
    text: textOf(events),
  };
}

function startOf([first]: readonly HistoryEvent[]) {
  const started = first?.workflowExecutionStartedEventAttributes;
  return started?.workflowType?.name === SWITCHOVER_WORKFLOW_TYPE ? started : null;
}

const ENDINGS = [
  ['workflowExecutionCompletedEventAttributes', 'completed'],
  ['workflowExecutionFailedEventAttributes', 'failed'],
  ['workflowExecutionCanceledEventAttributes', 'cancelled'],
  ['workflowExecutionTerminatedEventAttributes', 'from-outside'],
  ['workflowExecutionTimedOutEventAttributes', 'from-outside'],
] as const;

function endOf(last: HistoryEvent): RunFacts['ended'] {
  return ENDINGS.find(([attributes]) => isRecord(last[attributes]))?.[1] ?? 'open';
}

function failureTypeOf({ workflowExecutionFailedEventAttributes: failed }: HistoryEvent) {
  return failed?.failure?.applicationFailureInfo?.type ?? null;
}

function toAsked({
  input,
  activities,
}: RunHistory): Pick<RunFacts, 'mode' | 'request' | 'mayProceed'> {
  const preflight = activities.filter(({ type }) => type === 'preflight').at(-1);
  const { request, verdict }: Partial<PreflightFindings> = recordOf(preflight?.report);
  const { mode } = request ?? readAskedRequest(input);
  return { mode: mode as Mode, request: request ?? null, mayProceed: verdict === 'proceed' };
}

function toPut(swap: Swap): PutFacts {
  const { activity, report } = swap;
  const { notAfterMs }: Partial<SwapCall> = recordOf(activity.call);
  return {
    ...{ purpose: purposeOf(activity), state: stateOf(swap), sent: countSent(report) },
    ...{ scheduledAtMs: activity.scheduledAtMs, notAfterMs: notAfterMs ?? null },
    executions: activity.executions ?? 0,
  };
}

function reportsOf({ activities }: RunHistory, types: readonly string[]): object[] {
  return activities
    .filter(({ type, end }) => types.includes(type) && end === 'completed')
    .map(({ report }) => recordOf(report));
}

/** Names and values alike; bytes as the text that they are in JSON payloads. */
function textOf(events: readonly HistoryEvent[]): string {
  return JSON.stringify(events, function (this: Record<string, unknown>, key, value: unknown) {
    // A buffer has turned itself into numbers by now.
    const bytes = this[key];
    return ArrayBuffer.isView(bytes)
      ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
      : value;
  });
}
