import type {
  MaintenanceCause,
  MaintenanceInput,
  MaintenanceRequest,
  MaintenanceResult,
} from '../../contract/index.js';
import {
  asSentence,
  DOUBT_WARNING,
  doubtCommand,
  joinText,
  switchCommand,
  withCommands,
  withoutCommands,
} from '../commands.js';
import { oneLine } from '../text.js';

import { restLine, startLine } from './commands.js';
import { hasMoved, homeOf } from './next-moves.js';
import { countRows, toRow } from './progress.js';
import { hasStarted, isDone } from './state.js';
import type { MaintenanceState, PlanRow } from './state.js';
import { toPlannedWindow } from './window.js';

/** Longest piece of an unvalidated input that a result repeats. */
const MAX_ECHO_LENGTH = 128;

/** What was asked, as it came: told of a plan that could not be made. */
export interface RawAsked {
  readonly maintenanceId: string;
  readonly input: unknown;
}

/** The result of a plan as its caller gets it. */
export function toResult(
  { facts, rows, decisions, warnings, startedAtMs }: MaintenanceState,
  asked: RawAsked,
  ending: Pick<MaintenanceResult, 'outcome' | 'cause' | 'message'>,
  nowMs: number,
): MaintenanceResult {
  return {
    ...ending,
    maintenanceId: asked.maintenanceId,
    ...(facts === null ? echoed(asked.input) : validated(facts.request)),
    window: facts === null ? null : toPlannedWindow(facts.window, facts.request),
    ...{ counts: countRows(rows), rows: rows.map(toRow), decisions, warnings },
    startedAt: new Date(startedAtMs).toISOString(),
    endedAt: new Date(nowMs).toISOString(),
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

/** Of a plan whose input nobody has validated. */
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

function echoOf(input: unknown, field: string): string | null {
  const given = (typeof input === 'object' && input !== null ? input : {}) as Readonly<
    Record<string, unknown>
  >;
  const value = given[field];
  return typeof value === 'string' ? value.slice(0, MAX_ECHO_LENGTH) : null;
}

/** The one text that alone tells a person what a plan did, what is true now, and what to do next. */

/** How many instances a message names; the result has them all. */
const MAX_NAMED = 3;

/** A list of more instances than this is not repeated in a command. */
const MAX_LISTED = 20;

/** What a message is composed from. */
export interface ResultFacts {
  readonly outcome: MaintenanceResult['outcome'];
  readonly cause: MaintenanceCause;
  /** As commands take it: the tail of the workflow id. */
  readonly planName: string;
  readonly projectId: string;
  readonly taskQueue?: string | undefined;
  /** What was asked for; `null` where nobody has validated it. */
  readonly input: MaintenanceInput | null;
  readonly state: MaintenanceState;
  /** Why the plan could not be made, in words. */
  readonly obstacle: string | null;
}

/** Composes it. */
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
  const { pending, notStarted } = countRows(state.rows);
  const out = state.rows.filter(({ forward }) => forward.state === 'NOT_STARTED');
  return [
    `Planned: ${instances(pending)} would be switched; nothing was sent.`,
    ...(notStarted === 0 ? [] : [`${instances(notStarted)} would not: ${named(out)}.`]),
    ...state.warnings.map((warning) => `${warning}.`.replace(/\.\.$/, '.')),
    pending === 0
      ? 'Remedy that, then plan again.'
      : startStep(notStarted === 0 ? 'Start it' : 'Start it without those', input, taskQueue),
  ];
}

function completed({ rows }: MaintenanceState): string[] {
  const moved = rows.filter(hasMoved).length;
  const back = rows.filter((row) => row.return !== null && isDone(row.return)).length;
  return [
    `Done: all of ${instances(rows.length)}. ${moved} switched, ${rows.length - moved} already there.`,
    ...(back === 0 ? [] : [`${back} brought back to where they were.`]),
  ];
}

function partial(facts: ResultFacts): string[] {
  const { state, cause, obstacle } = facts;
  const { rows } = state;
  const isUntouched = !hasStarted(state);
  const left = rows.filter(({ forward }) => !isDone(forward));
  const isWayOutDone = rows.length > 0 && left.length === 0;
  const why = oneLine(withoutCommands(obstacle ?? state.stops[0]?.reason ?? ''));
  return [
    asSentence(
      `${isUntouched ? 'Nothing was sent' : 'Not all done'}: ${reasonWords(CAUSE_WORDS[cause], why)}`,
    ),
    ...(rows.length === 0 ? [] : [tally(rows)]),
    ...failedRows(rows),
    ...hinderedRows(rows, cause),
    ...awayRows(facts),
    ...doubts(facts),
    ...again(facts, isWayOutDone),
  ];
}

function again({ state, planName, taskQueue }: ResultFacts, isWayOutDone: boolean): string[] {
  if (isWayOutDone) return [];
  const purpose = state.rows.length === 0 ? 'Then start it again' : 'Do the rest';
  return [withCommands(purpose, restLine(planName, { taskQueue }))];
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
function reasonWords(words: string, why: string): string {
  if (why === '') return words;
  return why.startsWith(words) ? why : `${words} (${why})`;
}

/** Why a plan is PARTIAL, in words. */
const CAUSE_WORDS: Readonly<Record<MaintenanceCause, string>> = {
  ALL_DONE: 'every instance is done',
  NOTHING_SELECTED: 'no instance fits the selector',
  PLAN_ONLY: 'it was only planned',
  INSTANCES_NOT_DONE: 'not every instance ended as it should',
  BUDGET_SPENT: 'the error budget was spent, so nothing further was started',
  CANARY_FAILED: 'a canary did not succeed, so nothing further was started',
  APPROVAL_REJECTED: 'the plan was rejected',
  APPROVAL_MISSING: 'nobody had approved the plan by its latest safe start',
  WINDOW_OVER: 'the latest safe start of the window had passed',
  ABORTED: 'the plan was aborted',
  HOOK_ABORTED: 'a hook stopped the plan',
  CANCELLED: 'the plan was cancelled',
  FROZEN: 'a freeze is in force; thaw first, or wait for its end',
  PLAN_UNREADABLE: 'the plan could not be made; remedy that first',
};

function tally(rows: readonly PlanRow[]): string {
  const { done, failed, skipped, notStarted, pending, running } = countRows(rows);
  const parts = [
    [failed, 'did not succeed'],
    [skipped, 'left out'],
    [notStarted + pending + running, 'not started'],
  ] as const;
  const rest = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return `${[`${done} of ${rows.length} done`, ...rest].join(', ')}.`;
}

function failedRows(rows: readonly PlanRow[]): string[] {
  const failed = rows.filter(({ forward }) => forward.state === 'ENDED' && !isDone(forward));
  return failed.length === 0 ? [] : [`Not successful: ${named(failed)}.`];
}

/** Rows that something of their own kept from starting; those that the plan's cause explains are counted only. */
function hinderedRows(rows: readonly PlanRow[], cause: MaintenanceCause): string[] {
  const hindered = rows.filter(
    ({ forward }) =>
      forward.state === 'NOT_STARTED' && ![cause, 'WINDOW_OVER'].includes(forward.cause ?? cause),
  );
  return hindered.length === 0 ? [] : [`Kept from starting: ${named(hindered)}.`];
}

/** Masters that a way back was asked for and that are not back. */
function awayRows({ state: { rows, facts }, projectId, taskQueue }: ResultFacts): string[] {
  if ((facts?.request.returnLeg ?? null) === null) return [];
  const away = rows.filter((row) => hasMoved(row) && !(row.return !== null && isDone(row.return)));
  if (away.length === 0) return [];
  const list = clipList(away.map((row) => `${row.instanceId} (${backWords(row)})`));
  const commands = away.slice(0, MAX_NAMED).flatMap((row) => {
    const nodeId = homeOf(row)?.nodeId;
    if (nodeId === undefined) return [];
    const { instanceId } = row;
    return [switchCommand({ projectId, instanceId, taskQueue, target: { nodeId } })];
  });
  return [
    `Not brought back: ${list}.`,
    ...(commands.length === 0 ? [] : [withCommands('Bring each back', ...commands)]),
  ];
}

function backWords(row: PlanRow): string {
  const { return: back } = row;
  const home = `its master was ${homeOf(row)?.nodeId ?? 'not known'}`;
  const how = back?.state === 'ENDED' ? (back.outcome ?? 'ended') : (back?.reason ?? 'not started');
  return `${how}; ${home}`;
}

/** A switchover in doubt refuses the next one until it has been judged. */
function doubts({ state, projectId, taskQueue }: ResultFacts): string[] {
  const legs = state.rows.flatMap((row) =>
    [row.forward, row.return].flatMap((leg) =>
      leg?.outcome === 'UNKNOWN' && leg.runId !== null
        ? [{ row, doubt: { runId: leg.runId, cause: leg.cause } }]
        : [],
    ),
  );
  if (legs.length === 0) return [];
  const commands = legs
    .slice(0, MAX_NAMED)
    .map(({ row: { instanceId }, doubt }) =>
      doubtCommand({ projectId, instanceId, taskQueue }, doubt),
    );
  return [
    `${instances(legs.length)} in doubt. ${DOUBT_WARNING}`,
    withCommands('Find out', ...commands),
  ];
}

function named(rows: readonly PlanRow[]): string {
  return clipList(
    rows.map(({ instanceId, forward: { state, outcome, cause, reason } }) => {
      const words =
        state === 'ENDED'
          ? [outcome, cause].filter(Boolean).join(' ')
          : oneLine(withoutCommands(reason ?? ''));
      return `${instanceId} (${words})`;
    }),
  );
}

function clipList(items: readonly string[]): string {
  const more = items.length - MAX_NAMED;
  return `${items.slice(0, MAX_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function instances(count: number): string {
  return count === 1 ? '1 instance' : `${count} instances`;
}
