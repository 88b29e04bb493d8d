/** How the swap activity says that it has sent nothing. */
import { ApplicationFailure, cancellationSignal } from '@temporalio/activity';

import { DcsError } from '../dcs/index.js';
import type { NotSentReason, SwapReport } from '../domain/reports.js';
import { NOTHING_SENT } from '../domain/swap.js';

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

/** For where no report can be encoded: the type of a failure is not, so it is reported even while the codec fails. */
export function nothingSent(): ApplicationFailure {
  return ApplicationFailure.create({
    type: NOTHING_SENT,
    message: "Nothing was sent: the codec failed to encode the fence's heartbeat.",
    nonRetryable: true,
  });
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
