/**
 * Which runs a workflow id has had. Asked of the service itself: the SDK's client decodes the memo of
 * each run, which here costs a codec's call apiece and fails on runs of other keys.
 */
import { setTimeout as pause } from 'node:timers/promises';

import type { Client, WorkflowExecutionStatusName } from '@temporalio/client';
import type { Payload } from '@temporalio/common';

import { SEARCH_ATTRIBUTES, SWITCHOVER_WORKFLOW_TYPE } from '../contract/index.js';
import type { InstanceRef, SearchAttributeName } from '../contract/index.js';

import { isPresent, textOf } from '../util.js';

import { callTemporal, pagesOf } from './rpc.js';
import type { TemporalCaller } from './rpc.js';

/** One run of a workflow id, as visibility shows it: what is closed there has closed; what is open may have closed since. */
export interface ListedRun {
  readonly runId: string;
  /** Its task queue. */
  readonly taskQueue?: string;
  readonly startedAtMs: number;
  /** Epoch milliseconds; `null` while it is open, absent where that is not known. */
  readonly closedAtMs?: number | null;
  readonly status: WorkflowExecutionStatusName;
  /** Workflow type. */
  readonly type: string;
  /** Number of events; 0 where it is not reported, as of an open run. */
  readonly historyLength: number;
  /** Our search attributes, those that it has. They are never encoded. @default none */
  readonly attributes?: Attributes;
  /** What its starter has noted, as it is encoded. @default nothing */
  readonly memo?: Readonly<Record<string, Payload>>;
}

/** Values of our search attributes. */
type Attributes = Readonly<Partial<Record<SearchAttributeName, string>>>;

/** Most runs that visibility lists in one answer. */
const PAGE_SIZE = 1_000;

/**
 * Lists the runs of a workflow id as visibility shows them.
 *
 * @param limit the most that are listed
 */
export function listRuns(client: Client, workflowId: string, limit: number): Promise<NamedRun[]> {
  return listBy(client, `WorkflowId = "${workflowId}"`, limit);
}

/** A listed run, and the workflow id that it has. */
export type NamedRun = ListedRun & { readonly workflowId: string };

/** As `makeSwitchoverWorkflowId` and `makePlanWorkflowId` write it. */
const WORKFLOW_ID = /^dcs-switchover(-plan)?:([0-9a-f-]{32,36}):([0-9a-f-]{36})$/;

/** What a workflow id of ours says; `null`: it is none, and its run ends `INVALID_INPUT` and is about no instance. */
export function readWorkflowId(
  workflowId: string,
): (InstanceRef & { readonly mode: 'plan' | 'switch' }) | null {
  const [, plan, projectId, instanceId] = WORKFLOW_ID.exec(workflowId) ?? [];
  if (projectId === undefined || instanceId === undefined) return null;
  return { projectId, instanceId, mode: plan === undefined ? 'switch' : 'plan' };
}

/** Lists switchovers and examinations that are open, or that did not complete: whatever may be unresolved. */
export function listSuspects(client: Client, limit: number): Promise<NamedRun[]> {
  const states = ['Running', 'Failed', 'Terminated', 'TimedOut'];
  const query =
    `WorkflowType = "${SWITCHOVER_WORKFLOW_TYPE}" AND ` +
    `ExecutionStatus IN (${states.map((state) => `"${state}"`).join(', ')})`;
  return listBy(client, query, limit);
}

/**
 * Lists the runs that a query of visibility finds.
 *
 * @param query empty: all runs of the namespace
 * @param limit the most that are listed
 */
export async function listBy(client: Client, query: string, limit: number): Promise<NamedRun[]> {
  const { namespace } = client.options;
  const request = { namespace, query, pageSize: Math.min(limit, PAGE_SIZE) };
  const runs: NamedRun[] = [];
  const pages = pagesOf((nextPageToken) =>
    client.workflowService.listWorkflowExecutions({ ...request, nextPageToken }),
  );
  for await (const { executions } of pages) {
    runs.push(...executions.map(toListedRun));
    if (runs.length >= limit) break;
  }
  return runs.slice(0, limit);
}

type ListedExecution = Awaited<
  ReturnType<Client['workflowService']['listWorkflowExecutions']>
>['executions'][number];

function toListedRun({
  execution,
  startTime,
  closeTime,
  status,
  type,
  historyLength,
  taskQueue,
  searchAttributes,
  memo,
}: ListedExecution): NamedRun {
  return {
    ...idsOf(execution),
    taskQueue: taskQueue ?? '',
    startedAtMs: toMs(startTime),
    closedAtMs: isPresent(closeTime) ? toMs(closeTime) : null,
    status: STATUS_NAMES[status ?? 0] ?? 'UNKNOWN',
    type: type?.name ?? '',
    historyLength: Number(historyLength ?? 0),
    attributes: readAttributes(searchAttributes?.indexedFields ?? {}),
    memo: memo?.fields ?? {},
  };
}

