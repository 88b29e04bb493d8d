import type {
  LegOutcome,
  RolesSnapshot,
  SeenMaster,
  SwitchoverResult,
} from '../../contract/index.js';
import { onlyMaster } from '../identity.js';

import type { LegEnding } from './reports.js';

/** Longest message of a switchover that a plan keeps: a thousand of them have to fit into one payload. */
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

/** What a switchover has told; a result of one whose pre-check could not be carried out is shorter. */
export type ToldResult = Partial<Omit<SwitchoverResult, 'outcome'>> & {
  readonly outcome: string;
  readonly message: string;
};

/** What a plan keeps of a switchover that has told its result. */
export function toEnding({ swapsSent = 0, before, after, ...result }: ToldResult): LegEnding {
  // Without a PUT the roles of before are those of the end.
  const roles = after ?? (swapsSent === 0 ? before : null) ?? null;
  return {
    outcome: toLegOutcome(result.outcome),
    cause: result.cause ?? null,
    message: clipMessage(result.message),
    swapsSent,
    master: roles === null ? null : seenMaster(roles),
    from: before === null || before === undefined ? null : seenMaster(before),
    ...(result.mayPass === true && swapsSent === 0 ? { mayPass: true } : {}),
  };
}

/** The outcome by its name; anything that no switchover of a plan may end with proves nothing. */
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
export function untoldEnding(cause: string, how: string): LegEnding {
  const message = `Outcome unknown: the switchover ${how}, and nothing tells whether its PUT has left.`;
  return { outcome: 'UNKNOWN', cause, message, swapsSent: 0, master: null };
}

/** A failure as Temporal tells it, by the name of its class: those of the SDK are not at hand here. */
export interface ToldFailure {
  readonly name: string;
  readonly message: string;
  readonly type?: string | null | undefined;
  readonly details?: readonly unknown[] | null | undefined;
}

/** What a plan keeps of a switchover that did not complete: it has said why, or has been ended from outside. */
export function toFailedEnding(cause: ToldFailure | undefined): LegEnding {
  const { name, message, type, details } = cause ?? { name: '', message: '' };
  if (name === 'CancelledFailure') return cancelledEnding();
  if (name === 'TerminatedFailure') return untoldEnding('RUN_TERMINATED', 'was terminated');
  if (name === 'TimeoutFailure') return untoldEnding('RUN_TIMED_OUT', 'timed out');
  if (name !== 'ApplicationFailure') return untoldEnding('RUN_FAILED', 'failed');
  if (toLegOutcome(type) === 'UNKNOWN' && type !== 'UNKNOWN')
    return untoldEnding('RUN_FAILED', `failed: ${message}`);
  const [result] = (details ?? []) as (Partial<SwitchoverResult> | undefined)[];
  return toEnding({ ...result, outcome: type ?? '', message });
}

/** A message short enough to be kept a thousand times. */
export function clipMessage(message: string): string {
  if (message.length <= MAX_MESSAGE_LENGTH) return message;
  return `${message.slice(0, MAX_MESSAGE_LENGTH).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** The one master of these roles; `null` where there is not exactly one, or the API told no id of it. */
export function seenMaster(roles: RolesSnapshot): SeenMaster | null {
  const master = onlyMaster(roles);
  const nodeId = master?.nodeId ?? null;
  return nodeId === null ? null : { nodeId, availabilityZone: master?.availabilityZone ?? null };
}
