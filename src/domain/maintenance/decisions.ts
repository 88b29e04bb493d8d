/** What a message to a plan means in its present state: refused, nothing new, or a decision. */
import type {
  Decision,
  InputProblem,
  MaintenanceUpdate,
  MessageRefusal,
} from '../../contract/index.js';

import { readMessage } from './message-fields.js';
import type { MessageFields } from './message-fields.js';
import { judgeSkip } from './skip.js';
import { latest, pausedBy } from './state.js';
import type { MaintenanceState } from './state.js';

/** Most decisions that a plan keeps, and of their words, before it takes neither pause nor skip. */
const MAX_DECISIONS = 500;
const MAX_DECISIONS_LENGTH = 40_000;

/** Verdict on a message. */
export type MessageVerdict =
  | {
      readonly taken: false;
      readonly type: MessageRefusal;
      readonly message: string;
      readonly problems: readonly InputProblem[];
    }
  | {
      readonly taken: true;
      /** What is true once it is taken, in plain words. */
      readonly message: string;
      /** `null`: that was so already. */
      readonly decision: Decision | null;
    };

type Judge = (state: MaintenanceState, fields: MessageFields, at: string) => MessageVerdict;

/**
 * Judges a message. The same message again is harmless: it is taken and changes nothing.
 *
 * @param value the argument as it came
 * @param at RFC 3339
 */
export function judgeMessage(
  name: MaintenanceUpdate,
  value: unknown,
  state: MaintenanceState,
  at: string,
): MessageVerdict {
  const read = readMessage(name, value);
  if (!read.ok) {
    const list = read.problems.map(
      ({ field, problem, remedy }) => `${field} ${problem}. ${remedy}`,
    );
    const message = `The message was not taken. ${list.join(' ')}`;
    return { taken: false, type: 'INVALID_MESSAGE', message, problems: read.problems };
  }
  if (state.phase === 'ENDED') return notNow('The plan has ended.');
  const isRepeatable = name === 'pause' || name === 'skip';
  if (isRepeatable && isFull(state))
    return notNow(
      `The plan has taken ${state.decisions.length} messages, as many as it can keep. It still takes abort.`,
    );
  return JUDGES[name](state, read.fields, at);
}

/** Decisions travel with the state of the plan, which is one payload. */
function isFull({ decisions }: MaintenanceState): boolean {
  const length = decisions.reduce((sum, { by, why }) => sum + by.length + (why?.length ?? 0), 0);
  return decisions.length >= MAX_DECISIONS || length >= MAX_DECISIONS_LENGTH;
}

const JUDGES: Readonly<Record<MaintenanceUpdate, Judge>> = {
  approve: (state, fields, at) => {
    const before = latest(state, 'approved', 'rejected', 'aborted');
    if (before?.what === 'approved') return already(before);
    if (before !== null) return notNow(`The plan was ${byWhom(before)}.`);
    if (!mayDecide(state)) return notNow('This plan needs no approval.');
    return decide('approved', fields, at, 'Approved. The plan goes on when its window is open.');
  },
  reject: (state, fields, at) => {
    const before = latest(state, 'rejected', 'aborted');
    if (before?.what === 'rejected') return already(before);
    if (before !== null) return notNow(`The plan was ${byWhom(before)}.`);
    if (!mayDecide(state)) return notNow('It is too late to reject this plan; abort stops it.');
    return decide('rejected', fields, at, 'Rejected: no switchover of this plan will start.');
  },
  pause: (state, fields, at) => {
    const before = pausedBy(state);
    if (before !== null) return already(before);
    const message = 'Paused: nothing starts until somebody sends resume. What runs, finishes.';
    return decide('paused', fields, at, message);
  },
  resume: (state, fields, at) =>
    pausedBy(state) === null
      ? { taken: true, message: 'The plan is not paused.', decision: null }
      : decide('resumed', fields, at, 'Resumed.'),
  skip: (state, fields, at) => {
    const { kind, message } = judgeSkip(state, fields.instanceId ?? '');
    if (kind === 'refused') return notNow(message);
    if (kind === 'already') return { taken: true, message, decision: null };
    return decide('skipped', fields, at, message);
  },
  abort: (state, fields, at) => {
    const before = latest(state, 'aborted');
    if (before !== null) return already(before);
    const message = 'Aborted: nothing further starts. What runs, finishes; then the plan ends.';
    return decide('aborted', fields, at, message);
  },
};

/** Before the plan is made nobody knows whether it needs approval; once it switches it is too late. */
function mayDecide({ phase, facts }: MaintenanceState): boolean {
  if (phase === 'PLANNING') return true;
  const isBefore = phase === 'AWAITING_APPROVAL' || phase === 'AWAITING_WINDOW';
  return isBefore && (facts?.request.requireApproval ?? false);
}

function decide(
  what: Decision['what'],
  { by, why, instanceId }: MessageFields,
  at: string,
  message: string,
): MessageVerdict {
  const decision = { what, by, why, at, ...(instanceId === null ? {} : { instanceId }) };
  return { taken: true, message, decision };
}

function already(before: Decision): MessageVerdict {
  return { taken: true, message: `It was already ${byWhom(before)}.`, decision: null };
}

function notNow(message: string): MessageVerdict {
  return { taken: false, type: 'NOT_POSSIBLE_NOW', message, problems: [] };
}

/** A decision in words, such as `approved by ada at 2026-01-01T00:00:00.000Z`. */
export function byWhom({ what, by, at }: Decision): string {
  return `${what} by ${by} at ${at}`;
}
