/** The runs of all instances: from visibility, and from each run's own ending. Needs no worker. */
import type { WorkflowExecutionStatusName } from '@temporalio/client';

import { isOutcome, SEARCH_ATTRIBUTES, SWITCHOVER_WORKFLOW_TYPE } from '../../contract/index.js';
import type { InstanceRef, Outcome } from '../../contract/index.js';
import { callTemporal } from '../../temporal/rpc.js';
import type { ClientContext } from '../../temporal/rpc.js';
import { mapSome } from '../../temporal/run-history.js';
import { isOpenStatus, listBy, readWorkflowId } from '../../temporal/run-list.js';
import type { NamedRun } from '../../temporal/run-list.js';
import { iso, messageOf } from '../../util.js';
import { readBounds } from '../list-bounds.js';

import { readEntry } from './history.js';
import type { HistoryEntry } from './history.js';

/** Where only some of the runs are wanted: so many are listed, and so many are read. */
const MAX_LISTED = 10_000;
const MAX_READ = 500;

/** How many are read before it is seen whether they are enough. */
const READ_AT_ONCE = 24;

/** What a run may be listed by: `RUNNING` while it is open. */
export type ListedOutcome = Outcome | 'CANCELLED' | 'RUNNING';

/** Options of `list`. */
export interface ListOptions {
  /** Only runs of this project. @default all of the namespace */
  readonly projectId?: string | undefined;
  /** Only runs that have ended so; `UNKNOWN` also while they keep the lock. @default all */
  readonly outcome?: ListedOutcome | undefined;
  /** Only runs that started at this instant or later, RFC 3339. @default all that Temporal still has */
  readonly since?: string | undefined;
  /** 1 to 200. @default 50 */
  readonly limit?: number | undefined;
}

/** One run of some instance. */
export interface RunEntry extends HistoryEntry, InstanceRef {
  readonly workflowId: string;
  readonly taskQueue: string;
  /** Why it could not be read: then only what visibility shows is known. `null`: it was. */
  readonly problem: string | null;
}

/** Runs, the latest first. */
export interface RunList {
  readonly runs: readonly RunEntry[];
  /** Whether there may be more than these. */
  readonly more: boolean;
}

/** Lists open and recent runs; see `SwitchoverClient.list`. @throws InvalidInputError before any call */
export async function listRunEntries(
  context: ClientContext,
  { projectId, outcome, ...asked }: ListOptions = {},
): Promise<RunList> {
  const { count, terms } = readBounds(asked);
  const isFiltered = projectId !== undefined || outcome !== undefined;
  const most = isFiltered ? MAX_LISTED : count + 1;
  const listed = await callTemporal(context, 'list the runs', () =>
    listBy(context.client, toQuery(outcome, terms), most),
  );
  const wanted = listed
    .flatMap((run) => toListed(run))
    .filter(({ ref }) => projectId === undefined || ref.projectId === projectId)
    .filter(({ run }) => mayHave(run, outcome))
    .sort((one, other) => other.run.startedAtMs - one.run.startedAtMs);
  const { runs, isComplete } = await readSome(context, wanted, count, outcome);
  return { runs: withNames(runs), more: !isComplete || listed.length === most };
}

/** How Temporal says that a run of this outcome stands; it has no more than some of the runs to be read. */
const STATUSES: Partial<Record<ListedOutcome, readonly string[]>> = {
  ...{ SUCCEEDED: ['Completed'], NOOP: ['Completed'], PLANNED: ['Completed'] },
  ...{ RESOLVED: ['Completed'], RUNNING: ['Running'], CANCELLED: ['Canceled'] },
  ...{ FAILED_UNCHANGED: ['Failed'], COMPENSATED: ['Failed'], INVALID_INPUT: ['Failed'] },
  REFUSED: ['Failed', 'Terminated', 'TimedOut'],
  UNKNOWN: ['Running', 'Failed', 'Terminated', 'TimedOut'],
};

function toQuery(outcome: ListedOutcome | undefined, terms: readonly string[]): string {
  const statuses = outcome === undefined ? undefined : STATUSES[outcome];
  const quoted = (statuses ?? []).map((status) => `"${status}"`);
  return [
    `WorkflowType = "${SWITCHOVER_WORKFLOW_TYPE}"`,
    ...(quoted.length === 0 ? [] : [`ExecutionStatus IN (${quoted.join(', ')})`]),
    ...terms,
  ].join(' AND ');
}

