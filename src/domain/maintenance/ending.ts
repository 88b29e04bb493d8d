import type {
  LegOutcome,
  RolesSnapshot,
  ObservedMaster,
  SwitchoverResult,
} from '../../contract/index.js';
import { clip } from '../../util.js';
import { withoutCommands } from '../commands.js';
import { onlyMaster } from '../identity.js';
import type { RunEnding } from '../run-ending.js';

import { keptFigures } from './figures.js';
import type { LegEnding } from './reports.js';

/** Longest message of a switchover that a maintenance keeps: a thousand of them have to fit into one payload. */
const MAX_MESSAGE_LENGTH = 600;

const LEG_OUTCOMES: readonly LegOutcome[] = [
  ...(['SUCCEEDED', 'NOOP', 'REFUSED', 'FAILED_UNCHANGED', 'COMPENSATED', 'UNKNOWN'] as const),
  'INVALID_INPUT',
];

/** What a maintenance keeps of a switchover, by how its run ended. */
export function toLegEnding(ending: RunEnding<SwitchoverResult>): LegEnding {
  switch (ending.kind) {
    case 'reported':
      return toReported(ending.result);
    case 'invalid-input':
      return { ...NOTHING_SENT, outcome: 'INVALID_INPUT', message: clipMessage(ending.message) };
    case 'cancelled':
      return {
        ...NOTHING_SENT,
        outcome: 'CANCELLED',
        message: 'Cancelled before its PUT: nothing was sent.',
      };
    case 'no-result':
      return endingWithoutResult(ending.cause, ending.detail);
  }
}

const NOTHING_SENT = { cause: null, swapsSent: 0, master: null } as const;

/** Histories of other versions, and of a pre-check that could not be carried out, may lack fields. */
function toReported({
  outcome,
  message = '',
  cause = null,
  swapsSent = 0,
  before = null,
  after = null,
  mayPass,
  ...shown
}: Partial<SwitchoverResult>): LegEnding {
  // Without a PUT the prior roles are those of the end.
  const roles = after ?? (swapsSent === 0 ? before : null);
  return {
    ...{ outcome: toLegOutcome(outcome), cause, swapsSent },
    message: clipMessage(message),
    master: roles === null ? null : observedMaster(roles),
    from: before === null ? null : observedMaster(before),
    ...(mayPass === true && swapsSent === 0 ? { mayPass: true } : {}),
    ...keptFigures(shown),
  };
}

/** The outcome; anything that no switchover of a maintenance may end with proves nothing. */
function toLegOutcome(outcome: string | undefined): LegOutcome {
  return LEG_OUTCOMES.find((known) => known === outcome) ?? 'UNKNOWN';
}

/** A switchover of which no result is known: it may have sent its PUT. @param how such as `it was terminated` */
export function endingWithoutResult(cause: string, how: string): LegEnding {
  const message = `Outcome unknown: ${how}, and nothing shows whether its PUT has left.`;
  return { ...NOTHING_SENT, outcome: 'UNKNOWN', cause, message: clipMessage(message) };
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
