/** Reads every run that Temporal has, as the facts by which it is judged. */
import type { Client } from '@temporalio/client';

import {
  FREEZE_MEMO,
  FREEZE_WORKFLOW_TYPE,
  SWITCHOVER_WORKFLOW_TYPE,
} from '../../src/contract/index.js';
import type { Freeze } from '../../src/contract/index.js';
import type { PutFacts, RunFacts } from '../../src/domain/run-facts.js';
import { readRunFacts } from '../../src/temporal/run-facts.js';
import { readOpenEnds, silenceOf, toMs } from '../../src/temporal/silence.js';
import type { HistoryEvent } from '../../src/temporal/silence.js';

/** One execution of the swap activity. Times in epoch milliseconds. */
export interface SeenAct extends Pick<
  PutFacts,
  'purpose' | 'notAfterMs' | 'state' | 'sent' | 'scheduledAtMs'
> {
  readonly activityId: string;
  /** `null`: no worker took it. */
  readonly begunAtMs: number | null;
  readonly closedAtMs: number | null;
  /** Temporal has a heartbeat of it on record, of those that ended without a report. */
  readonly hasFenceOnRecord: boolean;
  readonly isTimedOut: boolean;
}

/** A run as its history shows it. */
export interface SeenRun {
  readonly workflowId: string;
  readonly instanceId: string;
  readonly facts: RunFacts;
  /** When its pre-check was over; `null`: never. */
  readonly checkedAtMs: number | null;
  readonly acts: readonly SeenAct[];
}

/** When a freeze was in force. */
export interface SeenFreeze {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** A run of any of our types, in a list. */
export interface ListedRun {
  readonly type: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly status: string;
}

/** Every run of the namespace. */
export async function listRuns({ workflow }: Client): Promise<readonly ListedRun[]> {
  const listed: ListedRun[] = [];
  for await (const { type, workflowId, runId, status } of workflow.list())
    listed.push({ type, workflowId, runId, status: status.name });
  return listed;
}

/** Reads the switchovers of a list. */
export async function readRuns(client: Client, listed: readonly ListedRun[]): Promise<SeenRun[]> {
  const seen: SeenRun[] = [];
  for (const { type, workflowId, runId } of listed)
    if (type === SWITCHOVER_WORKFLOW_TYPE) seen.push(await readRun(client, workflowId, runId));
  return seen;
}

async function readRun(client: Client, workflowId: string, runId: string): Promise<SeenRun> {
  const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const events = history.events ?? [];
  const ends = await readOpenEnds(client, workflowId, runId, events);
  const facts = await readRunFacts(client, events, ends);
  if (facts === null) throw new Error(`${workflowId} is no switchover`);
  const instanceId = workflowId.split(':')[2] ?? '';
  const checked = findActs(events, 'preflight').at(-1);
  const acts = findActs(events, 'requestSwap').map((act, index) => toSeen(act, facts.puts[index]));
  return { workflowId, instanceId, facts, checkedAtMs: closedAtMs(checked), acts };
}

/** The freezes of a list. */
export async function readFreezes(
  client: Client,
  listed: readonly ListedRun[],
): Promise<SeenFreeze[]> {
  const freezes: SeenFreeze[] = [];
  for (const { type, workflowId, runId } of listed) {
    if (type !== FREEZE_WORKFLOW_TYPE) continue;
    const { startTime, closeTime, memo } = await client.workflow
      .getHandle(workflowId, runId)
      .describe();
    const { until } = memo?.[FREEZE_MEMO] as Freeze;
    const untilMs = Math.min(Date.parse(until), closeTime?.getTime() ?? Infinity);
    freezes.push({ fromMs: startTime.getTime(), untilMs });
  }
  return freezes;
}

/** The events of one activity. */
interface ActEvents {
  readonly activityId: string;
  readonly started: HistoryEvent | undefined;
  readonly closing: HistoryEvent | undefined;
}

function findActs(events: readonly HistoryEvent[], type: string): ActEvents[] {
  return events.flatMap(({ eventId, activityTaskScheduledEventAttributes: scheduled }) => {
    if (scheduled?.activityType?.name !== type) return [];
    const isOurs = (id: unknown): boolean => String(id) === String(eventId);
    const started = events.findLast((event) =>
      isOurs(event.activityTaskStartedEventAttributes?.scheduledEventId),
    );
    const closing = events.find((event) =>
      [
        event.activityTaskCompletedEventAttributes,
        event.activityTaskFailedEventAttributes,
        event.activityTaskTimedOutEventAttributes,
        event.activityTaskCanceledEventAttributes,
      ].some((attributes) => isOurs(attributes?.scheduledEventId)),
    );
    return [{ activityId: scheduled.activityId ?? '', started, closing }];
  });
}

function closedAtMs(act: ActEvents | undefined): number | null {
  return act?.closing === undefined ? null : toMs(act.closing.eventTime);
}

function toSeen(act: ActEvents, put: PutFacts | undefined): SeenAct {
  const { activityId, started, closing } = act;
  const { purpose = 'forward', notAfterMs = null, state = 'not-applied', sent = 0 } = put ?? {};
  const { scheduledAtMs = 0 } = put ?? {};
  const { by, hasHeartbeat } = silenceOf(closing);
  return {
    ...{ activityId, purpose, notAfterMs, state, sent, scheduledAtMs },
    begunAtMs: started === undefined ? null : toMs(started.eventTime),
    closedAtMs: closedAtMs(act),
    hasFenceOnRecord: hasHeartbeat,
    isTimedOut: by === 'timeout',
  };
}
