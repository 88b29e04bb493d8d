/** The maintenance runs of a namespace: from visibility, and from what each says or said of itself. */
import {
  MAINTENANCE_WORKFLOW_TYPE,
  makeMaintenanceWorkflowId,
  PROGRESS_QUERY,
  SEARCH_ATTRIBUTES,
} from '../../contract/index.js';
import type {
  MaintenanceCounts,
  MaintenanceOutcome,
  MaintenancePhase,
  MaintenanceProgress,
  ResolvedWindow,
} from '../../contract/index.js';
import { parseMaintenanceName } from '../../domain/maintenance/commands.js';
import { callTemporal, TEMPORAL_TIMEOUTS_MS } from '../../temporal/rpc.js';
import type { ClientContext } from '../../temporal/rpc.js';
import { mapSome } from '../../temporal/run-history.js';
import { isOpenStatus, listBy } from '../../temporal/run-list.js';
import type { NamedRun } from '../../temporal/run-list.js';
import { fieldsOf, iso, messageOf, textOf } from '../../util.js';
import { readBounds } from '../list-bounds.js';

import { readMaintenanceEnding } from './ending.js';
import { findMaintenance, readStartInput } from './find.js';
import type { FoundMaintenance } from './find.js';

/** Options of `list`. */
export interface MaintenanceListOptions {
  /** Only those of which a run started at this instant or later, RFC 3339. @default all that Temporal still has */
  readonly since?: string | undefined;
  /** 1 to 200. @default 50 */
  readonly limit?: number | undefined;
}

/** One maintenance. */
export interface MaintenanceEntry {
  /** As commands take it: of a firing, with its nominal time. */
  readonly name: string;
  readonly workflowId: string;
  /** First run of its chain; of one that could not be read, the latest. */
  readonly runId: string;
  readonly mode: 'run' | 'plan';
  /** How it ended, or how Temporal says so of one that reported nothing, such as `TERMINATED`; `null` while it is open. */
  readonly outcome: MaintenanceOutcome | 'INVALID_INPUT' | 'CANCELLED' | (string & {}) | null;
  /** Of an open one; `null` where no worker answered and no search attribute says it. */
  readonly phase: MaintenancePhase | null;
  readonly isPaused: boolean;
  /** `null` where it is not resolved yet, or no worker answered. */
  readonly window: ResolvedWindow | null;
  readonly counts: MaintenanceCounts | null;
  readonly requestedBy: string | null;
  readonly changeId: string | null;
  /** RFC 3339. */
  readonly startedAt: string;
  /** RFC 3339; `null` while it is open. */
  readonly closedAt: string | null;
  /** Why it, or a part of it, could not be read; `null`: it was. */
  readonly problem: string | null;
}

/** Maintenance runs, the latest first. */
export interface MaintenanceList {
  readonly maintenances: readonly MaintenanceEntry[];
  /** Whether there may be more than these. */
  readonly more: boolean;
}

/** Lists open and recent maintenance runs; see `MaintenanceClient.list`. @throws InvalidInputError before any call */
export async function listMaintenances(
  context: ClientContext,
  options: MaintenanceListOptions = {},
): Promise<MaintenanceList> {
  const { count, terms } = readBounds(options);
  const listed = await callTemporal(context, 'list the maintenance runs', () =>
    listBy(context.client, toQuery(terms), count + 1),
  );
  const runs = listed
    .filter(({ workflowId }) => workflowId.startsWith(PREFIX))
    .sort((one, other) => other.startedAtMs - one.startedAtMs);
  const maintenances = await mapSome(runs.slice(0, count), (run) => readOrExplain(context, run));
  return { maintenances, more: listed.length > count };
}

/** Of a chain only the latest run counts. */
function toQuery(terms: readonly string[]): string {
  return [
    `WorkflowType = "${MAINTENANCE_WORKFLOW_TYPE}"`,
    'ExecutionStatus != "ContinuedAsNew"',
    ...terms,
  ].join(' AND ');
}

const PREFIX = makeMaintenanceWorkflowId('');

/** One that cannot be read must not hide the others. */
async function readOrExplain(context: ClientContext, run: NamedRun): Promise<MaintenanceEntry> {
  try {
    return await readListed(context, run);
  } catch (error) {
    const problem = messageOf(error);
    return { ...byVisibility(run), problem };
  }
}

function byVisibility({ workflowId, runId, startedAtMs, status }: NamedRun): MaintenanceEntry {
  return {
    ...{ name: workflowId.slice(PREFIX.length), workflowId, runId, mode: 'run' },
    ...{ outcome: isOpenStatus(status) ? null : status, phase: null, isPaused: false },
    ...{ window: null, counts: null, requestedBy: null, changeId: null },
    ...{ startedAt: iso(startedAtMs), closedAt: null, problem: null },
  };
}

async function readListed(context: ClientContext, run: NamedRun): Promise<MaintenanceEntry> {
  const { maintenanceId, firing } = parseMaintenanceName(run.workflowId.slice(PREFIX.length));
  const found = await findMaintenance(context, {
    ...{ maintenanceId, runId: run.runId },
    ...(firing === undefined ? {} : { nominalTime: firing }),
  });
  const asked = fieldsOf(await readStartInput(context, found));
  const known: MaintenanceEntry = {
    ...byVisibility(run),
    runId: found.ref.runId,
    mode: asked['mode'] === 'plan' ? 'plan' : 'run',
    requestedBy: textOf(asked['requestedBy']),
    changeId: textOf(asked['changeId']),
    closedAt: found.description.closeTime?.toISOString() ?? null,
  };
  return found.isOpen ? askOpen(context, found, run, known) : readEnded(context, found, known);
}

/** The run itself knows its counts; without a worker the search attribute has its state, if there is one. */
async function askOpen(
  context: ClientContext,
  { workflowId, latestRunId }: FoundMaintenance,
  { attributes = {} }: NamedRun,
  known: MaintenanceEntry,
): Promise<MaintenanceEntry> {
  const handle = context.client.workflow.getHandle(workflowId, latestRunId);
  const timeoutMs = Math.min(TEMPORAL_TIMEOUTS_MS.status, context.rpcTimeoutMs);
  try {
    const query = () => handle.query<MaintenanceProgress>(PROGRESS_QUERY);
    const { phase, isPaused, window, counts } = await callTemporal(
      context,
      'query',
      query,
      timeoutMs,
    );
    return { ...known, outcome: null, phase, isPaused, window, counts };
  } catch {
    const isAwaiting = attributes[SEARCH_ATTRIBUTES.status] === 'AWAITING_APPROVAL';
    const problem = 'no worker answered: window and counts are not known';
    return { ...known, outcome: null, phase: isAwaiting ? 'AWAITING_APPROVAL' : null, problem };
  }
}

async function readEnded(
  context: ClientContext,
  found: FoundMaintenance,
  known: MaintenanceEntry,
): Promise<MaintenanceEntry> {
  const ending = await readMaintenanceEnding(context, found, context.rpcTimeoutMs);
  switch (ending.kind) {
    case 'reported': {
      const { outcome, window, counts, startedAt } = ending.result;
      return { ...known, outcome, window, counts, startedAt };
    }
    case 'invalid-input':
      return { ...known, outcome: 'INVALID_INPUT' };
    case 'cancelled':
      return { ...known, outcome: 'CANCELLED' };
    case 'no-result':
      return { ...known, problem: ending.detail };
  }
}
