import type {
  MaintenanceCause,
  MaintenanceInput,
  MaintenanceRequest,
  MaintenanceResult,
} from '../../contract/index.js';
import { iso } from '../../util.js';
import { asSentence, joinText, switchCommand, withCommands, withoutCommands } from '../commands.js';
import { countOf, describeInstance, echoOf, oneLine } from '../text.js';

import { remainderLine, startLine } from './commands.js';
import { hasMoved, returnTargetOf } from './next-moves.js';
import { countItems, toItem } from './progress.js';
import { hasStarted, isDone } from './state.js';
import type { MaintenanceState, ItemState } from './state.js';
import { describeUnresolved, isUnresolved } from './unresolved-items.js';
import { toResolvedWindow } from './window.js';

/** What was asked, as it came: kept for a maintenance that could not be planned. */
export interface RawAsked {
  readonly maintenanceId: string;
  readonly input: unknown;
}

/** The result of a maintenance as its caller gets it. */
export function toResult(
  { facts, items, decisions, warnings, startedAtMs }: MaintenanceState,
  asked: RawAsked,
  ending: Pick<MaintenanceResult, 'outcome' | 'cause' | 'message'>,
  nowMs: number,
): MaintenanceResult {
  return {
    ...ending,
    maintenanceId: asked.maintenanceId,
    ...(facts === null ? echoed(asked.input) : validated(facts.request)),
    window: facts === null ? null : toResolvedWindow(facts.window, facts.request),
    ...{ counts: countItems(items), items: items.map(toItem), decisions, warnings },
    startedAt: iso(startedAtMs),
    endedAt: iso(nowMs),
  };
}

type Echo = Pick<
  MaintenanceResult,
  'projectId' | 'region' | 'mode' | 'reason' | 'requestedBy' | 'changeId'
>;

function validated(request: MaintenanceRequest): Echo {
  const { projectId, region, mode, reason, requestedBy, changeId } = request;
  return { projectId, region, mode, reason, requestedBy, changeId };
}

/** Of a maintenance whose input no one has validated. */
function echoed(input: unknown): Echo {
  const echo = (field: string): string | null => echoOf(input, field);
  return {
    projectId: echo('projectId') ?? '',
    region: echo('region'),
    mode: echo('mode') === 'plan' ? 'plan' : 'run',
    reason: echo('reason'),
    requestedBy: echo('requestedBy'),
    changeId: echo('changeId'),
  };
}

/** How many instances a message names; the result has them all. */
const MAX_NAMED = 3;

/** A list of more instances than this is not repeated in a command. */
const MAX_LISTED = 20;

/** What a message is composed from. */
export interface ResultFacts {
  readonly outcome: MaintenanceResult['outcome'];
  readonly cause: MaintenanceCause;
  /** As commands take it: the tail of the workflow id. */
  readonly maintenanceName: string;
  readonly projectId: string;
  readonly taskQueue?: string | undefined;
  /** What was asked for; `null` where no one has validated it. */
  readonly input: MaintenanceInput | null;
  readonly state: MaintenanceState;
  /** Why the maintenance could not be made, as text. */
  readonly obstacle: string | null;
}

/** The one text that alone tells a person what a maintenance did, the state now, and what to do next. */
export function composeResultMessage(facts: ResultFacts): string {
  const { outcome, cause } = facts;
  if (cause === 'NOTHING_SELECTED') return outcome === 'PARTIAL' ? NOTHING_FITS : NOTHING_TO_DO;
  if (outcome === 'PLANNED') return joinText(planned(facts));
  if (outcome === 'COMPLETED') return joinText(completed(facts.state));
  return joinText(partial(facts));
}

const NOTHING_TO_DO =
  'Nothing to do: no instance of the project fits the selector. Nothing was sent.';

const NOTHING_FITS =
  'Not done: no instance of the project fits the selector. Nothing was sent. ' +
  'Correct the selector. Where it may fit none, say so: allowEmpty in the input, --allow-empty in a command.';

function planned({ state, input, taskQueue }: ResultFacts): string[] {
  const { pending, notStarted } = countItems(state.items);
  const out = state.items.filter(({ forward }) => forward.state === 'NOT_STARTED');
  return [
    `Planned: ${countOf(pending, 'instance')} would be switched; nothing was sent.`,
    ...(notStarted === 0 ? [] : [`${countOf(notStarted, 'instance')} would not: ${named(out)}.`]),
    ...state.warnings.map((warning) => `${warning}.`.replace(/\.\.$/, '.')),
    pending === 0
      ? 'Remedy that, then plan again.'
      : startStep(notStarted === 0 ? 'Start it' : 'Start it without those', input, taskQueue),
  ];
}

function completed({ items }: MaintenanceState): string[] {
  const moved = items.filter(hasMoved).length;
  const back = items.filter((item) => item.return !== null && isDone(item.return)).length;
  return [
    `Done: all of ${countOf(items.length, 'instance')}. ${moved} switched, ${items.length - moved} already there.`,
    ...(back === 0 ? [] : [`${back} brought back to where they were.`]),
  ];
}

