/** One history, read whole, as the facts by which the invariants judge it. */
import { DEFAULT_TIMING, SWITCHOVER_WORKFLOW_TYPE } from '../contract/index.js';
import type {
  DataPlaneReport,
  Mode,
  SwitchoverRequest,
  SwitchoverResult,
  Timing,
} from '../contract/index.js';
import { readAskedRequest } from '../domain/goal.js';
import type { PutFacts, RunFacts } from '../domain/run-facts.js';
import type { PreflightFindings } from '../domain/preflight-report.js';
import type { Observation, SwapCall, SwapReport } from '../domain/reports.js';
import { countSent } from '../domain/swap.js';
import { printableLine } from '../domain/text.js';
import { clip, isRecord, textOf } from '../util.js';

import { readReport } from './earlier-run.js';
import { vetoOf } from './examined-witness.js';
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
  const swaps = findSwaps(history.activities);
  const { mode, request, mayProceed } = toAsked(history);
  return {
    ...{ runId: runIdOf(events), mode, request, mayProceed, ended },
    startedAtMs: beginOf(events),
    resetAtMs: resetAtMsOf(events),
    closedAtMs: ended === 'open' ? null : toMs(last.eventTime),
    failureType: failureTypeOf(last),
    puts: swaps.map((swap) => ({
      ...toPut(swap),
      redisVeto: vetoOf(history, swaps, findingsOf(history), swap),
    })),
    jobs: reportsOf(history, ['awaitJob']),
    observation: toObservation(reportsOf(history, ['verifyRoles', 'watchRoles']).at(-1)),
    result: report === null ? null : toResult(report),
    text: textIn(events),
  };
}

function startOf([first]: readonly HistoryEvent[]) {
  const started = first?.workflowExecutionStartedEventAttributes;
  return started?.workflowType?.name === SWITCHOVER_WORKFLOW_TYPE ? started : null;
}

/** The run's own id: a reset copies the first event of the run that it repeats. */
export function runIdOf(events: readonly HistoryEvent[]): string {
  const resets = events.flatMap((event) => event.workflowTaskFailedEventAttributes?.newRunId ?? []);
  const [first] = events;
  const { originalExecutionRunId } = first?.workflowExecutionStartedEventAttributes ?? {};
  const reset = resets.findLast((runId) => runId !== '');
  return printableLine(reset ?? originalExecutionRunId ?? '', MAX_WORD_LENGTH);
}

/** When the run began to go its own way: where a reset has made it, that is when it was made. Epoch milliseconds. */
export function beginOf(events: readonly HistoryEvent[]): number {
  return resetAtMsOf(events) ?? toMs(events[0]?.eventTime);
}

function resetAtMsOf(events: readonly HistoryEvent[]): number | null {
  const reset = events.findLast((event) => isReset(event));
  return reset === undefined ? null : toMs(reset.eventTime);
}

/** The runs whose work this one goes on with, as far as Temporal may still have them: of its chain, and of a reset. */
export function runsBefore(events: readonly HistoryEvent[]): string[] {
  const started = events[0]?.workflowExecutionStartedEventAttributes;
  const bases = events
    .filter((event) => isReset(event))
    .map(({ workflowTaskFailedEventAttributes: failed }) => failed?.baseRunId);
  return [started?.continuedExecutionRunId, ...bases].flatMap((runId) => textOf(runId) ?? []);
}

function isReset({ workflowTaskFailedEventAttributes: failed }: HistoryEvent): boolean {
  return (failed?.newRunId ?? '') !== '';
}

const ENDINGS = [
  ['workflowExecutionCompletedEventAttributes', 'completed'],
  ['workflowExecutionFailedEventAttributes', 'failed'],
  ['workflowExecutionCanceledEventAttributes', 'cancelled'],
  ['workflowExecutionTerminatedEventAttributes', 'from-outside'],
  ['workflowExecutionTimedOutEventAttributes', 'from-outside'],
] as const;

/** How a run ended, by the last event of its history. */
export function endOf(last: HistoryEvent): RunFacts['ended'] {
  return ENDINGS.find(([attributes]) => isRecord(last[attributes]))?.[1] ?? 'open';
}

/** With which failure it ended. */
export function failureTypeOf({
  workflowExecutionFailedEventAttributes: failed,
}: HistoryEvent): string | null {
  return wordOf(failed?.failure?.applicationFailureInfo?.type);
}

// A file may hold anything: only what has the form of a report is one, and no word is longer than one line.

