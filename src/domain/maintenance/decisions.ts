/** What a message to a maintenance means in its present state: refused, nothing new, or a decision. */
import type {
  Decision,
  InputProblem,
  MaintenanceUpdate,
  MessageRefusal,
} from '../../contract/index.js';
import { isRecord, UUID } from '../../util.js';
import { canForge, describeInstance, nameOfField } from '../text.js';

import { hasMoved, shouldReturn } from './next-moves.js';
import { addStop, latest, patchLeg, pausedBy } from './state.js';
import type { MaintenanceState, ItemState } from './state.js';

// What a message to a maintenance has to look like: hand-written, because the sandbox has no schema library.

const MAX_BY = 128;
const MAX_WHY = 1024;
const MAX_UNKNOWN = 10;

/** Messages that have to say why. */
const NEEDS_WHY: readonly MaintenanceUpdate[] = ['reject', 'skip', 'abort'];

/** A well-formed message. */
interface MessageFields {
  readonly by: string;
  readonly why: string | null;
  /** Only of `skip`. */
  readonly instanceId: string | null;
}

/** A message that was read, or what is wrong with it, by field. */
type ReadMessage =
  | { readonly ok: true; readonly fields: MessageFields }
  | { readonly ok: false; readonly problems: readonly InputProblem[] };

/** Reads the argument of an update; texts are trimmed, `null` means absent, unknown fields are refused. */
function readMessage(name: MaintenanceUpdate, value: unknown): ReadMessage {
  if (!isRecord(value))
    return { ok: false, problems: [problem('input', 'is not an object', 'Send one JSON object.')] };
  const by = readText(value, 'by', MAX_BY, true);
  const why = readText(value, 'why', MAX_WHY, NEEDS_WHY.includes(name));
  const instanceId = name === 'skip' ? readInstanceId(value) : { text: null, problems: [] };
  const known = name === 'skip' ? ['by', 'why', 'instanceId'] : ['by', 'why'];
  const unknown = Object.keys(value).filter(
    (field) => value[field] !== null && !known.includes(field),
  );
  const problems = [
    ...[by, why, instanceId].flatMap((each) => each.problems),
    ...unknown
      .slice(0, MAX_UNKNOWN)
      .map((field) => problem(nameOfField(field), 'is not a known field', 'Leave it out.')),
  ];
  if (problems.length > 0 || by.text === null) return { ok: false, problems };
  return { ok: true, fields: { by: by.text, why: why.text, instanceId: instanceId.text } };
}

interface ReadField {
  readonly text: string | null;
  readonly problems: readonly InputProblem[];
}

function readText(
  given: Readonly<Record<string, unknown>>,
  field: string,
  maxLength: number,
  isRequired: boolean,
): ReadField {
  const value = given[field] ?? null;
  const refuse = (what: string): ReadField => ({
    text: null,
    problems: [problem(field, what, `Give a text of 1 to ${maxLength} characters.`)],
  });
  if (value === null) return isRequired ? refuse('is missing') : { text: null, problems: [] };
  if (typeof value !== 'string') return refuse('is not a text');
  const text = value.trim();
  if (text === '') return refuse('is empty');
  if (text.length > maxLength) return refuse(`has more than ${maxLength} characters`);
  if (canForge(text)) return refuse('has control characters');
  return { text, problems: [] };
}

function readInstanceId({ instanceId }: Readonly<Record<string, unknown>>): ReadField {
  if (typeof instanceId === 'string' && UUID.test(instanceId))
    return { text: instanceId, problems: [] };
  const remedy = 'Give the UUID of an instance of the maintenance, in lower case.';
  const what = (instanceId ?? null) === null ? 'is missing' : 'is not a UUID in lower case';
  return { text: null, problems: [problem('instanceId', what, remedy)] };
}

function problem(field: string, what: string, remedy: string): InputProblem {
  return { field, problem: what, remedy };
}

/** What skipping an instance means now. */
interface SkipVerdict {
  readonly kind: 'taken' | 'already' | 'refused';
  readonly message: string;
}

/** An instance is left out of what has not begun for it: the forward leg, or once that is done the return leg. */
function judgeSkip(state: MaintenanceState, instanceId: string): SkipVerdict {
  if (state.facts === null)
    return refuse('The instances are not known yet: the maintenance is being made.');
  const item = state.items.find((each) => each.instanceId === instanceId);
  if (item === undefined) return refuse(`The maintenance has no instance ${instanceId}.`);
  const instance = `Instance ${describeInstance(instanceId, item.name)}`;
  const leg = legToSkip(state, item);
  if (leg === 'forward')
    return { kind: 'taken', message: `${instance} is left out: nothing is sent to it.` };
  if (leg === 'return') return { kind: 'taken', message: `${instance} is not brought back.` };
  const isSkipped = [item.forward, item.return].some((each) => each?.state === 'SKIPPED');
  if (isSkipped) return { kind: 'already', message: `${instance} is left out already.` };
  const isUnderWay = [item.forward, item.return].some((each) => each?.state === 'RUNNING');
  return refuse(
    isUnderWay
      ? `${instance} is being switched; a switchover is finished, not skipped.`
      : `${instance} is over; nothing is left to skip.`,
  );
}

