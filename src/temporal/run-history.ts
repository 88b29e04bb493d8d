/**
 * Reads a run's history into plain facts: which activities were scheduled, and what they reported. By
 * the client's own data converter; needs no worker, and no version of the workflow code.
 */
import type { Client } from '@temporalio/client';
import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';

import type { SilentEnd } from '../domain/swap.js';
import { isPresent } from '../util.js';

import { CodecError, isUnknownEncoding, PayloadsEncodedError } from './data-converter.js';
import { readOpenEnds, silenceOf, toMs } from './silence.js';
import type { OpenEnds, HistoryEvent } from './silence.js';

/** Decodes payloads of a history by the client's own data converter, codecs included. */
interface PayloadReader {
  /**
   * Value of the first payload; `undefined` where there is none, and where the data is foreign.
   *
   * @throws PayloadsEncodedError when a codec is missing, CodecError when it fails: what a run did must
   * not be guessed from the payloads that happen to be readable
   */
  readFirst(
    payloads: readonly Payload[] | null | undefined,
    context: SerializationContext,
  ): Promise<unknown>;
}

/** What payloads are decoded by: a client, or what one would have. */
export interface Decoding {
  readonly options: Pick<Client['options'], 'loadedDataConverter' | 'namespace'>;
}

/** A reader for the payloads that this client's worker wrote. */
export function createPayloadReader(client: Decoding): PayloadReader {
  const { payloadConverter, payloadCodecs } = client.options.loadedDataConverter;
  return {
    async readFirst(payloads, context) {
      const [payload] = payloads ?? [];
      if (payload === undefined) return undefined;
      const decoded = await decode(payloadCodecs, payload, context);
      try {
        return decoded === undefined
          ? undefined
          : toData(payloadConverter.fromPayload(decoded, context));
      } catch (error) {
        if (isUnknownEncoding(error))
          throw new PayloadsEncodedError('read the history', payloadCodecs.length > 0);
        return undefined;
      }
    },
  };
}

/** No payload of ours is that deep. */
const MAX_PAYLOAD_LEVELS = 100;

/** Without fields by the names of methods: they would take their places, and no text could be made of it. */
function toData(value: unknown, levels = MAX_PAYLOAD_LEVELS): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (levels === 0) return undefined;
  if (Array.isArray(value)) return value.map((inner) => toData(inner, levels - 1));
  const fields = Object.entries(value).filter(([name]) => !Object.hasOwn(Object.prototype, name));
  return Object.fromEntries(fields.map(([name, inner]) => [name, toData(inner, levels - 1)]));
}

async function decode(
  codecs: readonly PayloadCodec[],
  payload: Payload,
  context: SerializationContext,
): Promise<Payload | undefined> {
  try {
    let decoded: Payload[] = [payload];
    for (const codec of codecs.toReversed()) decoded = await codec.decode(decoded, context);
    return decoded[0];
  } catch (error) {
    if (error instanceof CodecError) throw error;
    const kind = error instanceof Error ? error.name : typeof error;
    throw new CodecError("This client's codec", 'decode', 'failed', `fails with ${kind}`);
  }
}

/** How an activity ended. `never-started`: no worker ever had it. `lost`: it reported nothing; see `silence`. */
type ActivityEnd = 'open' | 'completed' | 'never-started' | 'lost';

/** One activity of a run. */
export interface ActivityFacts {
  readonly type: string;
  readonly scheduledAtMs: number;
  readonly endedAtMs: number | null;
  readonly end: ActivityEnd;
  /** How often a worker took it, as far as the history says: the server counts the attempts. */
  readonly executions?: number;
  /** Of one that reported nothing, where Temporal shows how it was left. */
  readonly silence?: SilentEnd;
  /** Its argument and its result as decoded, of whatever version. */
  readonly call: unknown;
  readonly report: unknown;
}

/** What a history reports without a worker. */
export interface RunHistory {
  readonly startedAtMs: number;
  /** The workflow's argument as decoded. */
  readonly input: unknown;
  readonly activities: readonly ActivityFacts[];
  /** Since when the run waits on a timer; `null` when none is pending. */
  readonly timerSinceMs: number | null;
  /** Until when, where a timer is pending and reports its duration. */
  readonly timerUntilMs?: number | null;
}

/**
 * Reads one run's history into facts. Ours have some thirty events. The caller sets the deadline.
 *
 * @throws whatever the SDK throws
 */
export async function fetchRunHistory(
  client: Client,
  workflowId: string,
  runId: string,
): Promise<RunHistory> {
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const openEnds = await readOpenEnds(client, workflowId, runId, events ?? []);
  return toRunHistory(client, workflowId, events ?? [], openEnds);
}

/**
 * Reads only what a run was asked to do: its first event. The caller sets the deadline.
 *
 * @throws whatever the SDK throws
 */
export async function fetchRunInput(
  client: Client,
  workflowId: string,
  runId: string,
): Promise<unknown> {
  const response = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: 1,
  });
  return (await toRunHistory(client, workflowId, response.history?.events ?? [])).input;
}

