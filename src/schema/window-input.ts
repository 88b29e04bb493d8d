import { z } from 'zod';

import { DAYS_OF_WEEK } from '../contract/index.js';

import { instant } from './fields.js';

/** Longest list of dates; a year of days and the leap day. */
const MAX_DATES = 366;

const LOCAL_TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
const ZONE = /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/;

const localTime = z.string().regex(LOCAL_TIME, 'is not a local time HH:MM, 00:00 to 23:59');

const date = z.iso.date('is not a date YYYY-MM-DD');

const dates = z.array(date).min(1, 'is empty').max(MAX_DATES, `has more than ${MAX_DATES} dates`);

/** A window that recurs in local time. Whether the zone exists is checked apart. */
export const localWindowSchema = z.strictObject({
  timeZone: z.string().regex(ZONE, 'is not the name of a time zone'),
  start: localTime,
  end: localTime,
  daysOfWeek: z
    .array(z.enum(DAYS_OF_WEEK))
    .min(1, 'is empty')
    .max(7, 'is longer than a week')
    .optional(),
  dates: dates.optional(),
  blackoutDates: dates.optional(),
});

/** A window between two instants. */
export const fixedWindowSchema = z.strictObject({
  opensAt: instant.optional(),
  closesAt: instant,
});

/** Either kind of window. */
export const windowSchema = z.union([localWindowSchema, fixedWindowSchema]);
