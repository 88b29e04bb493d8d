/** The history of one run of a maintenance, read whole, as the facts by which the invariants judge it. */
import { ValueError } from '@temporalio/common';
import { decodeOptionalFailureToOptionalError } from '@temporalio/common/lib/internal-non-workflow';

import { MAINTENANCE_WORKFLOW_TYPE, SWITCHOVER_WORKFLOW_TYPE } from '../contract/index.js';
import type { SwitchoverResult } from '../contract/index.js';
import { endingWithoutResult, toLegEnding } from '../domain/maintenance/ending.js';
import type { LegEnding } from '../domain/maintenance/reports.js';
import type {
  AskedFacts,
  MaintenanceRunFacts,
  MessageFacts,
} from '../domain/maintenance/run-facts.js';
import type { MaintenanceState } from '../domain/maintenance/state.js';
import { endingOfFailure, endingOfValue, isSwitchoverResult } from '../domain/run-ending.js';
import type { RunEnding } from '../domain/run-ending.js';
import { fieldsOf, isPresent, isRecord, textOf } from '../util.js';

import { readReport } from './earlier-run.js';
import {
  toEnding,
  toInstances,
  toPlanned,
  toResult,
  toState,
  toSwitchoverResult,
} from './maintenance-forms.js';
import { createPayloadReader } from './run-history.js';
import type { Decoding } from './run-history.js';
import { beginOf, endOf, failureTypeOf, runIdOf, textIn } from './run-facts.js';
import { toMs } from './silence.js';
import type { HistoryEvent } from './silence.js';

/**
 * Reads the events of one run of `dcsMaintenance`.
 *
 * @returns `null` where it is the history of something else
 * @throws PayloadsEncodedError, CodecError
 */
export async function readMaintenanceFacts(
  client: Decoding,
  events: readonly HistoryEvent[],
): Promise<MaintenanceRunFacts | null> {
  const started = events[0]?.workflowExecutionStartedEventAttributes;
  if (started?.workflowType?.name !== MAINTENANCE_WORKFLOW_TYPE) return null;
  const workflowId = started.workflowId ?? '';
  const reading: Reading = { client, events, workflowId };
  const isContinued = textOf(started.continuedExecutionRunId) !== null;
  const given = isContinued ? await readValue(reading, started.input?.payloads?.[1]) : null;
  const carried = toState(given);
  const planned = await readPlanned(reading, carried);
  return {
    ...{ runId: runIdOf(events), carried, startedAtMs: beginOf(events), text: textIn(events) },
    ...{ ...planned, ...(await readEnd(reading)) },
    asked: [...(await readFollowed(reading, carried)), ...(await readAsked(reading))],
    messages: await readMessages(reading),
    cancelled: placeOf(events, (event) =>
      isPresent(event.workflowExecutionCancelRequestedEventAttributes),
    ),
    frozen: await readFrozen(reading),
  };
}

async function readEnd({
  client,
  events,
  workflowId,
}: Reading): Promise<Pick<MaintenanceRunFacts, 'ended' | 'failureType' | 'closedAtMs' | 'result'>> {
  const last = events.at(-1) ?? {};
  const isContinued = isPresent(last.workflowExecutionContinuedAsNewEventAttributes);
  const ended = isContinued ? 'continued' : endOf(last);
  const isOver = ended !== 'open' && !isContinued;
  return {
    ...{ ended, failureType: failureTypeOf(last) },
    closedAtMs: ended === 'open' ? null : toMs(last.eventTime),
    result: isOver ? toResult(await readReport(client, workflowId, last)) : null,
  };
}

interface Reading {
  readonly client: Decoding;
  readonly events: readonly HistoryEvent[];
  readonly workflowId: string;
}

type Payload = NonNullable<
  Parameters<ReturnType<typeof createPayloadReader>['readFirst']>[0]
>[number];

function readValue({ client, workflowId }: Reading, payload: Payload | undefined) {
  const { namespace } = client.options;
  const context = { type: 'workflow', namespace, workflowId } as const;
  return createPayloadReader(client).readFirst(payload === undefined ? [] : [payload], context);
}

function placeOf(
  events: readonly HistoryEvent[],
  isIt: (event: HistoryEvent) => boolean,
): number | null {
  const at = events.findIndex(isIt);
  return at < 0 ? null : at;
}

// Activities.

