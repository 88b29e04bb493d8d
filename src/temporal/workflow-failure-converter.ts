/**
 * The failure converter of the bundle for a codec; sandboxed code. Unmarked: a failure
 * that ends a run must be reported in full, so a codec that fails makes the server repeat the task.
 */
import { DefaultFailureConverter } from '@temporalio/common';

/** By this name the SDK finds it. */
export const failureConverter: DefaultFailureConverter = new DefaultFailureConverter({
  encodeCommonAttributes: true,
});
