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
  /** From its return on no forward PUT leaves until `until`; pauses all our schedules. A later freeze replaces it. */
  freeze(freeze: Freeze): Promise<FreezeReport>;
  /** Ends it, and resumes the schedules that it paused. */
  thaw(options: { readonly by: string }): Promise<FreezeReport>;
  /** The freeze in force, or `null`. Works without a worker. */
  current(): Promise<Freeze | null>;
}
