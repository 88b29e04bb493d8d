/** What a notification says in a few words, for chats and for the Temporal UI; and what its activities are asked. */
import type { Notification, NotificationType } from '../contract/index.js';
import { textOf } from '../util.js';

import { describeInstance, oneLine } from './text.js';

/** Argument of `startDelivery`. */
export interface StartDeliveryCall {
  readonly notification: Notification;
  /** What the webhook takes, as the run's first activity has reported; `null`: the executing worker knows. */
  readonly types: readonly NotificationType[] | null;
}

/** A notification in a line. */
export interface NotificationHeadline {
  /** What has happened: an outcome with its cause, a phase, or what is wanted. */
  readonly word: string;
  /** The instance or the maintenance. */
  readonly about: string;
}

/** The headline of a notification with this data. */
export function describeNotification(data: Notification['data']): NotificationHeadline {
  const word =
    textOf(data['phase']) ?? textOf(data['outcome']) ?? textOf(data['state']) ?? 'APPROVAL WANTED';
  const cause = textOf(data['cause']);
  return {
    word: oneLine(cause === null ? word : `${word} (${cause})`),
    about: oneLine([instanceOf(data), maintenanceOf(data)].filter(Boolean).join(', ')),
  };
}

function instanceOf(data: Notification['data']): string | null {
  const instanceId = textOf(data['instanceId']);
  return instanceId === null ? null : describeInstance(instanceId, textOf(data['instanceName']));
}

function maintenanceOf({ maintenanceId }: Notification['data']): string | null {
  const id = textOf(maintenanceId);
  return id === null ? null : `maintenance ${id}`;
}
