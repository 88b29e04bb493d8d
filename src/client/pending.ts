import { decodeOptionalFailureToOptionalError } from '@temporalio/common/lib/internal-non-workflow';
import type { Client } from '@temporalio/client';

import { isRecord } from '../util.js';
import { createPayloadReader } from '../run-history/payloads.js';

import type { DescribedRun } from './switchover/run.js';

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
export async function readPending(
  client: Client,
  { workflowId, description }: DescribedRun,
): Promise<PendingActivity | null> {
  const [info] = description.raw.pendingActivities ?? [];
  if (info === undefined) return null;
  const { namespace } = client.options;
  const context = { type: 'activity', namespace, workflowId, isLocal: false } as const;
  const beat = await createPayloadReader(client).readFirst(
    info.heartbeatDetails?.payloads,
    context,
  );
  const told: Readonly<Record<string, unknown>> = isRecord(beat) ? beat : {};
  const maximumAttempts = info.maximumAttempts ?? 0;
  return {
    type: info.activityType?.name ?? 'unknown',
    attempt: info.attempt ?? 1,
    maximumAttempts: maximumAttempts === 0 ? null : maximumAttempts,
    isWaiting: Number(info.state) === SCHEDULED,
    lastFailure: await readFailure(client, info),
    nextAttemptAt: toInstant(info.nextAttemptScheduleTime),
    next: textOf(told['next']),
    givesUpAt: textOf(told['givesUpAt']) ?? toInstant(info.expirationTime),
    lastRequestId: textOf(told['lastRequestId']),
  };
}

/** The failure's own words, decoded by the client's data converter; its type where they cannot be. */
async function readFailure(client: Client, { lastFailure }: PendingInfo): Promise<string | null> {
  if (lastFailure === null || lastFailure === undefined) return null;
  try {
    const { loadedDataConverter } = client.options;
    const error = await decodeOptionalFailureToOptionalError(loadedDataConverter, lastFailure);
    return error?.message ?? null;
  } catch {
    return lastFailure.message ?? 'its words cannot be decoded';
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function toInstant(timestamp: Timestamp): string | null {
  const seconds = Number(timestamp?.seconds ?? 0);
  return seconds === 0 ? null : new Date(seconds * 1000).toISOString();
}
