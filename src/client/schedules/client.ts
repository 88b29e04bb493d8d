import type { ScheduleInput } from '../../contract/index.js';
import { command, withCommands } from '../../domain/commands.js';
import { AboutError } from '../errors.js';
import { countOf } from '../../domain/text.js';

/** What `ensure` did. */
export interface AppliedSchedule {
  readonly scheduleId: string;
  readonly change: 'created' | 'updated' | 'unchanged';
  /** An update keeps it. */
  readonly isPaused: boolean;
  readonly next: readonly string[];
  /** What may come out otherwise than meant; each command on a line of its own. */
  readonly warnings: readonly string[];
}

/** A schedule of ours, in a list. */
export interface ScheduleEntry {
  readonly scheduleId: string;
  readonly maintenanceId: string | null;
  /** When it fires, as text. */
  readonly when: string;
  readonly isPaused: boolean;
  readonly note: string | null;
  /** RFC 3339, UTC. */
  readonly next: readonly string[];
  readonly last: { readonly at: string; readonly workflowId: string } | null;
}

/** One schedule, whole. */
export interface ScheduleDetails extends ScheduleEntry {
  readonly input: ScheduleInput;
  readonly running: readonly { readonly workflowId: string; readonly runId: string }[];
  readonly recent: readonly {
    readonly scheduledAt: string;
    readonly takenAt: string;
    readonly workflowId: string;
  }[];
  readonly counts: {
    readonly fired: number;
    readonly missed: number;
    readonly skippedOverlap: number;
  };
  /** Whether the server paused it after a maintenance that did not complete. */
  readonly isPausedByFailure: boolean;
}

/** One firing to come. */
export interface Firing {
  /** RFC 3339, UTC. */
  readonly at: string;
  /** In the schedule's zone, such as `2026-12-05 02:00 +01:00`. */
  readonly local: string;
  /** The window that the maintenance would use, UTC; `null` when there is none. */
  readonly window: { readonly opensAt: string; readonly closesAt: string } | null;
}

/** Schedules of maintenance runs. Every call has a deadline. */
export interface SchedulesClient {
  /**
   * The firings that a schedule would have, by calculation: nothing is created and nothing is called.
   *
   * @param fromMs @default now
   * @throws InvalidInputError naming the field
   */
  preview(
    input: ScheduleInput,
    options?: { readonly count?: number; readonly fromMs?: number },
  ): Firing[];
  /**
   * Creates or updates; a pause and its note stay.
   *
   * @throws InvalidInputError naming the field
   */
  createOrUpdate(input: ScheduleInput): Promise<AppliedSchedule>;
  list(): Promise<ScheduleEntry[]>;
  /** @throws NotFoundError (also for the calls below) */
  describe(scheduleId: string): Promise<ScheduleDetails>;
  pause(scheduleId: string, note: string): Promise<void>;
  /**
   * Ends the pause that is there now, a freeze's too.
   *
   * @throws ScheduleBusyError where another pause came meanwhile, which stays
   */
  resume(scheduleId: string, note: string): Promise<void>;
  /** Fires now, once; overlap SKIP. */
  trigger(scheduleId: string): Promise<void>;
  /** @throws BackfillRefusedError unless `confirm` */
  backfill(
    scheduleId: string,
    range: { readonly from: string; readonly until: string; readonly confirm: boolean },
  ): Promise<void>;
  delete(scheduleId: string): Promise<void>;
}

// Situations that only a schedule knows.

/** A schedule of this name exists and starts something else than a maintenance of ours. It was not touched. */
export class ForeignScheduleError extends AboutError {
  override readonly name = 'ForeignScheduleError';
  override readonly category = 'conflict';
  constructor(
    readonly scheduleId: string,
    /** What it starts. */
    readonly workflowType: string,
  ) {
    super({ scheduleId }, [
      `Schedule ${scheduleId} starts ${workflowType}, not a maintenance of ours; it was not touched. Give another scheduleId.`,
    ]);
  }
}

/** A backfill starts a maintenance for each past firing, so it has to be asked for by name. Nothing was started. */
export class BackfillRefusedError extends AboutError {
  override readonly name = 'BackfillRefusedError';
  override readonly category = 'unconfirmed';
  constructor(
    readonly scheduleId: string,
    readonly from: string,
    readonly until: string,
    /** How many maintenance runs it would start; `null` where that cannot be determined. */
    readonly firings: number | null,
  ) {
    const runs = firings === null ? 'maintenance runs' : countOf(firings, 'maintenance run');
    super({ scheduleId }, [
      `A backfill of ${scheduleId} from ${from} until ${until} would start ${runs}, one after another; nothing was ` +
        'started. Ask for it by name (confirm: true, on the command line --yes) where that is meant.',
    ]);
  }
}

/** Others changed the schedule meanwhile, so that this change was not made. */
export class ScheduleBusyError extends AboutError {
  override readonly name = 'ScheduleBusyError';
  override readonly category = 'conflict';
  constructor(readonly scheduleId: string) {
    super({ scheduleId }, [
      `Schedule ${scheduleId} was changed by others meanwhile; this change was not made. Look at it, then try again.`,
      withCommands('Look', command(['schedule', 'describe', scheduleId])),
    ]);
  }
}