/** Which leg a skip takes away; `null` when none is left. */
function legToSkip(state: MaintenanceState, item: ItemState): 'forward' | 'return' | null {
  if (item.forward.state === 'PENDING') return 'forward';
  const isBackOpen = item.return === null || item.return.state === 'PENDING';
  return isBackOpen && hasMoved(item) && shouldReturn(state) ? 'return' : null;
}

function refuse(message: string): SkipVerdict {
  return { kind: 'refused', message };
}

/** Most decisions that a maintenance keeps, and of their words, before it takes neither pause nor skip. */
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
      /** The verified state once it is taken, in plain text. */
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
  if (state.phase === 'ENDED') return notNow('The maintenance has ended.');
  const isRepeatable = name === 'pause' || name === 'skip';
  if (isRepeatable && isFull(state))
    return notNow(
      `The maintenance has taken ${state.decisions.length} messages, as many as it can keep. It still takes abort.`,
    );
  return JUDGES[name](state, read.fields, at);
}

/** Decisions travel with the state of the maintenance, which is one payload. */
function isFull({ decisions }: MaintenanceState): boolean {
  const length = decisions.reduce((sum, { by, why }) => sum + by.length + (why?.length ?? 0), 0);
  return decisions.length >= MAX_DECISIONS || length >= MAX_DECISIONS_LENGTH;
}

const JUDGES: Readonly<Record<MaintenanceUpdate, Judge>> = {
  approve: (state, fields, at) => {
    const before = latest(state, 'approved', 'rejected', 'aborted');
    if (before?.what === 'approved') return already(before);
    if (before !== null) return notNow(`The maintenance was ${byWhom(before)}.`);
    if (!mayDecide(state)) return notNow('This maintenance needs no approval.');
    return decideMessage(
      'approved',
      fields,
      at,
      'Approved. The maintenance goes on when its window is open.',
    );
  },
  reject: (state, fields, at) => {
    const before = latest(state, 'rejected', 'aborted');
    if (before?.what === 'rejected') return already(before);
    if (before !== null) return notNow(`The maintenance was ${byWhom(before)}.`);
    if (!mayDecide(state))
      return notNow('It is too late to reject this maintenance; abort stops it.');
    return decideMessage(
      'rejected',
      fields,
      at,
      'Rejected: no switchover of this maintenance will start.',
    );
  },
  pause: (state, fields, at) => {
    const before = pausedBy(state);
    if (before !== null) return already(before);
    const message = 'Paused: nothing starts until resume is sent. What is running finishes.';
    return decideMessage('paused', fields, at, message);
  },
  resume: (state, fields, at) =>
    pausedBy(state) === null
      ? { taken: true, message: 'The maintenance is not paused.', decision: null }
      : decideMessage('resumed', fields, at, 'Resumed.'),
  skip: (state, fields, at) => {
    const { kind, message } = judgeSkip(state, fields.instanceId ?? '');
    if (kind === 'refused') return notNow(message);
    if (kind === 'already') return { taken: true, message, decision: null };
    return decideMessage('skipped', fields, at, message);
  },
  abort: (state, fields, at) => {
    const before = latest(state, 'aborted');
    if (before !== null) return already(before);
    const message =
      'Aborted: nothing further starts. What is running finishes; then the maintenance ends.';
    return decideMessage('aborted', fields, at, message);
  },
};

/** Before the maintenance is made no one knows whether it needs approval; once it switches it is too late. */
function mayDecide({ phase, facts }: MaintenanceState): boolean {
  if (phase === 'PLANNING') return true;
  const isBefore = phase === 'AWAITING_APPROVAL' || phase === 'AWAITING_WINDOW';
  return isBefore && (facts?.request.requireApproval ?? false);
}

function decideMessage(
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

/** A decision as text, such as `approved by ada at 2026-01-01T00:00:00.000Z`. */
function byWhom({ what, by, at }: Decision): string {
  return `${what} by ${by} at ${at}`;
}

/** The state once a decision has been taken. */
export function applyDecision(state: MaintenanceState, decision: Decision): MaintenanceState {
  const reported = { ...state, decisions: [...state.decisions, decision] };
  const reason = `the maintenance was ${words(decision)}`;
  switch (decision.what) {
    case 'approved':
    case 'paused':
    case 'resumed':
      return reported;
    case 'rejected':
      return addStop(reported, { cause: 'APPROVAL_REJECTED', reason });
    case 'aborted':
      return addStop(reported, { cause: 'ABORTED', reason });
    case 'skipped':
      return skip(reported, decision);
  }
}

function skip(state: MaintenanceState, decision: Decision): MaintenanceState {
  const { instanceId = '' } = decision;
  const item = state.items.find((each) => each.instanceId === instanceId);
  const leg = item === undefined ? null : legToSkip(state, item);
  if (leg === null) return state;
  const reason = words(decision);
  return patchLeg(state, instanceId, leg, { state: 'SKIPPED', cause: 'SKIPPED', reason });
}

function words(decision: Decision): string {
  return `${byWhom(decision)}${decision.why === null ? '' : `: ${decision.why}`}`;
}
