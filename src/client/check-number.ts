import { InvalidInputError } from './errors.js';

/** Timers of the platform hold no more than this, in milliseconds; beyond it they fire at once. */
const MAX_TIMER_MS = 2_147_483_647;

/** What a number given by a caller may be. */
export interface NumberRange {
  readonly min: number;
  readonly max: number;
}

/**
 * A number that a caller gave: one that is none would end in a timer that fires at once, or in an error where no
 * caller can catch it.
 *
 * @throws InvalidInputError naming the option
 */
export function checkNumber(option: string, value: number, { min, max }: NumberRange): number {
  if (value >= min && value <= max) return value;
  throw new InvalidInputError([
    {
      field: option,
      problem: `is ${String(value)}, not a number from ${min} to ${max}`,
      remedy: 'Correct it, or leave it out.',
    },
  ]);
}

/** As {@link checkNumber}, for times in milliseconds. */
export function checkMs(option: string, value: number): number {
  return checkNumber(option, value, { min: 0, max: MAX_TIMER_MS });
}