/** A run, and the instance that its workflow id names. */
interface Listed {
  readonly run: NamedRun;
  readonly ref: InstanceRef & { readonly mode: 'plan' | 'switch'; readonly runId: string };
}

/** None for a run under another id: it ends `INVALID_INPUT` and is about no instance. */
function toListed(run: NamedRun): Listed[] {
  const ref = readWorkflowId(run.workflowId);
  return ref === null ? [] : [{ run, ref: { ...ref, runId: run.runId } }];
}

/** Statuses of runs that have said their own last word: then the search attribute is the outcome. */
const SPOKEN: readonly WorkflowExecutionStatusName[] = ['COMPLETED', 'FAILED'];

/** Whether a run may have an outcome, as far as visibility shows: what it excludes need not be read. */
function mayHave({ status, attributes }: NamedRun, outcome: ListedOutcome | undefined): boolean {
  const reported = attributes?.[SEARCH_ATTRIBUTES.status];
  if (outcome === undefined || !SPOKEN.includes(status) || !isOutcome(reported)) return true;
  return reported === outcome;
}

/** Reads run by run until there are enough. */
async function readSome(
  context: ClientContext,
  wanted: readonly Listed[],
  count: number,
  outcome: ListedOutcome | undefined,
): Promise<{ readonly runs: readonly RunEntry[]; readonly isComplete: boolean }> {
  const runs: RunEntry[] = [];
  let read = 0;
  while (read < Math.min(wanted.length, MAX_READ) && runs.length <= count) {
    const some = wanted.slice(read, read + READ_AT_ONCE);
    read += some.length;
    const entries = await mapSome(some, (listed) => readListed(context, listed));
    runs.push(
      ...entries.filter((entry) => entry !== null).filter((entry) => hasOutcome(entry, outcome)),
    );
  }
  return { runs: runs.slice(0, count), isComplete: read >= wanted.length && runs.length <= count };
}

function hasOutcome(
  { outcome, phase, problem }: RunEntry,
  wanted: ListedOutcome | undefined,
): boolean {
  // Whether one that cannot be read is meant, no one knows: it is shown.
  if (wanted === undefined || problem !== null) return true;
  if (wanted === 'RUNNING') return phase !== null;
  return outcome === wanted || (wanted === 'UNKNOWN' && phase === 'HOLDING');
}

/** `null` for a run whose retention has ended since. A run that cannot be read must not hide the others. */
async function readListed(context: ClientContext, { run, ref }: Listed): Promise<RunEntry | null> {
  const { workflowId, taskQueue = '', attributes = {} } = run;
  const { projectId, instanceId } = ref;
  const known = { projectId, instanceId, workflowId, taskQueue };
  try {
    const entry = await readEntry(context, run, ref);
    if (entry === null) return null;
    return {
      ...{ ...entry, ...known, problem: null },
      instanceName: entry.instanceName ?? attributes[SEARCH_ATTRIBUTES.instanceName] ?? null,
    };
  } catch (error) {
    const problem = messageOf(error);
    return { ...unread(run), mode: ref.mode, ...known, problem };
  }
}

/** What visibility alone says. */
function unread({
  runId,
  startedAtMs,
  status,
  attributes = {},
}: NamedRun): Omit<HistoryEntry, 'mode'> {
  return {
    ...{ runId, instanceName: attributes[SEARCH_ATTRIBUTES.instanceName] ?? null },
    ...{ startedAt: iso(startedAtMs), closedAt: null, requestedBy: null, changeId: null },
    ...{ outcome: null, cause: isOpenStatus(status) ? null : status, phase: null },
    ...{ from: null, to: null },
    maintenanceId: attributes[SEARCH_ATTRIBUTES.maintenanceId] ?? null,
    ...{ swapsSent: 0, swapsAccepted: 0, examinedRunId: null },
  };
}

/** A name that one run has read is that of the others of its instance. */
function withNames(runs: readonly RunEntry[]): RunEntry[] {
  const names = new Map(
    [...runs]
      .reverse()
      .map(({ instanceId, instanceName }) => [instanceId, instanceName] as const)
      .filter(([, name]) => name !== null),
  );
  return runs.map((run) => ({
    ...run,
    instanceName: run.instanceName ?? names.get(run.instanceId) ?? null,
  }));
}
