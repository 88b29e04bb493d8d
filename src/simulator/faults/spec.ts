import type { ErrorShape } from '../http/answer.js';
import type { RouteName } from '../http/routes.js';

/** Which of the matching calls a fault concerns, counted from 1 since the fault was added. */
export type CallSelector =
  number | readonly number[] | { readonly from: number; readonly to?: number };

/** How a read shows the roles; the instance itself does not change. */
export const ROLE_VIEWS = ['swapped', 'two-masters', 'no-master', 'ids-disagree'] as const;

/** Name of a false view of the roles. */
export type RoleView = (typeof ROLE_VIEWS)[number];

/** A scripted answer in place of the service's own. */
export interface ScriptedResponse {
  readonly status: number;
  /** Whether the operation is carried out all the same. @default false */
  readonly execute?: boolean;
  /** Shape of the error body. @default the one usual for the status */
  readonly shape?: ErrorShape;
  /** @default the one usual for the status */
  readonly code?: string;
  /** @default the one usual for the status */
  readonly message?: string;
  /** The whole body: an object is sent as JSON, a string as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How the job of the swap goes that this call starts. */
export interface JobScript {
  /** @default "SUCCESS" */
  readonly outcome?: 'SUCCESS' | 'FAIL';
  /** @default true for SUCCESS, false for FAIL */
  readonly changesRoles?: boolean;
  /** The job stays RUNNING, the instance busy. @default false */
  readonly neverEnds?: boolean;
  readonly failReason?: string;
  /** @default the simulator's `jobInitMs` */
  readonly initMs?: number;
  /** @default the simulator's `jobRunMs` */
  readonly runMs?: number;
  /** Word shown in place of RUNNING. @default "RUNNING" */
  readonly status?: string;
  /** Health of the new master once it is master. @default unchanged */
  readonly newMasterStatus?: 'Active' | 'Inactive';
}

/** How the background-task row of the swap looks that this call starts. */
export interface TaskRowScript {
  /** @default the simulator's `taskRowDelayMs` */
  readonly delayMs?: number;
  /** No row ever appears. @default false */
  readonly never?: boolean;
  /** The row has no `job_id`, as on the documentation page. @default false */
  readonly withoutJobId?: boolean;
  /** The row's `id` is not the job's. @default false: both are the same */
  readonly otherId?: boolean;
  /** `null`: the row names nobody. @default the user who swapped */
  readonly userName?: string | null;
  /** `null`: the row has none. @default the id of that user */
  readonly userId?: string | null;
}

/** What happens to a call. Actions combine; of several faults on one call the later added wins. */
export interface FaultActions {
  /** Wait before the operation. */
  readonly delayMs?: number;
  /** Wait between the operation and its answer. */
  readonly delayResponseMs?: number;
  /** Keep the answer back until `release()`. */
  readonly hold?: boolean;
  readonly respond?: ScriptedResponse;
  /** Headers added to whatever is answered, `Date` included. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The answer is not JSON any more. */
  readonly malformedBody?: boolean;
  /** The connection breaks in the middle of the body. */
  readonly truncatedBody?: boolean;
  /** TCP reset instead of an answer; `after`: the operation was carried out, its response is lost. */
  readonly reset?: 'before' | 'after';
  /** For `listNodes`, `listAllNodes` and `listGroups`. */
  readonly roles?: RoleView;
  /** For `asyncSwap`. */
  readonly job?: JobScript;
  /** For `asyncSwap`. */
  readonly taskRow?: TaskRowScript;
  /** Another operator has swapped, to the end, when the operation begins. */
  readonly foreignSwapBefore?: boolean;
  /** Another operator swaps so long after the operation, as soon as the instance is idle. */
  readonly foreignSwapAfterMs?: number;
}

/** A fault: which calls it concerns, and what happens to them. */
export interface FaultSpec extends FaultActions {
  readonly route: RouteName;
  /** @default every instance */
  readonly instanceId?: string;
  /** @default every matching call */
  readonly calls?: CallSelector;
}

/** Handle of a fault. */
export interface Fault {
  /** Number of calls it was applied to. */
  hits(): number;
  /** Lets go the answers that `hold` keeps back, now and later. */
  release(): void;
  /** Ends the fault; also releases. */
  remove(): void;
}

/** The scripted faults of a simulator. */
export interface FaultScript {
  /** @throws Error that names the unknown or wrong field */
  add(spec: FaultSpec): Fault;
  /** Removes every fault. */
  clear(): void;
}
