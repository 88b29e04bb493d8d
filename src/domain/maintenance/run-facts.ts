/** What the history of one run of a maintenance says, as facts, and what follows from them. Pure. */
import type {
  Leg,
  MaintenanceItem,
  MaintenanceRequest,
  MaintenanceResult,
} from '../../contract/index.js';
import { restMs } from '../invariants.js';
import type { RunFacts } from '../run-facts.js';
import { said, when } from '../violations.js';

import type { LegEnding, Span } from './reports.js';
import { isDone } from './state.js';
import type { MaintenanceState } from './state.js';

/** What became of a switchover; `order` is the place of that event in the history. */
interface EndedFacts extends LegEnding {
  readonly order: number;
}

/** One switchover that the run has asked for, or that an earlier run of the chain has left open. */
export interface AskedFacts {
  readonly instanceId: string;
  readonly leg: Leg['leg'];
  /** Place of its start among the events; -1 where an earlier run has started it. */
  readonly order: number;
  /** When the workflow decided on it, epoch milliseconds. */
  readonly askedAtMs: number;
  readonly notAfterMs: number | null;
  /** `null`: it was not started, or not yet. */
  readonly runId: string | null;
  /** Where it was refused because its lock was held; `null`: it was not. */
  readonly refused: number | null;
  readonly ended: EndedFacts | null;
}

/** An update that the workflow has accepted. */
export interface MessageFacts {
  readonly name: string;
  readonly order: number;
  /** `null` where it was not answered. */
  readonly changed: boolean | null;
}

/** What a history says of one run of a maintenance. Times in epoch milliseconds, by Temporal's clock. */
export interface MaintenanceRunFacts {
  readonly runId: string;
  readonly startedAtMs: number;
  /** `null` while the run is open. */
  readonly closedAtMs: number | null;
  readonly ended: RunFacts['ended'] | 'continued';
  readonly failureType: string | null;
  /** As planning understood it; `null` where it did not come to that. */
  readonly request: MaintenanceRequest | null;
  readonly window: Span | null;
  /** When each instance may be switched, in the order of the maintenance. */
  readonly instances: readonly { readonly instanceId: string; readonly spans: readonly Span[] }[];
  /** What an earlier run of the chain had come to; `null`: this is the first. */
  readonly carried: MaintenanceState | null;
  readonly asked: readonly AskedFacts[];
  readonly messages: readonly MessageFacts[];
  /** Where a cancellation, and a freeze, stand in the history; `null`: none does. */
  readonly cancelled: number | null;
  readonly frozen: number | null;
  /** What the run reported at its end; `null`: nothing. */
  readonly result: Partial<MaintenanceResult> | null;
  /** Everything that stands in the history, as text. */
  readonly text: string;
}

/** The facts of a run, and the secrets that must not be among them, where they are known. */
export type AuditedMaintenance = MaintenanceRunFacts & { readonly secrets?: readonly string[] };

/** The switchovers that this run has started. */
export function started({ asked }: MaintenanceRunFacts): AskedFacts[] {
  return asked.filter(({ order, refused }) => order >= 0 && refused === null);
}

/** Says of each switchover that this run has asked for, at such a place of the history, that it did. */
export function askedAt(
  { asked }: MaintenanceRunFacts,
  isSuch: (order: number) => boolean,
  legs: readonly Leg['leg'][] = ['forward', 'return'],
): string[] {
  return asked
    .filter(({ order, leg }) => order >= 0 && legs.includes(leg) && isSuch(order))
    .map(({ instanceId, leg }) => said`${instanceId} was started, ${leg}`);
}

/** Whether another of its leg may follow: it was refused, for what passes by itself. */
function isOpenAgain({ refused, ended }: AskedFacts): boolean {
  if (refused !== null) return true;
  if (ended === null || ended.swapsSent > 0) return false;
  const isThrottled = ended.outcome === 'REFUSED' && ended.cause === 'THROTTLED';
  return isThrottled || ended.mayPass === true;
}

/** Whether an earlier switchover of the same leg, in this run or before, forbids this one. */
export function isRepeated(run: MaintenanceRunFacts, later: AskedFacts): boolean {
  const { instanceId, leg, order } = later;
  const isCarried = carriedLeg(run, instanceId, leg)?.state === 'ENDED';
  return (
    isCarried ||
    run.asked.some(
      (one) =>
        one.instanceId === instanceId && one.leg === leg && one.order < order && !isOpenAgain(one),
    )
  );
}

function carriedLeg({ carried }: MaintenanceRunFacts, instanceId: string, leg: Leg['leg']) {
  return carried?.items.find((item) => item.instanceId === instanceId)?.[leg] ?? null;
}

/** How many switchovers are under way at a place of the history. */
export function openAt({ asked }: MaintenanceRunFacts, at: number): number {
  const endOf = ({ refused, ended }: AskedFacts): number => refused ?? ended?.order ?? Infinity;
  return asked.filter((one) => one.order <= at && endOf(one) > at).length;
}

