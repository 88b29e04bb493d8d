import type {
  LegOutcome,
  RolesSnapshot,
  ObservedMaster,
  SwitchoverResult,
} from '../../contract/index.js';
import { clip } from '../../util.js';
import { withoutCommands } from '../commands.js';
import { onlyMaster } from '../identity.js';

import type { LegEnding } from './reports.js';

/** Longest message of a switchover that a maintenance keeps: a thousand of them have to fit into one payload. */
const MAX_MESSAGE_LENGTH = 600;

const LEG_OUTCOMES: Readonly<Record<Exclude<LegOutcome, 'CANCELLED'>, true>> = {
  SUCCEEDED: true,
  NOOP: true,
  REFUSED: true,
  FAILED_UNCHANGED: true,
  COMPENSATED: true,
  UNKNOWN: true,
  INVALID_INPUT: true,
};

/** What a switchover has reported; a result of one whose pre-check could not be carried out is shorter. */
export type ReportedResult = Partial<Omit<SwitchoverResult, 'outcome'>> & {
  readonly outcome: string;
  readonly message: string;
};

/** What a maintenance keeps of a switchover that has reported its result. */
export function toEnding({ swapsSent = 0, before, after, ...result }: ReportedResult): LegEnding {
  // Without a PUT the prior roles are those of the end.
  const roles = after ?? (swapsSent === 0 ? before : null) ?? null;
  return {
    outcome: toLegOutcome(result.outcome),
    cause: result.cause ?? null,
    message: clipMessage(result.message),
    swapsSent,
    master: roles === null ? null : observedMaster(roles),
    from: before === null || before === undefined ? null : observedMaster(before),
    ...(result.mayPass === true && swapsSent === 0 ? { mayPass: true } : {}),
  };
}

/** The outcome by its name; anything that no switchover of a maintenance may end with proves nothing. */
export function toLegOutcome(type: string | null | undefined): Exclude<LegOutcome, 'CANCELLED'> {
  const isKnown = typeof type === 'string' && Object.hasOwn(LEG_OUTCOMES, type);
  return isKnown ? (type as Exclude<LegOutcome, 'CANCELLED'>) : 'UNKNOWN';
}

/** A switchover that was cancelled before its PUT. */
export function cancelledEnding(): LegEnding {
  const message = 'Cancelled before its PUT: nothing was sent.';
  return { outcome: 'CANCELLED', cause: null, message, swapsSent: 0, master: null };
}

/** A switchover of which no result is known: it may have sent its PUT. */
export function endingWithoutResult(cause: string, how: string): LegEnding {
  const message = `Outcome unknown: the switchover ${how}, and nothing shows whether its PUT has left.`;
  return { outcome: 'UNKNOWN', cause, message, swapsSent: 0, master: null };
}

/** A failure as Temporal reports it, by the name of its class: those of the SDK are not at hand here. */
export interface ReportedFailure {
  readonly name: string;
  readonly message: string;
  readonly type?: string | null | undefined;
  readonly details?: readonly unknown[] | null | undefined;
}

/** What a maintenance keeps of a switchover that did not complete: it has said why, or has been ended from outside. */
export function toFailedEnding(cause: ReportedFailure | undefined): LegEnding {
  const { name, message, type, details } = cause ?? { name: '', message: '' };
  if (name === 'CancelledFailure') return cancelledEnding();
  if (name === 'TerminatedFailure') return endingWithoutResult('RUN_TERMINATED', 'was terminated');
  if (name === 'TimeoutFailure') return endingWithoutResult('RUN_TIMED_OUT', 'timed out');
  if (name !== 'ApplicationFailure') return endingWithoutResult('RUN_FAILED', 'failed');
  if (toLegOutcome(type) === 'UNKNOWN' && type !== 'UNKNOWN')
    return endingWithoutResult('RUN_FAILED', `failed: ${message}`);
  const [result] = (details ?? []) as (Partial<SwitchoverResult> | undefined)[];
  return toEnding({ ...result, outcome: type ?? '', message });
}

/** A message short enough to be kept a thousand times. It loses its commands first: half of one would be another. */
export function clipMessage(message: string): string {
  if (message.length <= MAX_MESSAGE_LENGTH) return message;
  return clip(withoutCommands(message), MAX_MESSAGE_LENGTH);
}

/** The one master of these roles; `null` where there is not exactly one, or the API reported no id of it. */
export function observedMaster(roles: RolesSnapshot): ObservedMaster | null {
  const master = onlyMaster(roles);
  const nodeId = master?.nodeId ?? null;
  return nodeId === null ? null : { nodeId, availabilityZone: master?.availabilityZone ?? null };
}
