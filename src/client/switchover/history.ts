/** The runs of an instance, from Temporal's visibility and each run's own ending. Needs no worker. */
import { makeSwitchoverWorkflowId, SEARCH_ATTRIBUTES } from '../../contract/index.js';
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
import type { ResolvedSince } from '../../domain/resolved-since.js';
import { readInstanceName } from '../../domain/text.js';
import { callTemporal, isNotFound } from '../../temporal/rpc.js';
import type { ClientContext } from '../../temporal/rpc.js';
import { createPayloadReader } from '../../temporal/run-history.js';
import { isOpenStatus, listRuns } from '../../temporal/run-list.js';
import type { NamedRun } from '../../temporal/run-list.js';
import { phaseOf, traceSwaps } from '../../temporal/swap-trace.js';
import { iso, textOf } from '../../util.js';
import { checkNumber, NotFoundError } from '../errors.js';
import { readAsked } from '../ref.js';
import type { Asked, RunRef } from '../ref.js';

import { resolvedSince } from './resolved.js';
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
  /** Who asked, as the run reports it, else by its input; `null` where neither says. */
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
  /** How what it left unresolved, or could not find out, has been resolved since; absent where it has not. */
  readonly resolved?: ResolvedSince;
}

/** Reads the latest runs under the lock id; see `SwitchoverClient.history`. */
export async function readRuns(
  context: ClientContext,
  ref: InstanceRef,
  { limit = DEFAULT_LIMIT }: HistoryOptions = {},
): Promise<HistoryEntry[]> {
  checkRunRef(ref);
  const count = Math.trunc(checkNumber('limit', limit, { min: 1, max: MAX_HISTORY_LIMIT }));
  const listed = await callTemporal(context, 'list the runs', () =>
    listRuns(context.client, makeSwitchoverWorkflowId(ref), count),
  );
  const entries: HistoryEntry[] = [];
  for (let first = 0; first < listed.length; first += AT_ONCE) {
    const some = listed.slice(first, first + AT_ONCE);
    const read = await Promise.all(some.map((run) => readEntry(context, run, ref)));
    entries.push(...read.filter((entry) => entry !== null));
  }
  return entries.sort((a, b) => b.startedAt.localeCompare(a.startedAt));
}

/**
 * What is known of a listed run: of one that has closed and reported its end that is one question.
 *
 * @returns `null` for a run whose retention ended between the list and the look
 */
export async function readEntry(
  context: ClientContext,
  listed: NamedRun,
  ref: RunRef,
): Promise<HistoryEntry | null> {
  try {
    const run = await toKnownRun(context, listed, ref);
    const ending = run.isOpen ? null : await readEnding(context, run, context.rpcTimeoutMs);
    return await toEntry(context, run, ending);
  } catch (error) {
    if (error instanceof NotFoundError || isNotFound(error)) return null;
    throw error;
  }
}

/** What a list has of a run, as far as it needs no other question. */
type KnownRun = Pick<DescribedRun, 'ref' | 'workflowId' | 'isOpen'> & {
  readonly startedAt: string;
  readonly closedAt: string | null;
  /** As far as its starter knew it. */
  readonly nameAtStart: string | null;
  readonly maintenanceId: string | null;
};

/** What visibility calls closed has closed; what it calls open may have closed since, so that is asked for. */
async function toKnownRun(
  context: ClientContext,
  listed: NamedRun,
  ref: RunRef,
): Promise<KnownRun> {
  const { workflowId, runId, status, startedAtMs, closedAtMs = null, attributes = {} } = listed;
  const named = { ...ref, runId, taskQueue: listed.taskQueue };
  if (isOpenStatus(status) || closedAtMs === null) return describeKnown(context, named);
  // The memo stands beside the attributes, but may be encoded: it is read only for what they have not.
  const noted = async (name: string): Promise<string | null> => {
    const payload = listed.memo?.[name];
    const { client } = context;
    const { namespace } = client.options;
    if (payload === undefined) return null;
    const reader = createPayloadReader(client);
    return textOf(await reader.readFirst([payload], { type: 'workflow', namespace, workflowId }));
  };
  return {
    ...{ ref: named, workflowId, isOpen: false },
    ...{ startedAt: iso(startedAtMs), closedAt: iso(closedAtMs) },
    nameAtStart: readInstanceName(
      attributes[SEARCH_ATTRIBUTES.instanceName] ?? (await noted('instanceName')),
    ),
    maintenanceId: attributes[SEARCH_ATTRIBUTES.maintenanceId] ?? (await noted('maintenanceId')),
  };
}