interface Reported<T> {
  readonly order: number;
  readonly call: unknown;
  readonly report: T;
}

/** What activities of a type have reported, in order. */
async function readReports<T>(reading: Reading, type: string): Promise<Reported<T>[]> {
  const { events, client, workflowId } = reading;
  const { namespace } = client.options;
  const reader = createPayloadReader(client);
  const found: Reported<T>[] = [];
  for (const [order, { activityTaskCompletedEventAttributes: done }] of events.entries()) {
    if (!isPresent(done)) continue;
    const scheduled = events.find(
      ({ eventId }) => Number(eventId) === Number(done.scheduledEventId),
    );
    const { activityType, activityId, input } =
      scheduled?.activityTaskScheduledEventAttributes ?? {};
    if (activityType?.name !== type) continue;
    const who = { namespace, workflowId, activityId: activityId ?? '' };
    const context = { type: 'activity', isLocal: false, ...who } as const;
    const call = await reader.readFirst(input?.payloads, context);
    const report = (await reader.readFirst(done.result?.payloads, context)) as T;
    found.push({ order, call, report });
  }
  return found;
}

async function readPlanned(
  reading: Reading,
  carried: MaintenanceState | null,
): Promise<Pick<MaintenanceRunFacts, 'request' | 'window' | 'instances'>> {
  if (carried !== null) {
    return { ...toPlanned(carried.facts), instances: toInstances(carried.items) };
  }
  const [planned] = await readReports<unknown>(reading, 'planMaintenance');
  return toPlanned(planned?.report);
}

async function readFrozen(reading: Reading): Promise<number | null> {
  const reports = await readReports<unknown>(reading, 'readFreeze');
  return reports.find(({ report }) => isPresent(report))?.order ?? null;
}

// Switchovers.

/** Those that an earlier run of the chain has left open. */
async function readFollowed(
  reading: Reading,
  carried: MaintenanceState | null,
): Promise<AskedFacts[]> {
  const ends = await readReports<unknown>(reading, 'followRun');
  const legs = (carried?.items ?? []).flatMap(({ instanceId, forward, return: back }) =>
    [forward, back].flatMap((leg) => (leg?.stage === 'open' ? [{ instanceId, ...leg }] : [])),
  );
  return legs.map(({ instanceId, leg, runId }) => {
    const end = ends.find(({ call }) => fieldsOf(call)['runId'] === runId);
    const ended = end === undefined ? null : { ...toEnding(end.report), order: end.order };
    const before = { order: -1, askedAtMs: 0, notAfterMs: null, refused: null };
    return { instanceId, leg, runId, ended, ...before };
  });
}

async function readAsked(reading: Reading): Promise<AskedFacts[]> {
  const { events } = reading;
  const asked: AskedFacts[] = [];
  for (const [order, event] of events.entries()) {
    const initiated = event.startChildWorkflowExecutionInitiatedEventAttributes;
    if (initiated?.workflowType?.name !== SWITCHOVER_WORKFLOW_TYPE) continue;
    const child = { ...reading, workflowId: initiated.workflowId ?? '' };
    const input = await readValue(child, initiated.input?.payloads?.[0]);
    const course = await readCourse(child, event);
    asked.push({ order, askedAtMs: decidedAtMs(events, order), ...toGoal(input), ...course });
  }
  return asked;
}

/** What a switchover was asked for. */
function toGoal(input: unknown): Pick<AskedFacts, 'instanceId' | 'leg' | 'notAfterMs'> {
  const { instanceId, requestId, notAfter } = fieldsOf(input);
  const notAfterMs = Date.parse(textOf(notAfter) ?? '');
  return {
    instanceId: textOf(instanceId) ?? '',
    leg: textOf(requestId)?.endsWith(':return') === true ? 'return' : 'forward',
    notAfterMs: Number.isNaN(notAfterMs) ? null : notAfterMs,
  };
}

/** The time that workflow code saw: its task was begun then. */
function decidedAtMs(events: readonly HistoryEvent[], order: number): number {
  const isBegin = ({ workflowTaskStartedEventAttributes: begun }: HistoryEvent, at: number) =>
    at < order && isPresent(begun);
  return toMs((events.findLast(isBegin) ?? events[order])?.eventTime);
}

