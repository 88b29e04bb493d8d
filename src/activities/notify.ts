import { activityInfo, cancellationSignal, log } from '@temporalio/activity';
import {
  ApplicationFailure,
  ApplicationFailureCategory,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/common';

import { makeNotifyWorkflowId, NOTIFY_WORKFLOW_TYPE } from '../contract/index.js';
import type { CloudEvent } from '../contract/index.js';
import { describeNotification } from '../domain/notification.js';
import type { StartDeliveryCall } from '../domain/notification.js';
import { toRunTexts } from '../domain/run-texts.js';
import type { RunTexts } from '../domain/run-texts.js';
import { toCloudEvent } from '../notifications/index.js';
import type { Verdict, Webhook } from '../notifications/index.js';
import { callTemporal, inActivity } from '../temporal/rpc.js';

import type { ActivityDeps } from './deps.js';
import { explain } from './errors.js';

/** A receiver that hangs must not keep the worker's places from switchovers: of few, a quarter is for posts, at least one. */
const MAX_IN_FLIGHT = 8;
const MIN_PLACES_PER_POST = 4;

/**
 * After how long a post that found no place comes again, in milliseconds; longer each time, and as much again is added by
 * chance: a thousand that wait must not take the queue's starts from switchovers.
 */
const NEXT_TURN_MS = 5_000;
const MAX_TURN_MS = 160_000;

/** Below every switchover on the same queue, where the server knows priorities (1 is the highest, 3 the default). */
const PRIORITY = { priorityKey: 5 } as const;

/** The activities by which a notification is delivered. To be made once for each worker. */
export function createNotifying(deps: ActivityDeps): {
  readonly startDelivery: (call: StartDeliveryCall) => Promise<void>;
  readonly postNotification: (event: CloudEvent) => Promise<void>;
} {
  const { webhook = null, maxConcurrentActivities: places = Infinity } = deps;
  const maxInFlight = Math.max(
    1,
    Math.min(MAX_IN_FLIGHT, Math.floor(places / MIN_PLACES_PER_POST)),
  );
  let inFlight = 0;
  return {
    startDelivery: (call) => startDelivery(deps, call),
    postNotification: async (event) => {
      if (inFlight >= maxInFlight) throw notDelivered(noPlace(inFlight));
      inFlight += 1;
      try {
        await postNotification(webhook, event);
      } finally {
        inFlight -= 1;
      }
    },
  };
}

/**
 * Activity `startDelivery`: starts the run that delivers a notification, unless there was one before. The run holds the
 * event alone: where it goes, and with which key, the worker knows that posts it.
 *
 * @throws ApplicationFailure (retryable) while Temporal does not take it
 */
async function startDelivery(
  { temporal, webhook }: ActivityDeps,
  { notification, types }: StartDeliveryCall,
): Promise<void> {
  const { workflowExecution, namespace, taskQueue } = activityInfo();
  if (!(types ?? webhook?.types ?? []).includes(notification.type)) return;
  const origin = { namespace, workflowId: '', runId: '' };
  const event = toCloudEvent({ ...origin, ...workflowExecution }, notification);
  try {
    await callTemporal(inActivity(temporal), 'start the delivery of a notification', () =>
      temporal.workflow.start(NOTIFY_WORKFLOW_TYPE, {
        ...{ workflowId: makeNotifyWorkflowId(notification.id), taskQueue, args: [event] },
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        workflowIdConflictPolicy: 'FAIL',
        priority: PRIORITY,
        ...textsOf(event),
      }),
    );
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return;
    throw ApplicationFailure.create({ type: 'TemporalUnreadable', message: explain(error) });
  }
}

/** In the UI: what is delivered, and of which run. */
function textsOf({ type, subject, data }: CloudEvent): RunTexts {
  const { word, about } = describeNotification(data);
  const details = [
    ['Notification', type],
    ['Of', subject],
  ] as const;
  return toRunTexts({ summary: `${word}: ${about}`, details, memo: {} });
}

/**
 * Activity `postNotification`: one attempt, under the same id each time.
 *
 * @throws ApplicationFailure, retryable unless the webhook has refused the notification itself
 */
async function postNotification(webhook: Webhook | null, event: CloudEvent): Promise<void> {
  const verdict = await (webhook?.post(event, cancellationSignal()) ?? NO_WEBHOOK);
  if (verdict.kind === 'delivered') return;
  const { attempt } = activityInfo();
  if (attempt === 1)
    log.warn('the webhook did not take a notification', { id: event.id, why: verdict.why });
  throw notDelivered(verdict);
}

/** Another worker of the queue may have one, or this one after its restart. */
const NO_WEBHOOK: Verdict = {
  kind: 'later',
  why: 'this worker has no webhook (DCS_SWITCHOVER_WEBHOOK_URL)',
  retryAfterMs: null,
};

function noPlace(inFlight: number): Verdict & { readonly kind: 'later' } {
  const turnMs = Math.min(MAX_TURN_MS, NEXT_TURN_MS * 2 ** (activityInfo().attempt - 1));
  const retryAfterMs = turnMs * (1 + Math.random());
  return { kind: 'later', why: `others are being posted: ${inFlight}`, retryAfterMs };
}

/** Asked again it logs nothing: what was never delivered is logged at the end. */
function notDelivered(verdict: Exclude<Verdict, { readonly kind: 'delivered' }>) {
  const retryAfterMs = verdict.kind === 'later' ? verdict.retryAfterMs : null;
  return ApplicationFailure.create({
    type: verdict.kind === 'refused' ? 'NotificationRefused' : 'NotDeliveredYet',
    message: verdict.why,
    nonRetryable: verdict.kind === 'refused',
    category: ApplicationFailureCategory.BENIGN,
    ...(retryAfterMs === null ? {} : { nextRetryDelay: retryAfterMs }),
  });
}
