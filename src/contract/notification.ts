/** What a worker tells a webhook, as the `type` of a CloudEvent. */
export const NOTIFICATION_TYPES = {
  switchoverPhase: 'dcs-switchover.switchover.phase.v1',
  switchoverEnded: 'dcs-switchover.switchover.ended.v1',
  maintenancePhase: 'dcs-switchover.maintenance.phase.v1',
  maintenanceInstance: 'dcs-switchover.maintenance.instance.v1',
  maintenanceEnded: 'dcs-switchover.maintenance.ended.v1',
} as const;

/** One of {@link NOTIFICATION_TYPES}. */
export type NotificationType = (typeof NOTIFICATION_TYPES)[keyof typeof NOTIFICATION_TYPES];

/** An event as workflow code tells it; the worker makes a CloudEvent of it. */
export interface Notification {
  readonly type: NotificationType;
  /** Unique within the run and the same on every telling. */
  readonly id: string;
  /** RFC 3339. */
  readonly time: string;
  readonly data: Readonly<Record<string, unknown>>;
}