/** What became of a child. */
async function readCourse(
  reading: Reading,
  { eventId }: HistoryEvent,
): Promise<Pick<AskedFacts, 'runId' | 'refused' | 'ended'>> {
  const { events } = reading;
  const isOwn = (attributes: { readonly initiatedEventId?: unknown } | null | undefined) =>
    isPresent(attributes) && Number(attributes.initiatedEventId) === Number(eventId);
  const begun = events.find((one) => isOwn(one.childWorkflowExecutionStartedEventAttributes));
  const refused = placeOf(events, (one) =>
    isOwn(one.startChildWorkflowExecutionFailedEventAttributes),
  );
  const at = placeOf(events, (one) => isOwn(endAttributesOf(one)));
  const { workflowExecution } = begun?.childWorkflowExecutionStartedEventAttributes ?? {};
  const ended =
    at === null ? null : { order: at, ...(await readEnding(reading, events[at] ?? {})) };
  return { runId: workflowExecution?.runId ?? null, refused, ended };
}

function endAttributesOf(event: HistoryEvent) {
  return (
    event.childWorkflowExecutionCompletedEventAttributes ??
    event.childWorkflowExecutionFailedEventAttributes ??
    event.childWorkflowExecutionCanceledEventAttributes ??
    event.childWorkflowExecutionTimedOutEventAttributes ??
    event.childWorkflowExecutionTerminatedEventAttributes
  );
}

/** As the maintenance reads it. */
async function readEnding(reading: Reading, event: HistoryEvent): Promise<LegEnding> {
  const completed = event.childWorkflowExecutionCompletedEventAttributes;
  if (isPresent(completed)) {
    const value = await readValue(reading, completed.result?.payloads?.[0]);
    return toSoundEnding(endingOfValue(value, isSwitchoverResult));
  }
  if (isPresent(event.childWorkflowExecutionCanceledEventAttributes))
    return toLegEnding({ kind: 'cancelled' });
  const failed = event.childWorkflowExecutionFailedEventAttributes;
  if (!isPresent(failed)) return endingWithoutResult('RUN_TERMINATED', 'it was ended from outside');
  const { client, workflowId } = reading;
  const { namespace, loadedDataConverter } = client.options;
  const context = { type: 'workflow', namespace, workflowId } as const;
  const error = await decodeOptionalFailureToOptionalError(
    loadedDataConverter,
    failed.failure,
    context,
  ).catch(nothingIfUnreadable);
  return toSoundEnding(endingOfFailure(error ?? undefined, isSwitchoverResult));
}

/** Details that no converter can read are none. @throws whatever else went wrong, such as a codec that cannot be reached */
function nothingIfUnreadable(error: unknown): undefined {
  if (!(error instanceof ValueError)) throw error;
}

function toSoundEnding(ending: RunEnding<SwitchoverResult>): LegEnding {
  const isReported = ending.kind === 'reported';
  return toLegEnding(
    isReported ? { ...ending, result: toSwitchoverResult(ending.result) } : ending,
  );
}

// Messages.

async function readMessages(reading: Reading): Promise<MessageFacts[]> {
  const { events } = reading;
  const messages: MessageFacts[] = [];
  for (const [order, event] of events.entries()) {
    const accepted = event.workflowExecutionUpdateAcceptedEventAttributes;
    if (!isPresent(accepted)) continue;
    const id = accepted.protocolInstanceId ?? '';
    const { input } = accepted.acceptedRequest ?? admittedAs(events, id) ?? {};
    messages.push({ order, name: input?.name ?? '', ...(await readAnswer(reading, id)) });
  }
  return messages;
}

async function readAnswer(reading: Reading, id: string): Promise<Pick<MessageFacts, 'changed'>> {
  const receipt = await readValue(reading, answerTo(reading.events, id)?.payloads?.[0]);
  return { changed: isRecord(receipt) ? receipt['changed'] === true : null };
}

/** One that a reset has made come again. */
function admittedAs(events: readonly HistoryEvent[], id: string) {
  const admitted = events.map((event) => event.workflowExecutionUpdateAdmittedEventAttributes);
  return admitted.find((one) => one?.request?.meta?.updateId === id)?.request;
}

function answerTo(events: readonly HistoryEvent[], id: string) {
  const answers = events.map((event) => event.workflowExecutionUpdateCompletedEventAttributes);
  return answers.find((one) => one?.meta?.updateId === id)?.outcome?.success;
}
