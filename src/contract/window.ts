/** Days as the window's `daysOfWeek` names them. */
export const DAYS_OF_WEEK = [
  'MONDAY',
  'TUESDAY',
  'WEDNESDAY',
  'THURSDAY',
  'FRIDAY',
  'SATURDAY',
  'SUNDAY',
] as const;

/** One of {@link DAYS_OF_WEEK}. */
export type DayOfWeek = (typeof DAYS_OF_WEEK)[number];

/**
 * A window that recurs, in local time. One that ends at or before its start crosses midnight and belongs to the
 * day on which it starts. A local time that a DST change skips is moved forward by the length of the gap; of
 * one that occurs twice, the start is the earlier and the end the later.
 */
export interface LocalWindow {
  /** IANA name, such as `Europe/Zurich`. */
  readonly timeZone: string;
  /** `HH:MM`, local time. */
  readonly start: string;
  /** `HH:MM`, local time; different from `start`. */
  readonly end: string;
  /** Days on which it starts. @default every day */
  readonly daysOfWeek?: readonly DayOfWeek[] | null;
  /** Dates on which it starts, `YYYY-MM-DD`; not together with `daysOfWeek`. */
  readonly dates?: readonly string[] | null;
  /** Local dates on which nothing runs: a window that touches one is left out as a whole. */
  readonly blackoutDates?: readonly string[] | null;
}

/** A window between two instants. */
export interface FixedWindow {
  /** RFC 3339 with zone. @default the start of the plan */
  readonly opensAt?: string | null;
  /** RFC 3339 with zone. */
  readonly closesAt: string;
}

/** When a plan may switch. */
export type MaintenanceWindow = LocalWindow | FixedWindow;