const MAX_WORD_LENGTH = 64;

/** One line of it, where it is text, in which everything can be seen. */
export function wordOf(value: unknown): string | null {
  const text = textOf(value);
  return text === null ? null : printableLine(text, MAX_WORD_LENGTH);
}

function toObservation(report: object | undefined): RunFacts['observation'] {
  if (report === undefined) return null;
  const { change, ...others }: Partial<Observation> = report;
  const word = wordOf(change);
  return { ...others, ...(word === null ? {} : { change: word as Observation['change'] }) };
}

function isDataPlane(value: unknown): value is DataPlaneReport {
  return isRecord(value) && isRecord(value['witness']);
}

function toResult(report: Readonly<Record<string, unknown>>): RunFacts['result'] {
  const outcome = wordOf(report['outcome']);
  const { swapsSent, swapsAccepted, checks, timings, dataPlane } = report;
  return {
    ...(outcome === null ? {} : { outcome: outcome as SwitchoverResult['outcome'] }),
    ...(isDataPlane(dataPlane) ? { dataPlane } : {}),
    cause: wordOf(report['cause']),
    ...(typeof swapsSent === 'number' ? { swapsSent } : {}),
    ...(typeof swapsAccepted === 'number' ? { swapsAccepted } : {}),
    ...(Array.isArray(checks) ? { checks: checks.filter(isCheck) } : {}),
    ...(isRecord(timings) ? { timings: timings as unknown as SwitchoverResult['timings'] } : {}),
    repeatOfRunId: wordOf(report['repeatOfRunId']),
  };
}

function isCheck(value: unknown): value is SwitchoverResult['checks'][number] {
  return isRecord(value) && typeof value['observed'] === 'string';
}

function toRequest(request: Partial<SwitchoverRequest>): SwitchoverRequest | null {
  const { notAfterMs, timing } = request;
  if (typeof notAfterMs !== 'number') return null;
  const seconds = Object.entries(recordOf(timing)).filter(([, value]) => Number.isFinite(value));
  const known: Partial<Timing> = Object.fromEntries(seconds);
  return { ...(request as SwitchoverRequest), timing: { ...DEFAULT_TIMING, ...known } };
}

function toAsked({
  input,
  activities,
}: RunHistory): Pick<RunFacts, 'mode' | 'request' | 'mayProceed'> {
  const { request: asked, verdict } = findingsOf({ activities });
  const request = toRequest(recordOf(asked));
  const mode = wordOf(request?.mode) ?? readAskedRequest(input).mode;
  return { mode: clip(mode, MAX_WORD_LENGTH) as Mode, request, mayProceed: verdict === 'proceed' };
}

function findingsOf({ activities }: Pick<RunHistory, 'activities'>): Partial<PreflightFindings> {
  return recordOf(activities.findLast(({ type }) => type === 'preflight')?.report);
}

function toPut(swap: Swap): Omit<PutFacts, 'redisVeto'> {
  const { activity, report } = swap;
  const { notAfterMs }: Partial<SwapCall> = recordOf(activity.call);
  const { kind }: Partial<SwapReport> = recordOf(activity.report);
  return {
    ...{ purpose: purposeOf(activity), state: stateOf(swap), sent: countSent(report) },
    scheduledAtMs: activity.scheduledAtMs,
    notAfterMs: typeof notAfterMs === 'number' ? notAfterMs : null,
    executions: activity.executions ?? 0,
    hasLeft: HAVE_LEFT.includes(kind),
  };
}

/** What the swap activity reports of a PUT that was handed over. */
const HAVE_LEFT: readonly unknown[] = ['accepted', 'ambiguous', 'rejected', 'not-applied'];

function reportsOf({ activities }: RunHistory, types: readonly string[]): object[] {
  return activities
    .filter(({ type, end }) => types.includes(type) && end === 'completed')
    .map(({ report }) => recordOf(report));
}

/** Names and values alike, as in JSON; bytes as the text that they are in JSON payloads. Foreign data may be deep. */
export function textIn(events: readonly HistoryEvent[]): string {
  const parts: string[] = [];
  const left: [name: string, value: unknown][] = [['', events]];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [name, value] = next;
    if (typeof value === 'string') parts.push(`"${name}":"${value}"`);
    else if (ArrayBuffer.isView(value)) parts.push(`"${name}":"${toText(value)}"`);
    else if (isObject(value)) left.push(...Object.entries(value).reverse());
  }
  return parts.join('\n');
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function toText({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString();
}
