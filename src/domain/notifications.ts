import type { Notification } from '../contract/index.js';

/**
 * The sink by which workflow code tells its worker: costs no history, and is silent on replay. A worker that
 * has none logs an error for each telling; `switchoverWorkerOptions` gives it one.
 */
export type NotificationSinks = Readonly<{
  dcsSwitchoverNotifications: Readonly<{
    /** Takes it over, without waiting for anybody. */
    tell: (notification: Notification) => void;
  }>;
}>;
