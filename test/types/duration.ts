/**
 * Compile-only: without the types of `ms` the SDK's `Duration` is silently `any`, and a timeout of
 * "10 bananas" would be found out at run time.
 */
import type { Duration } from '@temporalio/common';

export const accepted: Duration = '10 seconds';
// @ts-expect-error not a duration
export const refused: Duration = '10 bananas';
