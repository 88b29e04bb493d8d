import type { Freeze } from '../../contract/index.js';

/** What a freeze or a thaw did to the schedules. */
export interface FreezeReport {
  readonly freeze: Freeze | null;
  /** Schedules that it paused (or resumed). */
  readonly changed: readonly string[];
  /** Schedules that were paused before, and stay so. */
  readonly leftPaused: readonly string[];
  /** What could not be changed, and why. */
  readonly failed: readonly { readonly scheduleId: string; readonly detail: string }[];
}

/** The brake of the whole namespace. */
export interface FreezeClient {
  /**
   * From its return on no forward PUT leaves until `until`; pauses all our schedules. A later freeze replaces it.
   * Takes some four seconds, after which no worker can be on its way any more. Works without a worker. By
   * visibility, which may miss a schedule of the last seconds: its plan is refused all the same.
   *
   * @throws InvalidInputError
   */
  freeze(freeze: Freeze): Promise<FreezeReport>;
  /** Ends it, and resumes the schedules that a freeze has paused. `freeze` is the one that was ended. Works without a worker. */
  thaw(options: { readonly by: string }): Promise<FreezeReport>;
  /** The freeze in force, or `null`. Works without a worker. */
  current(): Promise<Freeze | null>;
}