async function describeKnown(context: ClientContext, ref: RunRef): Promise<KnownRun> {
  const run = await describeRun(context, ref);
  const { startTime, closeTime, memo } = run.description;
  return {
    ...run,
    startedAt: startTime.toISOString(),
    closedAt: closeTime?.toISOString() ?? null,
    nameAtStart: nameAtStart(run),
    maintenanceId: textOf(memo?.['maintenanceId']),
  };
}

async function toEntry(
  context: ClientContext,
  run: KnownRun,
  ending: Ending | null,
): Promise<HistoryEntry> {
  const reported = ending?.kind === 'reported' ? ending.result : null;
  const { asked, history, trace } =
    reported === null
      ? await readTrace(context, run)
      : { asked: await readAskedOf(context, run, reported), history: null, trace: reported };
  const { mode, requestedBy, changeId, examinedRunId } = asked;
  const { swapsSent, swapsPossiblySent, swapsAccepted } = trace;
  const outcome = ending === null ? null : (outcomeOf(ending, history) ?? 'CANCELLED');
  const resolved = outcome === 'UNKNOWN' ? await resolvedSince(context, run.ref, asked) : null;
  return {
    ...describeEntry(run, trace),
    mode,
    requestedBy,
    changeId,
    outcome,
    cause: causeOf(ending),
    phase: run.isOpen && history !== null ? phaseOf(history) : null,
    swapsSent,
    ...(swapsPossiblySent === undefined ? {} : { swapsPossiblySent }),
    swapsAccepted,
    examinedRunId,
    ...(resolved === null ? {} : { resolved }),
  };
}

/** As the run itself reported it; by its input, where its version did not report all of it. */
async function readAskedOf(
  context: ClientContext,
  run: KnownRun,
  { mode, requestedBy, changeId, examinedRunId = null }: Partial<SwitchoverResult>,
): Promise<AskedOfRun> {
  if (mode === undefined || requestedBy === undefined || changeId === undefined) {
    const asked = readAsked(await readRunInput(context, run));
    return { ...asked, examinedRunId: examinedRunId ?? asked.examinedRunId };
  }
  return { mode, requestedBy, changeId, examinedRunId };
}

type AskedOfRun = Pick<Asked, 'mode' | 'requestedBy' | 'changeId' | 'examinedRunId'>;

type SeenOfRun = Pick<SwitchoverResult, 'instanceName' | 'before' | 'after'>;

/** Which run it is, and what it has seen. */
function describeEntry(run: KnownRun, { instanceName, before, after }: SeenOfRun) {
  const { ref, startedAt, closedAt, maintenanceId } = run;
  return {
    runId: ref.runId,
    instanceName: readInstanceName(instanceName) ?? run.nameAtStart,
    ...{ startedAt, closedAt },
    from: masterOf(before),
    to: masterOf(after),
    maintenanceId,
  };
}

function masterOf(roles: RolesSnapshot | null): ObservedMaster | null {
  const master = roles === null ? null : onlyMaster(roles);
  const nodeId = master?.nodeId ?? null;
  return nodeId === null ? null : { nodeId, availabilityZone: master?.availabilityZone ?? null };
}

/** What the history proves, of a run without a result (yet). */
async function readTrace(context: ClientContext, run: KnownRun) {
  const history = await readRunHistory(context, run);
  return { asked: readAsked(history.input), history, trace: traceSwaps(history) };
}

function causeOf(ending: Ending | null): string | null {
  if (ending?.kind === 'reported') return ending.result.cause;
  return ending?.kind === 'no-result' ? ending.cause : null;
}