function partial(facts: ResultFacts): string[] {
  const { state, cause, obstacle } = facts;
  const { items } = state;
  const isUntouched = !hasStarted(state);
  const left = items.filter(({ forward }) => !isDone(forward));
  const isForwardLegDone = items.length > 0 && left.length === 0;
  const why = oneLine(withoutCommands(obstacle ?? state.stops[0]?.reason ?? ''));
  return [
    asSentence(
      `${isUntouched ? 'Nothing was sent' : 'Not all done'}: ${reasonText(CAUSE_TEXT[cause], why)}`,
    ),
    ...(items.length === 0 ? [] : [tally(items)]),
    ...failedItems(items),
    ...hinderedItems(items, cause),
    ...itemsNotBack(facts),
    ...describeUnresolved(items, facts),
    ...again(facts, isForwardLegDone),
  ];
}

function again(
  { state, maintenanceName, taskQueue }: ResultFacts,
  isForwardLegDone: boolean,
): string[] {
  if (isForwardLegDone) return [];
  const rest = isUnresolved(state.items) ? 'Then do the rest' : 'Do the rest';
  const purpose = state.items.length === 0 ? 'Then start it again' : rest;
  return [withCommands(purpose, remainderLine(maintenanceName, { taskQueue }))];
}

function startStep(
  purpose: string,
  input: MaintenanceInput | null,
  taskQueue: string | undefined,
): string {
  return input === null || (input.instanceIds ?? []).length > MAX_LISTED
    ? `${purpose} with the same input.`
    : withCommands(purpose, startLine(input, { taskQueue }));
}

/** A decision says by itself what it was, and by whom. */
function reasonText(words: string, why: string): string {
  if (why === '') return words;
  return why.startsWith(words) ? why : `${words} (${why})`;
}

/** Why a maintenance is PARTIAL, as text. */
const CAUSE_TEXT: Readonly<Record<MaintenanceCause, string>> = {
  ALL_DONE: 'every instance is done',
  NOTHING_SELECTED: 'no instance fits the selector',
  PLAN_ONLY: 'it was only planned',
  INSTANCES_NOT_DONE: 'not every instance ended as it should',
  BUDGET_SPENT: 'the error budget was spent, so nothing further was started',
  CANARY_FAILED: 'a canary did not succeed, so nothing further was started',
  APPROVAL_REJECTED: 'the maintenance was rejected',
  APPROVAL_MISSING: 'no one had approved the maintenance by its latest safe start',
  WINDOW_OVER: 'the latest safe start of the window had passed',
  ABORTED: 'the maintenance was aborted',
  HOOK_ABORTED: 'a hook stopped the maintenance',
  CANCELLED: 'the maintenance was cancelled',
  FROZEN: 'a freeze is in force; thaw first, or wait for its end',
  MAINTENANCE_UNREADABLE: 'the maintenance could not be planned; remedy that first',
};

function tally(items: readonly ItemState[]): string {
  const { done, failed, skipped, notStarted, pending, running } = countItems(items);
  const parts = [
    [failed, 'did not succeed'],
    [skipped, 'left out'],
    [notStarted + pending + running, 'not started'],
  ] as const;
  const rest = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return `${[`${done} of ${items.length} done`, ...rest].join(', ')}.`;
}

function failedItems(items: readonly ItemState[]): string[] {
  const failed = items.filter(({ forward }) => forward.state === 'ENDED' && !isDone(forward));
  return failed.length === 0 ? [] : [`Not successful: ${named(failed)}.`];
}

/** Items that something of their own kept from starting; those that the maintenance's cause explains are counted only. */
function hinderedItems(items: readonly ItemState[], cause: MaintenanceCause): string[] {
  const hindered = items.filter(
    ({ forward }) =>
      forward.state === 'NOT_STARTED' && ![cause, 'WINDOW_OVER'].includes(forward.cause ?? cause),
  );
  return hindered.length === 0 ? [] : [`Kept from starting: ${named(hindered)}.`];
}

/** Masters that a return leg was asked for and that are not back. */
function itemsNotBack({ state: { items, facts }, projectId, taskQueue }: ResultFacts): string[] {
  if ((facts?.request.returnLeg ?? null) === null) return [];
  const away = items.filter(
    (item) => hasMoved(item) && !(item.return !== null && isDone(item.return)),
  );
  if (away.length === 0) return [];
  const list = clipList(
    away.map((item) => `${describeInstance(item.instanceId, item.name)}: ${returnText(item)}`),
  );
  const commands = away.slice(0, MAX_NAMED).flatMap((item) => {
    const nodeId = returnTargetOf(item)?.nodeId;
    if (nodeId === undefined) return [];
    const { instanceId } = item;
    return [switchCommand({ projectId, instanceId, taskQueue, target: { nodeId } })];
  });
  return [
    `Not brought back: ${list}.`,
    ...(commands.length === 0 ? [] : [withCommands('Bring each back', ...commands)]),
  ];
}

function returnText(item: ItemState): string {
  const { return: back } = item;
  const home = `its master was ${returnTargetOf(item)?.nodeId ?? 'not known'}`;
  const how = back?.state === 'ENDED' ? (back.outcome ?? 'ended') : (back?.reason ?? 'not started');
  return `${how}, ${home}`;
}

function named(items: readonly ItemState[]): string {
  return clipList(
    items.map(({ instanceId, name, forward: { state, outcome, cause, reason } }) => {
      const words =
        state === 'ENDED'
          ? [outcome, cause].filter(Boolean).join(' ')
          : oneLine(withoutCommands(reason ?? ''));
      return [describeInstance(instanceId, name), words].filter(Boolean).join(': ');
    }),
  );
}

function clipList(items: readonly string[]): string {
  const more = items.length - MAX_NAMED;
  return `${items.slice(0, MAX_NAMED).join('; ')}${more > 0 ? ` and ${more} more` : ''}`;
}
