import { DcsConfigurationError } from './errors/dcs-configuration-error.js';

/**
 * Least time between two readings under a limit, in milliseconds.
 *
 * @param maxPerSecond `null`: no limit; below 1 it means one in so many seconds
 * @throws DcsConfigurationError unless it is a positive number
 */
export function gapOf(maxPerSecond: number | null): number {
  if (maxPerSecond === null) return 0;
  if (!Number.isFinite(maxPerSecond) || maxPerSecond <= 0)
    throw new DcsConfigurationError('maxReadsPerSecond', 'must be a number above 0');
  return 1000 / maxPerSecond;
}
