/** How the swap activity says that it has sent nothing, and that even where a codec fails on its report. */
import {
  activityInfo,
  ApplicationFailure,
  cancellationSignal,
  CompleteAsyncError,
} from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { encodeToPayloadsWithContext } from '@temporalio/common/lib/internal-non-workflow';

import { DcsError } from '../dcs/index.js';
import type { NotSentReason, SwapReport } from '../domain/reports.js';
import { failureTypeOf } from '../domain/swap.js';
import { callTemporal, inActivity } from '../temporal/rpc.js';

import type { ActivityDeps } from './deps.js';
import { explain } from './errors.js';
import { isWithoutTurn } from './turns.js';

/** Nothing was sent, and why. */
export type NotSent = Extract<SwapReport, { readonly kind: 'not-sent' }>;

/** A worker's shutdown aborts like a cancellation does, but another worker may go on. */
export function whyStopped(): NotSent | null {
  const signal = cancellationSignal();
  if (!signal.aborted) return null;
  const { message } = signal.reason as Error;
  const reason = message.includes('WORKER_SHUTDOWN') ? 'draining' : 'cancelled';
  return notSent(reason, `${reason} before the fence`);
}

/** Why this worker sends nothing any more. */
export function whyDraining({ drainingReason }: ActivityDeps): string {
  return drainingReason?.() ?? 'the worker is shutting down';
}

/**
 * Reports a PUT that had no effect. The SDK encodes a result when its activity is over: one that cannot be encoded is
 * lost, and the PUT then counts as one that may have been applied. So where there is a codec the activity reports by
 * itself, and says by the type of a failure, which no codec touches, what is certain all the same.
 *
 * @returns the report, where it is left to the SDK
 * @throws CompleteAsyncError once it is reported
 * @throws ApplicationFailure of a type of `domain/swap.ts` where it cannot be encoded
 */
export async function vouchFor(temporal: Client, report: SwapReport): Promise<SwapReport> {
  const type = failureTypeOf(report);
  if (type === null || temporal.options.loadedDataConverter.payloadCodecs.length === 0)
    return report;
  const payloads = await encode(temporal, report).catch(() => {
    const message = 'The PUT had no effect; what it was could not be encoded.';
    throw ApplicationFailure.create({ type, message, nonRetryable: true });
  });
  const { namespace, identity } = temporal.options;
  const { taskToken } = activityInfo();
  const request = { namespace, identity, taskToken, result: { payloads: payloads ?? null } };
  try {
    await callTemporal(inActivity(temporal), 'report the swap', () =>
      temporal.workflowService.respondActivityTaskCompleted(request),
    );
  } catch {
    return report;
  }
  throw new CompleteAsyncError();
}

/** As the SDK would encode the result of the activity. */
async function encode(temporal: Client, report: SwapReport): Promise<Payload[] | undefined> {
  const { loadedDataConverter, namespace } = temporal.options;
  const { activityId, workflowExecution } = activityInfo();
  const owner = { namespace, workflowId: workflowExecution?.workflowId ?? '', activityId };
  const context = { ...owner, type: 'activity', isLocal: false } as const;
  return encodeToPayloadsWithContext(loadedDataConverter, context, [report]);
}

/** The report of an attempt that has sent nothing. */
export function notSent(
  reason: NotSentReason,
  detail: string,
  retryAfterMs: number | null = null,
): NotSent {
  return { kind: 'not-sent', reason, retryAfterMs, detail };
}

/** The last look failed. */
export function unread(error: unknown): NotSent {
  if (!(error instanceof DcsError)) return notSent('unreadable', explain(error));
  if (isWithoutTurn(error)) return throttled(error);
  return notSent('unreadable', explain(error), error.retryAfterMs);
}

/** A quota is spent. Nothing has come to the service, whichever call was turned away. */
export function throttled(error: DcsError): NotSent {
  const { askedMs = null, windowMs = null } = error.throttle ?? {};
  return { ...notSent('throttled', explain(error), askedMs), windowMs };
}
