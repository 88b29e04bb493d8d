/** One class per situation of a schedule. */
import { command, joinText, withCommands } from '../../domain/commands.js';

import { SwitchoverClientError } from '../client-error.js';

/** No such schedule in the namespace. */
export class ScheduleNotFoundError extends SwitchoverClientError {
  override readonly name = 'ScheduleNotFoundError';
  constructor(readonly scheduleId: string) {
    super(
      joinText([
        `No schedule ${scheduleId} is known to Temporal.`,
        withCommands('See which there are', command(['schedule', 'list'])),
      ]),
    );
  }
}

/** A schedule of this name exists and starts something else than a plan of ours. It was not touched. */
export class ForeignScheduleError extends SwitchoverClientError {
  override readonly name = 'ForeignScheduleError';
  constructor(
    readonly scheduleId: string,
    /** What it starts. */
    readonly workflowType: string,
  ) {
    super(
      `Schedule ${scheduleId} starts ${workflowType}, not a plan of ours; it was not touched. Give another scheduleId.`,
    );
  }
}

/** A backfill starts plans for times that are past, so it has to be asked for by name. Nothing was started. */
export class BackfillRefusedError extends SwitchoverClientError {
  override readonly name = 'BackfillRefusedError';
  constructor(
    readonly scheduleId: string,
    readonly from: string,
    readonly until: string,
    /** How many plans it would start; `null` where that cannot be told. */
    readonly firings: number | null,
  ) {
    const plans = firings === null ? 'plans' : `${firings} plan(s)`;
    super(
      `A backfill of ${scheduleId} from ${from} until ${until} would start ${plans}, one after another; nothing was ` +
        'started. Ask for it by name (isWanted: true, on the command line --yes) where that is meant.',
    );
  }
}

/** Others changed the schedule at each try, so that this change was not made. */
export class ScheduleBusyError extends SwitchoverClientError {
  override readonly name = 'ScheduleBusyError';
  constructor(readonly scheduleId: string) {
    super(
      joinText([
        `Schedule ${scheduleId} was changed by others at each try; this change was not made. Try again, or look at it.`,
        withCommands('Look', command(['schedule', 'describe', scheduleId])),
      ]),
    );
  }
}