/** The facts of events that were read already. */
export async function toRunHistory(
  client: Decoding,
  workflowId: string,
  events: readonly HistoryEvent[],
  openEnds: OpenEnds = new Map(),
): Promise<RunHistory> {
  const { namespace } = client.options;
  const reader = createPayloadReader(client);
  const started = events[0]?.workflowExecutionStartedEventAttributes;
  const scheduled = events.filter((event) => isPresent(event.activityTaskScheduledEventAttributes));
  const ends = indexEnds(events);
  return {
    startedAtMs: toMs(events[0]?.eventTime),
    input: await reader.readFirst(started?.input?.payloads, {
      type: 'workflow',
      namespace,
      workflowId,
    }),
    activities: await Promise.all(
      scheduled.map(async (event) => {
        const facts = await toActivity(reader, { namespace, workflowId }, event, ends);
        const silence =
          facts.end === 'lost' ? silenceOf(find(ends.closings, event)) : openEnds.get(idOf(event));
        return silence === undefined ? facts : { ...facts, silence };
      }),
    ),
    ...pendingTimer(events),
  };
}

async function toActivity(
  reader: PayloadReader,
  owner: { readonly namespace: string; readonly workflowId: string },
  event: HistoryEvent,
  { closings, attempts }: Ends,
): Promise<ActivityFacts> {
  const { activityType, activityId, input } = event.activityTaskScheduledEventAttributes ?? {};
  const closing = find(closings, event);
  const context = {
    type: 'activity',
    ...owner,
    isLocal: false,
    ...(isPresent(activityId) ? { activityId } : {}),
  } as const;
  const result = closing?.activityTaskCompletedEventAttributes?.result?.payloads;
  return {
    type: activityType?.name ?? '',
    scheduledAtMs: toMs(event.eventTime),
    endedAtMs: closing === undefined ? null : toMs(closing.eventTime),
    end: endOf(closing),
    executions: find(attempts, event) ?? 0,
    call: await reader.readFirst(input?.payloads, context),
    report: await reader.readFirst(result, context),
  };
}

function idOf({ activityTaskScheduledEventAttributes: scheduled }: HistoryEvent): string {
  return scheduled?.activityId ?? '';
}

/** What became of activities, by the id of the event that scheduled each: a history may have tens of thousands. */
interface Ends {
  readonly closings: ReadonlyMap<number, HistoryEvent>;
  /** Stands in the event by which the last attempt began. */
  readonly attempts: ReadonlyMap<number, number>;
}

function indexEnds(events: readonly HistoryEvent[]): Ends {
  const closings = new Map<number, HistoryEvent>();
  const attempts = new Map<number, number>();
  for (const event of events) {
    const started = event.activityTaskStartedEventAttributes;
    keep(closings, closeOf(event)?.scheduledEventId, event);
    keep(attempts, started?.scheduledEventId, started?.attempt ?? 0);
  }
  return { closings, attempts };
}

/** Event ids are 64-bit objects. The first that is reported of an event counts. */
function keep<T>(map: Map<number, T>, eventId: unknown, value: T): void {
  if (isPresent(eventId) && !map.has(Number(eventId))) map.set(Number(eventId), value);
}

function find<T>(map: ReadonlyMap<number, T>, { eventId }: HistoryEvent): T | undefined {
  return isPresent(eventId) ? map.get(Number(eventId)) : undefined;
}

function closeOf(event: HistoryEvent) {
  return (
    event.activityTaskCompletedEventAttributes ??
    event.activityTaskFailedEventAttributes ??
    event.activityTaskTimedOutEventAttributes ??
    event.activityTaskCanceledEventAttributes
  );
}

function endOf(closing: HistoryEvent | undefined): ActivityEnd {
  if (closing === undefined) return 'open';
  if (isPresent(closing.activityTaskCompletedEventAttributes)) return 'completed';
  const startedEventId = Number(closeOf(closing)?.startedEventId ?? 0);
  return startedEventId === 0 ? 'never-started' : 'lost';
}

function pendingTimer(
  events: readonly HistoryEvent[],
): Required<Pick<RunHistory, 'timerSinceMs' | 'timerUntilMs'>> {
  const ended = new Map<number, true>();
  for (const event of events) keep(ended, timerEndOf(event)?.startedEventId, true);
  const pending = events.filter(
    (event) => isPresent(event.timerStartedEventAttributes) && find(ended, event) === undefined,
  );
  const last = pending.at(-1);
  if (last === undefined) return { timerSinceMs: null, timerUntilMs: null };
  const sinceMs = toMs(last.eventTime);
  const duration = last.timerStartedEventAttributes?.startToFireTimeout;
  return {
    timerSinceMs: sinceMs,
    // Not by the SDK's own function: of a history that was saved as JSON the seconds are a plain number.
    timerUntilMs: isPresent(duration) ? sinceMs + toMs(duration) : null,
  };
}

function timerEndOf(event: HistoryEvent) {
  return event.timerFiredEventAttributes ?? event.timerCanceledEventAttributes;
}

/** How many questions are open at the same time: quick enough for hundreds of runs, gentle with the server. */
const AT_ONCE = 16;

/** Maps in order, some at the same time. @throws what `map` throws first */
export async function mapSome<T, R>(
  items: readonly T[],
  map: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for (let first = 0; first < items.length; first += AT_ONCE)
    results.push(...(await Promise.all(items.slice(first, first + AT_ONCE).map(map))));
  return results;
}
