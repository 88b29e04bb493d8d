import { z } from 'zod';

const digits = z.string().regex(/^\d{1,9}$/, 'is not a whole number');
const decimals = z.string().regex(/^\d{1,6}(?:\.\d{1,3})?$/, 'is not a number');

const between = (min: number, max: number): z.ZodNumber =>
  z.number().min(min, `is less than ${min}`).max(max, `is more than ${max}`);

/** A variable with a whole number in digits; other spellings (`1e3`, `0x10`, blanks) are mistakes. */
export const wholeNumber = (min: number, max: number): z.ZodType<number, string> =>
  digits.transform(Number).pipe(between(min, max));

/** A variable with a number of up to three decimals. */
export const decimalNumber = (min: number, max: number): z.ZodType<number, string> =>
  decimals.transform(Number).pipe(between(min, max));