function readAttributes(
  fields: NonNullable<NonNullable<ListedExecution['searchAttributes']>['indexedFields']>,
): Attributes {
  return Object.fromEntries(
    Object.values(SEARCH_ATTRIBUTES).flatMap((name) => {
      const value = readKeyword(fields[name]?.data);
      return value === null ? [] : [[name, value]];
    }),
  );
}

/** A keyword, which Temporal writes as JSON. */
function readKeyword(data: Uint8Array | null | undefined): string | null {
  try {
    return textOf(JSON.parse(Buffer.from(data ?? []).toString('utf8')));
  } catch {
    return null;
  }
}

function idsOf(execution: ListedExecution['execution']): Pick<NamedRun, 'workflowId' | 'runId'> {
  return { workflowId: execution?.workflowId ?? '', runId: execution?.runId ?? '' };
}

function toMs(timestamp: ListedExecution['startTime']): number {
  return Number(timestamp?.seconds ?? 0) * 1000 + (timestamp?.nanos ?? 0) / 1e6;
}

/** By the numbers of the service's enumeration. */
const STATUS_NAMES: readonly WorkflowExecutionStatusName[] = [
  'UNSPECIFIED',
  'RUNNING',
  'COMPLETED',
  'FAILED',
  'CANCELLED',
  'TERMINATED',
  'CONTINUED_AS_NEW',
  'TIMED_OUT',
  'PAUSED',
];

/** Whether a run of this status is open: whoever pauses one in the UI has not ended it. */
export function isOpenStatus(status: WorkflowExecutionStatusName): boolean {
  return status === 'RUNNING' || status === 'PAUSED';
}

/** How a run stands, and when it was closed. */
export interface RunState {
  readonly status: WorkflowExecutionStatusName;
  /** Epoch milliseconds; `null` while it is open. */
  readonly closedAtMs: number | null;
  /** The first run of the chain that it belongs to; a reset keeps it. */
  readonly firstRunId: string;
}

/** How a run stands by its own record, which does not lag behind. */
export async function readRunState(
  client: Client,
  workflowId: string,
  runId: string,
): Promise<RunState> {
  const { workflowExecutionInfo: info } = await client.workflowService.describeWorkflowExecution({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
  });
  const status = STATUS_NAMES[info?.status ?? 0] ?? 'UNKNOWN';
  const closedAtMs = Number(info?.closeTime?.seconds ?? 0) * 1000;
  const firstRunId = info?.firstRunId ?? runId;
  return { status, closedAtMs: closedAtMs === 0 ? null : closedAtMs, firstRunId };
}

// Lists of runs that are no older than a known run: visibility lags behind, and who asks too early misses one.

/** Pause between two looks, in milliseconds. */
const STEP_MS = 200;

/** How fresh a list has to be. */
export interface Freshness {
  /** The run that it has to show; `null`: any list will do. */
  readonly shows: string | null;
  /** The most that are listed. */
  readonly limit: number;
  /** How long visibility may take, in milliseconds. */
  readonly withinMs: number;
  /** Time since the list was first asked for, in milliseconds. */
  readonly elapsedMs: () => number;
}

/** Of the runs of a maintenance id: so many are looked at, latest first. With so many, an earlier one may not be listed. */
export const MAINTENANCE_RUNS = { limit: 100, withinMs: 5_000 } as const;

/** How many runs of an instance are listed; latest ones come first, and retention ends the list long before. */
export const MAX_LISTED_RUNS = 10_000;

/** Lists the runs of a workflow id as visibility shows them, latest first. @throws what `ask` throws */
export async function listLatestFirst(
  { ask, client, workflowId }: RunsOf,
  limit: number,
): Promise<NamedRun[]> {
  const runs = await ask('list the runs', () => listRuns(client, workflowId, limit));
  return runs.sort((one, other) => other.startedAtMs - one.startedAtMs);
}

/**
 * Lists the runs of a workflow id, latest first, once visibility shows the known one.
 *
 * @returns `null` where it does not in time
 * @throws what `ask` throws
 */
export async function listFreshly(
  known: RunsOf,
  { shows, limit, withinMs, elapsedMs }: Freshness,
): Promise<ListedRun[] | null> {
  for (;;) {
    const runs = await listLatestFirst(known, limit);
    if (shows === null || runs.some(({ runId }) => runId === shows)) return runs;
    if (elapsedMs() > withinMs) return null;
    await pause(STEP_MS);
  }
}

/** Asks about the runs of a workflow id, with the deadline and the errors of {@link callTemporal}. */
export function runsOf(caller: TemporalCaller, workflowId: string): RunsOf {
  const ask: RunsOf['ask'] = (operation, call) => callTemporal(caller, operation, call);
  return { ask, client: caller.client, workflowId };
}

/** How to ask about the runs of one workflow id. */
export interface RunsOf {
  /** @param operation what is asked, such as `list the runs` */
  readonly ask: <T>(operation: string, call: () => Promise<T>) => Promise<T>;
  readonly client: Client;
  readonly workflowId: string;
}
