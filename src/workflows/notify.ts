/**
 * How runs notify. What is posted once leaves by a sink: no history event, silent on replay, nothing waits. What has to be
 * delivered is handed over to a run of its own, which Temporal keeps until the webhook has taken it.
 */
import {
  ActivityFailure,
  CancellationScope,
  log,
  patched,
  proxyActivities,
  proxyLocalActivities,
  proxySinks,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';

import type { Activities } from '../activities/index.js';
import { DELIVERED_TYPES } from '../contract/index.js';
import type { CloudEvent, Notification, NotificationType } from '../contract/index.js';
import { command, joinText, withCommands } from '../domain/commands.js';
import type { NotificationSinks } from '../domain/telemetry.js';

import { outcomeFailure } from './proxies.js';
import { countDelivery } from './telemetry.js';

const { dcsSwitchoverNotifications } = proxySinks<NotificationSinks>();

/** One event in history, within the workflow task in which a run ends. The outcome waits for it, so not for long. */
const { startDelivery } = proxyLocalActivities<Activities>({
  startToCloseTimeout: '5 seconds',
  scheduleToCloseTimeout: '20 seconds',
  retry: { initialInterval: '200ms', maximumAttempts: 4 },
});

/**
 * Notifies of an event of a run. Never throws, never waits, and what becomes of it changes nothing here. A workflow task
 * that is tried again notifies again, under the same id.
 *
 * @param data plain data; has to name the instance or maintenance, and must hold no secret
 */
export type Notify = (type: NotificationType, data: Readonly<Record<string, unknown>>) => void;

/** How one run notifies. */
export interface Notifier {
  readonly notify: Notify;
  /**
   * Has what was notified of and has to be delivered delivered, by runs of their own. Never throws; waits up to 20 s.
   * To be called before a run ends, and before it waits.
   *
   * @param types what the run's first activity has reported; `null`: nothing
   */
  readonly handOver: (types: readonly NotificationType[] | null) => Promise<void>;
}

/** Counts, because the number makes the id of the next notification. */
export function createNotifier(): Notifier {
  let count = 0;
  const waiting: Notification[] = [];
  return {
    notify: (type, data) => {
      const { runId, unsafe } = workflowInfo();
      const id = `${runId}:${count}`;
      count += 1;
      const notification = { type, id, time: new Date().toISOString(), data };
      if (DELIVERED_TYPES.includes(type)) waiting.push(notification);
      // The SDK would leave it out as well, but copy the data first, and log an error where there is no sink.
      else if (!unsafe.isReplayingHistoryEvents) dcsSwitchoverNotifications.tell(notification);
    },
    handOver: async (types) => {
      for (const notification of waiting.splice(0))
        if (mustDeliver(notification, types)) await handOver(notification, types);
    },
  };
}

/** Runs of earlier versions, and those that end before their first activity has reported, do not know. */
function mustDeliver({ type }: Notification, types: readonly NotificationType[] | null): boolean {
  return types?.includes(type) ?? patched(`is-delivered-by-a-run-of-its-own:${type}`);
}

async function handOver(
  notification: Notification,
  types: readonly NotificationType[] | null,
): Promise<void> {
  try {
    await CancellationScope.nonCancellable(() => startDelivery({ notification, types }));
  } catch (error) {
    // Of a local activity it may be the failure itself.
    if (!(error instanceof TemporalFailure)) throw error;
    reportLoss(notification, error);
  }
}

/** Delivering is safe to repeat; after so long no one acts on it any more. */
const { postNotification } = proxyActivities<Activities>({
  startToCloseTimeout: '15 seconds',
  scheduleToCloseTimeout: '24 hours',
  retry: { maximumInterval: '5 minutes' },
  summary: 'Post it to the webhook, again and again until it is taken, for up to 24 h',
});

/**
 * Workflow `dcsNotify`: delivers one notification to the webhook, at least once.
 *
 * @throws ApplicationFailure NOTIFICATION_LOST where the webhook has refused it, or took it for 24 h not
 */
export async function dcsNotify(event: CloudEvent): Promise<void> {
  try {
    await postNotification(event);
    countDelivery('delivered');
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    throw outcomeFailure('NOTIFICATION_LOST', reportLoss(event, error), { id: event.id });
  }
}

/** Counts and logs it. @returns the same for people */
function reportLoss({ id, type }: Pick<Notification, 'id' | 'type'>, error: TemporalFailure) {
  const why = error.cause?.message ?? error.message;
  const message = joinText([
    `The notification was not delivered: ${why}. The run that it is about is not touched.`,
    withCommands('Look at the webhook', command(['doctor'])),
  ]);
  countDelivery('lost');
  log.error('notification lost', { id, type, message });
  return message;
}
