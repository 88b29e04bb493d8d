/** One way to a part that did not lead to it, and why. */
export interface FailedWay {
  /** Name of the way: an environment variable, `PATH`, `cache`, `sdk-download`, `pypi …`. */
  readonly way: string;
  readonly reason: string;
}

/**
 * Thrown when no way leads to a part. The message names each way tried, in order, why it failed, and
 * how to give a path; it needs no stack trace beside it.
 */
export class PartUnavailableError extends Error {
  override readonly name = 'PartUnavailableError';

  constructor(
    /** What was looked for, in plain words. */
    readonly part: string,
    /** Every way tried, in the order tried. */
    readonly failedWays: readonly FailedWay[],
    /** What a person can do about it. */
    readonly remedy: string,
  ) {
    const lines = failedWays.map(({ way, reason }, index) => `  ${index + 1}. ${way}: ${reason}`);
    super([`No ${part} could be found or fetched. Tried:`, ...lines, remedy].join('\n'));
  }
}
