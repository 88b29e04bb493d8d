import type { RolesSnapshot, Target } from '../contract/index.js';

/** A verified bad state, as the last look before a swap back judges it again. */
export interface BadState {
  readonly cause: 'NEW_MASTER_INACTIVE' | 'OFF_TARGET';
  /** Roles before the forward swap: its master is to come back. */
  readonly before: RolesSnapshot;
  /** Where the forward swap was to move the master. */
  readonly target: Target | null;
}
