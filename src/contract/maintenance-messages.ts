import type { MaintenancePhase } from './maintenance-progress.js';

/** Names of the updates that people and services send to a plan; each answers with a `MessageReceipt`. */
export const MAINTENANCE_UPDATES = {
  approve: 'approve',
  reject: 'reject',
  pause: 'pause',
  resume: 'resume',
  skip: 'skip',
  abort: 'abort',
} as const;

/** Name of one of the updates. */
export type MaintenanceUpdate = keyof typeof MAINTENANCE_UPDATES;

/** Argument of `approve`, `pause`, `resume`. */
export interface MaintenanceMessage {
  /** Who says so: 1 to 128 characters. */
  readonly by: string;
  /** Required for `reject`, `skip` and `abort`: 1 to 1024 characters. */
  readonly why?: string | null;
}

/** Argument of `skip`: an instance that has not started yet is left out. */
export interface SkipMessage extends MaintenanceMessage {
  readonly instanceId: string;
}

/** Answer of every update. */
export interface MessageReceipt {
  /** `false`: the plan was in that state already; nothing changed. */
  readonly changed: boolean;
  /** In plain words: what is true now. */
  readonly message: string;
  readonly phase: MaintenancePhase;
  readonly isPaused: boolean;
}

/** Types of the failures with which a plan answers an update that it does not take. */
export type MessageRefusal =
  /** The argument is malformed; details[0] is `{problems}`. */
  | 'INVALID_MESSAGE'
  /** It comes too late, or does not fit what the plan is. */
  | 'NOT_POSSIBLE_NOW';
