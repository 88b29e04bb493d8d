/** How workflow code tells the outside world: by a sink, which costs no history and is silent on replay. */
import { proxySinks, workflowInfo } from '@temporalio/workflow';

import type { NotificationType } from '../contract/index.js';
import type { NotificationSinks } from '../domain/notifications.js';

/** Whoever tells keeps count, in the object of its run: the number makes the id of the next notification. */
export interface Teller {
  notificationsTold: number;
}

const { dcsSwitchoverNotifications } = proxySinks<NotificationSinks>();

/**
 * Tells the worker of an event of this run. Never throws, never waits, and what becomes of it changes
 * nothing here. A workflow task that is tried again tells it again, under the same id.
 *
 * @param teller the run's own object; its count has to start at 0 in each run
 * @param data plain data; has to name the instance or plan, and must hold no secret
 */
export function notify(
  teller: Teller,
  type: NotificationType,
  data: Readonly<Record<string, unknown>>,
): void {
  const { runId, unsafe } = workflowInfo();
  const id = `${runId}:${teller.notificationsTold}`;
  teller.notificationsTold += 1;
  // The SDK would leave it out as well, but copy the data first, and log an error where there is no sink.
  if (unsafe.isReplayingHistoryEvents) return;
  dcsSwitchoverNotifications.tell({ type, id, time: new Date().toISOString(), data });
}
