import type { DayOfWeek, MaintenanceInput } from './maintenance.js';

/** A schedule of a maintenance. Exactly one of `onWindow`, `cron`, `calendar`, `everySeconds`, `at`. */
export interface ScheduleSpec {
  /** Each opening of the maintenance's own (local) window, `leadSeconds` earlier. */
  readonly onWindow?: boolean | null;
  /** Five fields, local time of `timeZone`. */
  readonly cron?: string | null;
  readonly calendar?: CalendarSpec | null;
  /** At every multiple of this since the Unix epoch, `offsetSeconds` later. At least 60. */
  readonly everySeconds?: number | null;
  readonly offsetSeconds?: number | null;
  /** Once, at this instant: RFC 3339 with zone. */
  readonly at?: string | null;
  /** IANA name for `cron` and `calendar`. @default the window's, else UTC */
  readonly timeZone?: string | null;
  /** Each firing is delayed at random by up to this. @default 0 */
  readonly jitterSeconds?: number | null;
  /** With `onWindow` and `at`: fires this long before, to gather approval. @default 0 */
  readonly leadSeconds?: number | null;
  /** How late a missed firing may still start. @default and at most until the window's latest safe start */
  readonly catchUpSeconds?: number | null;
  /** Whether the schedule pauses after a maintenance that did not complete. @default false */
  readonly pauseOnFailure?: boolean | null;
}

/** When local time matches all of these. Absent: every, for `minute` and `second` 0. */
export interface CalendarSpec {
  readonly month?: readonly number[] | null;
  readonly dayOfMonth?: readonly number[] | null;
  readonly dayOfWeek?: readonly DayOfWeek[] | null;
  readonly hour?: readonly number[] | null;
  readonly minute?: readonly number[] | null;
}

/** A schedule as it is asked for. */
export interface ScheduleInput {
  /** 1 to 64 of `a-z 0-9 . _ -`. */
  readonly scheduleId: string;
  readonly schedule: ScheduleSpec;
  /** The maintenance that each firing starts. */
  readonly maintenance: MaintenanceInput;
  /** Shown with the schedule. */
  readonly note?: string | null;
}

/** Workflow type of the record that a freeze is in force. It ends at `until`. */
export const FREEZE_WORKFLOW_TYPE = 'dcsFreeze';

/** Its workflow id: one freeze per namespace. Open means frozen. */
export const FREEZE_WORKFLOW_ID = 'dcs-switchover-freeze';

/** Key of the run's memo that holds the {@link Freeze}. */
export const FREEZE_MEMO = 'freeze';

/** Argument of `dcsFreeze`, and its memo: no forward PUT leaves until then. */
export interface Freeze {
  /** RFC 3339 with zone. */
  readonly until: string;
  readonly reason: string;
  readonly by: string;
}
