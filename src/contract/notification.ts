/** What a worker reports to a webhook, as the `type` of a CloudEvent. */
export const NOTIFICATION_TYPES = {
  switchoverPhase: 'dcs-switchover.switchover.phase.v1',
  switchoverEnded: 'dcs-switchover.switchover.ended.v1',
  maintenancePhase: 'dcs-switchover.maintenance.phase.v1',
  maintenanceInstance: 'dcs-switchover.maintenance.instance.v1',
  maintenanceApproval: 'dcs-switchover.maintenance.approval-wanted.v1',
  maintenanceEnded: 'dcs-switchover.maintenance.ended.v1',
} as const;

/** One of {@link NOTIFICATION_TYPES}. */
export type NotificationType = (typeof NOTIFICATION_TYPES)[keyof typeof NOTIFICATION_TYPES];

/** Those that people act on: delivered at least once, each by a run of `dcsNotify`. The others are posted once. */
export const DELIVERED_TYPES: readonly NotificationType[] = [
  NOTIFICATION_TYPES.switchoverEnded,
  NOTIFICATION_TYPES.maintenanceApproval,
  NOTIFICATION_TYPES.maintenanceEnded,
];

/** Workflow type of a run that delivers one notification. Its argument is the {@link CloudEvent}. */
export const NOTIFY_WORKFLOW_TYPE = 'dcsNotify';

/** Its workflow id: the same notification is never delivered by two runs. */
export function makeNotifyWorkflowId(notificationId: string): string {
  return `dcs-notify:${notificationId}`;
}

/** An event as workflow code reports it; the worker makes a CloudEvent of it. */
export interface Notification {
  readonly type: NotificationType;
  /** Unique within the run and the same on every delivery. */
  readonly id: string;
  /** RFC 3339. */
  readonly time: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A CloudEvent 1.0 of ours; `source` and `id` together name it for ever. */
export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  /** URI reference of the run, as the Temporal UI has it. */
  readonly source: string;
  readonly type: NotificationType;
  /** The workflow id. */
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly data: Readonly<Record<string, unknown>>;
}
