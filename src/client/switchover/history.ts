/** The runs of an instance, from Temporal's visibility and each run's own ending. Needs no worker. */
import { makeSwitchoverWorkflowId } from '../../contract/index.js';
import type {
  InstanceRef,
  Mode,
  ObservedMaster,
  Outcome,
  Phase,
  RolesSnapshot,
  SwitchoverResult,
} from '../../contract/index.js';
import { onlyMaster } from '../../domain/identity.js';
import { readInstanceName } from '../../domain/text.js';
import { listRuns } from '../../temporal/run-list.js';
import { phaseOf, traceSwaps } from '../../temporal/swap-trace.js';
import { textOf } from '../../util.js';

import { callTemporal } from '../../temporal/rpc.js';
import type { ClientContext } from '../../temporal/rpc.js';
import { checkNumber, NotFoundError } from '../errors.js';
import { readAsked } from '../ref.js';
import type { RunRef } from '../ref.js';
import { outcomeOf, readEnding } from './result.js';
import type { Ending } from './result.js';
import { checkRunRef, describeRun, nameAtStart, readRunHistory, readRunInput } from './run.js';
import type { DescribedRun } from './run.js';

/** How many runs are reported where nothing else is asked, and at most. */
const DEFAULT_LIMIT = 20;
const MAX_HISTORY_LIMIT = 200;

/** How many runs are read at the same time: quick for people, gentle with the server. */
const AT_ONCE = 8;

/** Options of `history`. */
export interface HistoryOptions {
  /** Latest first; 1 to 200. @default 20 */
  readonly limit?: number | undefined;
}

/** One run, no matter who started it and by whatever means. */
export interface HistoryEntry {
  readonly runId: string;
  /** Name of the instance; `null` where no one has read it. */
  readonly instanceName: string | null;
  /** RFC 3339. */
  readonly startedAt: string;
  /** RFC 3339; `null` while it is open. */
  readonly closedAt: string | null;
  readonly mode: Mode;
  /** Who asked, by the run's own input; `null` where that does not say. */
  readonly requestedBy: string | null;
  readonly changeId: string | null;
  /** `null` while it is open. */
  readonly outcome: Outcome | 'CANCELLED' | null;
  readonly cause: string | null;
  /** Of an open run, by its history; `null` once it has ended. */
  readonly phase: Phase | null;
  /** The master before and after, as last read; `null` where it was not. */
  readonly from: ObservedMaster | null;
  readonly to: ObservedMaster | null;
  /** The maintenance that it is part of; `null`: none. */
  readonly maintenanceId: string | null;
  /** PUTs handed to a connected socket, or that may have been. */
  readonly swapsSent: number;
  /** How many of them no one can vouch for; absent of runs of earlier versions. */
  readonly swapsPossiblySent?: number;
  readonly swapsAccepted: number;
  /** The run that it judged (`verify`, `adopt`). */
  readonly examinedRunId: string | null;
}

/** Reads the latest runs under the lock id; see `SwitchoverClient.history`. */
export async function readRuns(
  context: ClientContext,
  ref: InstanceRef,
  { limit = DEFAULT_LIMIT }: HistoryOptions = {},
): Promise<HistoryEntry[]> {
  checkRunRef(ref);
  const count = Math.trunc(checkNumber('limit', limit, { min: 1, max: MAX_HISTORY_LIMIT }));
  const runIds = await listRunIds(context, makeSwitchoverWorkflowId(ref), count);
  const entries: HistoryEntry[] = [];
  for (let first = 0; first < runIds.length; first += AT_ONCE) {
    const some = runIds.slice(first, first + AT_ONCE);
    const read = await Promise.all(some.map((runId) => readEntry(context, { ...ref, runId })));
    entries.push(...read.filter((entry) => entry !== null));
  }
  return entries.sort((a, b) => b.startedAt.localeCompare(a.startedAt));
}

/** Visibility lists the latest first. */
async function listRunIds(
  context: ClientContext,
  workflowId: string,
  count: number,
): Promise<string[]> {
  const runs = await callTemporal(context, 'list the runs', () =>
    listRuns(context.client, workflowId, count),
  );
  return runs.map(({ runId }) => runId);
}

/** `null` for a run whose retention ended between the list and the look. */
export async function readEntry(context: ClientContext, ref: RunRef): Promise<HistoryEntry | null> {
  try {
    const run = await describeRun(context, ref);
    const ending = run.isOpen ? null : await readEnding(context, run, context.rpcTimeoutMs);
    return await toEntry(context, run, ending);
  } catch (error) {
    if (error instanceof NotFoundError) return null;
    throw error;
  }
}

async function toEntry(
  context: ClientContext,
  run: DescribedRun,
  ending: Ending | null,
): Promise<HistoryEntry> {
  const reported = ending?.kind === 'reported' ? ending.result : null;
  const { input, history, trace } =
    reported === null
      ? await readTrace(context, run)
      : { input: await readRunInput(context, run), history: null, trace: reported };
  const { mode, requestedBy, changeId, examinedRunId } = readAsked(input);
  const { swapsSent, swapsPossiblySent, swapsAccepted } = trace;
  return {
    ...describeEntry(run, trace),
    mode,
    requestedBy,
    changeId,
    outcome: ending === null ? null : (outcomeOf(ending, history) ?? 'CANCELLED'),
    cause: causeOf(ending),
    phase: run.isOpen && history !== null ? phaseOf(history) : null,
    swapsSent,
    ...(swapsPossiblySent === undefined ? {} : { swapsPossiblySent }),
    swapsAccepted,
    examinedRunId: reported?.examinedRunId ?? examinedRunId,
  };
}

type SeenOfRun = Pick<SwitchoverResult, 'instanceName' | 'before' | 'after'>;

/** Which run it is, and what it has seen. */
function describeEntry(run: DescribedRun, { instanceName, before, after }: SeenOfRun) {
  const { description, ref } = run;
  return {
    runId: ref.runId,
    instanceName: readInstanceName(instanceName) ?? nameAtStart(run),
    startedAt: description.startTime.toISOString(),
    closedAt: description.closeTime?.toISOString() ?? null,
    from: masterOf(before),
    to: masterOf(after),
    maintenanceId: textOf(description.memo?.['maintenanceId']),
  };
}

function masterOf(roles: RolesSnapshot | null): ObservedMaster | null {
  const master = roles === null ? null : onlyMaster(roles);
  const nodeId = master?.nodeId ?? null;
  return nodeId === null ? null : { nodeId, availabilityZone: master?.availabilityZone ?? null };
}

/** What the history proves, of a run without a result (yet). */
async function readTrace(context: ClientContext, run: DescribedRun) {
  const history = await readRunHistory(context, run);
  return { input: history.input, history, trace: traceSwaps(history) };
}

function causeOf(ending: Ending | null): string | null {
  if (ending?.kind === 'reported') return ending.result.cause;
  return ending?.kind === 'no-result' ? ending.cause : null;
}
