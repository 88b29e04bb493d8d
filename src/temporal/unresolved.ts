/** Which instances are unresolved now: from visibility, and from what each run reported at its end. Needs no worker. */
import { makeSwitchoverWorkflowId, SEARCH_ATTRIBUTES } from '../contract/index.js';
import type { InstanceRef } from '../contract/index.js';
import { findDeciding, findUnresolvedRun, whyUnresolved } from '../domain/checks/runs.js';
import { iso, isPresent } from '../util.js';

import { findClosedRepeating, isEndedByPreCheck, readBack, readClosedRun } from './earlier-run.js';
import { callTemporal } from './rpc.js';
import type { TemporalCaller } from './rpc.js';
import { fetchRunHistory, mapSome } from './run-history.js';
import {
  isOpenStatus,
  listLatestFirst,
  listSuspects,
  MAX_LISTED_RUNS,
  readWorkflowId,
  runsOf,
} from './run-list.js';
import type { ListedRun, NamedRun, RunsOf } from './run-list.js';
import { phaseOf } from './swap-trace.js';

/** Options of `unresolved`. */
export interface UnresolvedOptions {
  /** Only instances of this project. @default all of the namespace */
  readonly projectId?: string | undefined;
  /** The most instances that are looked at, those of the latest runs first. @default all */
  readonly limit?: number | undefined;
}

/** An instance that is unresolved: its next switchover is refused until someone has found out. */
export interface UnresolvedRun extends InstanceRef {
  readonly workflowId: string;
  /** Name of the instance, where its search attribute is registered; else `null`. */
  readonly instanceName: string | null;
  /** The run to find out about first; earlier ones may be unresolved as well. */
  readonly runId: string;
  /**
   * `UNKNOWN`, or how Temporal says that it ended, such as `TERMINATED`. `HOLDING`: it is UNKNOWN, still open, and
   * keeps the lock. `NOT_READ`: more runs than are listed came since, so whether an earlier one is unresolved is not known.
   */
  readonly state: string;
  /** Why it is unresolved, as the latest look at it said; `null` where none did. */
  readonly cause: string | null;
  /** Whether someone has looked already, in vain. */
  readonly wasExamined: boolean;
  /** RFC 3339. */
  readonly startedAt: string;
  /** Of its workers. */
  readonly taskQueue: string;
}

/** Lists what is unresolved now; see `SwitchoverClient.unresolved`. */
export async function listUnresolved(
  context: TemporalCaller,
  { projectId, limit }: UnresolvedOptions = {},
): Promise<UnresolvedRun[]> {
  const suspects = await callTemporal(context, 'list the runs', () =>
    listSuspects(context.client, MAX_LISTED_RUNS),
  );
  const ids = suspects.filter((run) => !isEndedByPreCheck(run)).map((run) => run.workflowId);
  const wanted = [...new Set(ids)].filter((workflowId) => {
    const ref = readIds(workflowId);
    return ref !== null && (projectId === undefined || ref.projectId === projectId);
  });
  const found = await mapSome(wanted.slice(0, limit), (workflowId) =>
    findUnresolved(context, workflowId),
  );
  return found
    .filter((run) => run !== null)
    .sort((one, other) => other.startedAt.localeCompare(one.startedAt));
}

/** The unresolved run of one instance; `null` where there is none. */
async function findUnresolved(
  context: TemporalCaller,
  workflowId: string,
): Promise<UnresolvedRun | null> {
  const runs = runsOf(context, workflowId);
  const listed = await listLatestFirst(runs, MAX_LISTED_RUNS);
  // Visibility may be late; what has closed since is there at the next look.
  const open = listed.find(({ status }) => isOpenStatus(status));
  if (open !== undefined && (await isHolding(runs, open))) return toEntry(open, 'HOLDING');
  const closed = findClosedRepeating(listed);
  const read = await readBack(closed, (run) => readClosedRun(runs, run));
  const [latest] = listed;
  // What lies before a list that is full no one has seen.
  if (listed.length === MAX_LISTED_RUNS && findDeciding(read) === null && latest !== undefined)
    return toEntry(latest, 'NOT_READ');
  const uncertainty = findUnresolvedRun(read);
  const run = closed.find(({ runId }) => runId === uncertainty?.runId);
  if (run === undefined) return null;
  return toEntry(run, uncertainty?.outcome ?? run.status, whyUnresolved(read, run));
}

async function isHolding(
  { ask, client, workflowId }: RunsOf,
  { runId }: ListedRun,
): Promise<boolean> {
  const history = await ask('read the history', () => fetchRunHistory(client, workflowId, runId));
  return phaseOf(history) === 'HOLDING';
}

function toEntry(
  run: NamedRun,
  state: string,
  why: Pick<UnresolvedRun, 'cause' | 'wasExamined'> = { cause: null, wasExamined: false },
): UnresolvedRun | null {
  const { workflowId, runId, startedAtMs, taskQueue = '', attributes = {} } = run;
  const instanceName = attributes[SEARCH_ATTRIBUTES.instanceName] ?? null;
  const ref = readIds(workflowId);
  const startedAt = iso(startedAtMs);
  return ref === null
    ? null
    : { ...ref, workflowId, instanceName, runId, state, ...why, startedAt, taskQueue };
}

/** A plan leaves nothing unresolved. */
function readIds(workflowId: string): InstanceRef | null {
  const read = readWorkflowId(workflowId);
  if (read === null || read.mode === 'plan') return null;
  const { projectId, instanceId } = read;
  return { projectId, instanceId };
}

/** How far back an unresolved run is looked for: nearly always the latest one decides. */
const MAX_RUNS_IN_DOUBT = 1_000;

/** What a person speaks of who says what a run did, as far as visibility shows it. */
interface SpokenOf {
  /** The run that is unresolved now; `null` where none is, or it cannot be read. */
  readonly runId: string | null;
  /** Name of the instance, as its runs have read it: an operator's statement reads nothing of DCS. */
  readonly instanceName: string | null;
}

/** Looks what an operator's statement about an instance is about. */
export async function lookForUnresolvedRun(
  context: TemporalCaller,
  ref: InstanceRef,
): Promise<SpokenOf> {
  // It is taken whatever can be read: without a name it is about every run before it.
  return search(runsOf(context, makeSwitchoverWorkflowId(ref))).catch(() => ({
    runId: null,
    instanceName: null,
  }));
}

async function search(runs: RunsOf): Promise<SpokenOf> {
  const listed = await listLatestFirst(runs, MAX_RUNS_IN_DOUBT);
  const read = await readBack(findClosedRepeating(listed), (run) => readClosedRun(runs, run));
  const names = [
    ...listed.map(({ attributes = {} }) => attributes[SEARCH_ATTRIBUTES.instanceName]),
    ...read.map(({ reported, trace }) => reported?.instanceName ?? trace?.instanceName),
  ];
  return {
    runId: findUnresolvedRun(read)?.runId ?? null,
    instanceName: names.find(isPresent) ?? null,
  };
}
