import type {
  MaintenanceInput,
  MaintenanceMessage,
  MaintenanceMessages,
  MaintenanceProgress,
  MaintenanceResult,
  MaintenanceUpdate,
  MessageReceipt,
} from '../../contract/index.js';
import type { ClientContext } from '../../temporal/rpc.js';
import type { ResultOptions } from '../switchover/result.js';
import { auditMaintenanceRuns } from '../audit.js';
import type { AuditOptions, AuditReport } from '../audit.js';
import type { MaintenanceRef, PinnedMaintenance, StartedMaintenance } from '../ref.js';

import { findMaintenance } from './find.js';
import type { MaintenanceList, MaintenanceListOptions } from './list.js';
import { cancelMaintenance, sendMessage } from './messages.js';
import { awaitMaintenance, readProgress, readRemainder } from './result.js';
import { startMaintenance } from './start.js';

/**
 * Sends a maintenance what someone has decided, and gives its answer.
 *
 * @throws MessageRefusedError when the maintenance does not take it; NotFoundError; NoWorkerError
 */
export type SendDecision = {
  readonly [U in MaintenanceUpdate]: (
    ref: MaintenanceRef,
    message: MaintenanceMessages[U],
  ) => Promise<MessageReceipt>;
};

/** Starts maintenance runs, follows them and sends them what people decide. Every call has a deadline. */
export interface MaintenanceClient extends SendDecision {
  /**
   * Starts a maintenance, or finds the one that already serves: the open one of this id, or the latest closed one that
   * has started a switchover (or toggles, and was terminated), when its input is the same (who asks, why and the change apart). So it may be
   * repeated.
   *
   * @throws AlreadyRunningError when the open run has another input; InvalidInputError
   */
  start(input: MaintenanceInput): Promise<StartedMaintenance>;
  /** Resolves and checks everything, starts nothing: `start` with mode "plan", and its result. */
  plan(input: Omit<MaintenanceInput, 'mode'>, options?: ResultOptions): Promise<MaintenanceResult>;
  /**
   * Which maintenance a reference means now. Works without a worker.
   *
   * @throws NotFoundError
   */
  find(ref: MaintenanceRef): Promise<PinnedMaintenance>;
  /**
   * Open and recent maintenance runs, the latest first. From visibility, which may lag a few seconds behind, and from
   * what each says or said of itself; one that cannot be read says why. Works without a worker, but then window and
   * counts of open ones are not known.
   *
   * @throws InvalidInputError
   */
  list(options?: MaintenanceListOptions): Promise<MaintenanceList>;
  /**
   * Waits for a maintenance to end. Resolves for PARTIAL too: look at `outcome`.
   *
   * @throws InvalidInputError, NotFoundError, RunCancelledError (nothing was started),
   * MaintenanceEndedOutsideError (terminated, timed out), WaitTimedOutError
   */
  result(ref: MaintenanceRef, options?: ResultOptions): Promise<MaintenanceResult>;
  /**
   * Where a maintenance stands. Needs a worker while the maintenance is open, and for one without a result.
   *
   * @throws NotFoundError, NoWorkerError
   */
  progress(ref: MaintenanceRef): Promise<MaintenanceProgress>;
  /**
   * Whether each run of a maintenance kept every promise that its history can prove or refute, the first run first: one
   * report, more where it has continued as new or was reset. Runs that Temporal no longer has are left out; its
   * switchovers have an audit of their own. Works without a worker.
   *
   * @throws NotFoundError
   */
  audit(ref: MaintenanceRef, options?: AuditOptions): Promise<AuditReport[]>;
  /**
   * Cancels the maintenance and each switchover of it that has not sent its PUT yet. Where no switchover was ever
   * started it ends Cancelled, else PARTIAL.
   *
   * @throws RunClosedError, NotFoundError
   */
  cancel(ref: MaintenanceRef, message: MaintenanceMessage): Promise<void>;
  /**
   * The input that does what an ended maintenance left undone: the same, with the instances that are not done. An unresolved
   * toggle (UNKNOWN) is left out: whoever finds out what it did knows whether to repeat it.
   *
   * @throws NothingLeftError, WaitTimedOutError while the maintenance is open, MaintenanceEndedOutsideError
   */
  remainderInput(ref: MaintenanceRef, maintenanceId: string): Promise<MaintenanceInput>;
}

/** The client of maintenance runs, on a connection that the caller owns. Opens nothing. */
export function createMaintenanceClient(context: ClientContext): MaintenanceClient {
  return {
    start: (input) => startMaintenance(context, input),
    plan: async (input, options) =>
      awaitMaintenance(
        context,
        await startMaintenance(context, { ...input, mode: 'plan' }),
        options,
      ),
    find: async (ref) => {
      const { ref: pinned, workflowId } = await findMaintenance(context, ref);
      return { ...pinned, workflowId };
    },
    // Who lists nothing does not load what lists.
    list: async (options) => (await import('./list.js')).listMaintenances(context, options),
    result: (ref, options) => awaitMaintenance(context, ref, options),
    progress: (ref) => readProgress(context, ref),
    approve: (ref, message) => sendMessage(context, ref, 'approve', message),
    reject: (ref, message) => sendMessage(context, ref, 'reject', message),
    pause: (ref, message) => sendMessage(context, ref, 'pause', message),
    resume: (ref, message) => sendMessage(context, ref, 'resume', message),
    skip: (ref, message) => sendMessage(context, ref, 'skip', message),
    abort: (ref, message) => sendMessage(context, ref, 'abort', message),
    audit: (ref, options) => auditMaintenanceRuns(context, ref, options),
    cancel: (ref, message) => cancelMaintenance(context, ref, message),
    remainderInput: (ref, maintenanceId) => readRemainder(context, ref, maintenanceId),
  };
}
