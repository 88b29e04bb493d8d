/** Workflow type of the record that a freeze is in force. It ends at `until`. */
export const FREEZE_WORKFLOW_TYPE = 'dcsFreeze';

/** Its workflow id: one freeze per namespace. Open means frozen. */
export const FREEZE_WORKFLOW_ID = 'dcs-switchover-freeze';

/** Key of the run's memo that holds the {@link Freeze}. */
export const FREEZE_MEMO = 'freeze';

/** Argument of `dcsFreeze`, and its memo: no forward PUT leaves until then. */
export interface Freeze {
  /** RFC 3339 with zone. */
  readonly until: string;
  readonly reason: string;
  readonly by: string;
}
