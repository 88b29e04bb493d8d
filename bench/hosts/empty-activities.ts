/** Activities that do nothing of their own. */
export interface EmptyActivities {
  readonly nothing: () => Promise<void>;
  /** Never ends by itself. */
  readonly forever: () => Promise<void>;
}

/**
 * See {@link EmptyActivities}.
 *
 * @param readOnce three readings of the API, in place of nothing: four activities then make as many calls
 * as a successful switchover, within one
 */
export function createEmptyActivities(
  readOnce: () => Promise<void> = () => Promise.resolve(),
): EmptyActivities {
  return { nothing: readOnce, forever: () => new Promise(() => undefined) };
}
