/** The switchovers that a maintenance starts: their input, and what people see of them. */
import { makeSwitchoverWorkflowId } from '../../contract/index.js';
import type { HookAnswer, Leg, MaintenanceRequest, SwitchoverInput } from '../../contract/index.js';
import { clip, fieldsOf, iso, textOf } from '../../util.js';

import { returnTargetOf, returnNotAfterMs } from './next-moves.js';
import type { MaintenanceState, ItemState } from './state.js';
import { judgeTime } from './window.js';

/** A switchover as it is started; or the reason why there can be none. */
export type ChildInput =
  | { readonly ok: true; readonly workflowId: string; readonly input: SwitchoverInput }
  | { readonly ok: false; readonly cause: string; readonly reason: string };

/**
 * The switchover of one leg of an item.
 *
 * @param maintenanceRunId first run of the maintenance's chain: with it a maintenance that was reset asks for the same again
 */
export function childInput(
  state: MaintenanceState,
  item: ItemState,
  leg: Leg['leg'],
  maintenanceRunId: string,
  nowMs: number,
): ChildInput {
  const request = state.facts?.request;
  if (request === undefined)
    return {
      ok: false,
      cause: 'MAINTENANCE_UNREADABLE',
      reason: 'the instances have not been read',
    };
  const goal = leg === 'forward' ? forwardGoal(item, request) : returnGoal(item);
  const times = timesOf(state, item, leg, request, nowMs);
  if (goal === null)
    return { ok: false, cause: 'MASTER_UNKNOWN', reason: 'it is not known where its master was' };
  if (times === null)
    return { ok: false, cause: 'WINDOW_OVER', reason: 'its latest safe start had passed' };
  const { projectId, region, compensation, timing, reason, requestedBy, changeId } = request;
  const ref = { projectId, instanceId: item.instanceId };
  const reported = { reason, requestedBy, changeId, requestId: `${maintenanceRunId}:${leg}` };
  const terms = { compensation, timing, ...measured(request) };
  const input = { ...ref, ...goal, region, ...times, ...terms, ...reported };
  return { ok: true, workflowId: makeSwitchoverWorkflowId(ref), input };
}

/** Left out where nothing is measured: a worker of an older version refuses the field. */
function measured({ probe = 'off' }: MaintenanceRequest): Pick<SwitchoverInput, 'probe'> {
  return probe === 'off' ? {} : { probe };
}

type Goal = Pick<SwitchoverInput, 'target' | 'toggle' | 'expectedMasterNodeId'>;
type Times = Pick<SwitchoverInput, 'notAfter' | 'compensateNotAfter'>;

function forwardGoal({ master }: ItemState, { target, toggle }: MaintenanceRequest): Goal | null {
  if (!toggle) return target === null ? null : { target };
  return master === null ? null : { toggle: true, expectedMasterNodeId: master.nodeId };
}

/** Back to where the forward leg found the master, while it is where that left it. */
function returnGoal(item: ItemState): Goal | null {
  const { master } = item.forward;
  const home = returnTargetOf(item);
  if (master === null || home === null) return null;
  return { target: { nodeId: home.nodeId }, expectedMasterNodeId: master.nodeId };
}

function timesOf(
  { soakEndsAtMs }: MaintenanceState,
  { spans }: ItemState,
  leg: Leg['leg'],
  request: MaintenanceRequest,
  nowMs: number,
): Times | null {
  if (leg === 'return') return { notAfter: iso(returnNotAfterMs(request, soakEndsAtMs ?? nowMs)) };
  const time = judgeTime(spans, request, nowMs);
  if (time.when !== 'open') return null;
  return { notAfter: iso(time.latestStartMs), compensateNotAfter: iso(time.span.closesAtMs) };
}

/** Longest reason of a hook that is kept. */
const MAX_REASON_LENGTH = 600;

/**
 * How long a `proceed` holds, in milliseconds. It speaks of the moment at which it was given: a start that a lock, a
 * pause, a spent quota or an absent worker has held up longer is another moment, and the hook is asked again.
 */
const PROCEED_HOLDS_MS = 300_000;

/**
 * Until when a `proceed` holds, epoch milliseconds. The answer may be read long after it was given, where no worker
 * served the maintenance: it was given within the time that the hook had.
 */
export function holdsUntilMs(askedAtMs: number, timeoutSeconds: number, readAtMs: number): number {
  return Math.min(readAtMs, askedAtMs + timeoutSeconds * 1000) + PROCEED_HOLDS_MS;
}

/** What a `before` hook has said; or what is wrong with its answer. */
export type ReadAnswer =
  | { readonly answer: HookAnswer['answer']; readonly reason: string }
  | { readonly answer: 'malformed'; readonly reason: string };

/** Reads the answer of a `before` hook, which is code of the caller: nothing of it is taken for granted. */
export function readHookAnswer(value: unknown): ReadAnswer {
  const { answer, reason } = fieldsOf(value);
  const text = clip(textOf(reason) ?? '', MAX_REASON_LENGTH);
  if (answer === 'proceed') return { answer, reason: text };
  if (answer !== 'skip' && answer !== 'abort')
    return { answer: 'malformed', reason: 'answer is none of proceed, skip, abort' };
  if (text === '') return { answer: 'malformed', reason: `${answer} needs a reason` };
  return { answer, reason: text };
}