/** The place of the first message of a kind that changed something. */
export function firstChange(run: MaintenanceRunFacts, name: string): number {
  return changes(run).find((message) => message.name === name)?.order ?? Infinity;
}

/** The messages that have changed something, in order. */
function changes({ messages }: MaintenanceRunFacts): MessageFacts[] {
  return messages.filter(({ changed }) => changed === true);
}

/** What was decided, in this run and before, in order. */
export function decided(run: MaintenanceRunFacts): string[] {
  const before = run.carried?.decisions.map(({ what }) => what) ?? [];
  return [...before, ...changes(run).map(({ name }) => WORDS[name] ?? name)];
}

const WORDS: Readonly<Record<string, string>> = {
  ...{ approve: 'approved', reject: 'rejected', pause: 'paused' },
  ...{ resume: 'resumed', skip: 'skipped', abort: 'aborted' },
};

/** Whether the maintenance is paused at a place of its history. */
export function isPausedAt(run: MaintenanceRunFacts, at: number): boolean {
  const before = { ...run, messages: run.messages.filter(({ order }) => order < at) };
  return decided(before).findLast((what) => what === 'paused' || what === 'resumed') === 'paused';
}

/** How many forward switchovers have failed before a place of the history. */
export function failuresBefore(run: MaintenanceRunFacts, at: number): number {
  const carried: number = run.carried?.items.filter(({ forward }) => forward.isFailure).length ?? 0;
  const failed = run.asked.filter(
    (one) =>
      one.leg === 'forward' &&
      (one.ended?.order ?? Infinity) < at &&
      !isOpenAgain(one) &&
      !isGood(one.ended),
  );
  return carried + failed.length;
}

function isGood(ended: EndedFacts | null): boolean {
  return ended !== null && isDone({ state: 'ENDED', outcome: ended.outcome });
}

/** Whether a canary that was started before a place of the history, or in an earlier run, is not done there. */
export function isCanaryUndone(run: MaintenanceRunFacts, at: number, exceptId: string): boolean {
  const { asked, carried, request } = run;
  const before = (carried?.items ?? []).filter(
    ({ forward }) => forward.state === 'ENDED' || forward.isFailure,
  );
  const done = before.filter(({ forward }) => isDone(forward)).map(idOf);
  const forward = asked.filter(({ leg, order }) => leg === 'forward' && order < at);
  const ids = [...before.map(idOf), ...forward.filter((one) => !isOpenAgain(one)).map(idOf)];
  const canaries = [...new Set(ids)].slice(0, request?.canaryCount ?? 0);
  const isOneOfThem = canaries.includes(exceptId) || canaries.length < (request?.canaryCount ?? 0);
  const isDoneBy = (id: string): boolean =>
    done.includes(id) ||
    forward.some(
      (one) => one.instanceId === id && isGood(one.ended) && (one.ended?.order ?? at) < at,
    );
  return !isOneOfThem && !canaries.every(isDoneBy);
}

function idOf({ instanceId }: { readonly instanceId: string }): string {
  return instanceId;
}

/** What the result says of a leg, against what the history shows. */
export function compareLeg(
  run: MaintenanceRunFacts,
  instanceId: string,
  { leg, state, outcome, runId, swapsSent }: Leg,
): string[] {
  const own = run.asked.filter((one) => one.instanceId === instanceId && one.leg === leg);
  if (state !== 'ENDED') {
    const isLost = own.some((one) => !isOpenAgain(one));
    return when(isLost || state === 'RUNNING', said`${instanceId} is called ${state}, ${leg}`);
  }
  const ended = own.find((one) => one.runId === runId)?.ended ?? null;
  const before = carriedLeg(run, instanceId, leg);
  const shown = ended ?? (before?.state === 'ENDED' ? before : null);
  const isSame = shown !== null && shown.outcome === outcome && shown.swapsSent === swapsSent;
  return when(!isSame, said`${instanceId} is called ${outcome ?? 'nothing'}, ${leg}`);
}

/** Whether an item is all done, its return leg included where one was asked for. */
export function isItemDone(
  { request }: MaintenanceRunFacts,
  { forward, return: back }: Pick<MaintenanceItem, 'forward' | 'return'>,
): boolean {
  const needsBack = (request?.returnLeg ?? null) !== null && forward.outcome === 'SUCCEEDED';
  return isDone(forward) && (!needsBack || (back !== null && isDone(back)));
}

/** For what workers take beside: their absence is no part of any promise. */
const SLACK_MS = 900_000;

/** How long a maintenance may go on after its window: its last switchovers, their hooks, the return leg. */
export function afterwardsMs({ timing, returnLeg, hooks }: MaintenanceRequest): number {
  const { soakSeconds = 0, withinSeconds = 0 } = returnLeg ?? {};
  const legs = returnLeg === null ? 1 : 2;
  const seconds = soakSeconds + withinSeconds + legs * 2 * (hooks?.timeoutSeconds ?? 0);
  return seconds * 1000 + legs * restMs(timing) + SLACK_MS;
}
