/** The readings of one instance, one after the other, each with a deadline and none repeated. */
import type {
  Answer,
  InstanceDetails,
  InstanceTag,
  JobInfo,
  NodeInfo,
  TaskInfo,
} from '../dcs/index.js';
import { DcsError } from '../dcs/index.js';

import type { ReadName } from '../diagnostics/dcs/actions.js';
import type { DcsReader } from '../diagnostics/dcs/reader.js';

/** Longest time for one reading, in milliseconds. */
export const READ_DEADLINE_MS = 5_000;

/** What a reading led to. */
export type ReadResult<T = unknown> =
  { readonly value: T; readonly error: null } | { readonly value: null; readonly error: unknown };

/** What the readings of an instance led to; a reading that was not made is absent. */
export interface Readings {
  readonly showInstance?: ReadResult<InstanceDetails>;
  readonly showTags?: ReadResult<readonly InstanceTag[]>;
  readonly listNodes?: ReadResult<readonly NodeInfo[]>;
  readonly listGroups?: ReadResult<readonly NodeInfo[]>;
  readonly listTasks?: ReadResult<readonly TaskInfo[]>;
  readonly showJob?: ReadResult<JobInfo>;
  /** This machine's clock minus the API's, by the first answer that told the time; milliseconds. */
  readonly skewMs: number | null;
}

/** What is read. */
export interface ReadTarget {
  readonly instanceId: string;
  readonly jobId: string | null;
}

/** Options of {@link readAll}. */
export interface ReadAllOptions {
  readonly reads: readonly ReadName[];
  /** Whether this failure makes further readings pointless or harmful. */
  readonly stopsAt: (error: unknown) => boolean;
  readonly signal: AbortSignal;
}

/** Thrown in place of an abort: no answer in time. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';

  constructor(read: ReadName) {
    super(`${read}: no answer within ${READ_DEADLINE_MS / 1000} s`);
  }
}

type Call = (
  reader: DcsReader,
  target: ReadTarget,
  signal: AbortSignal,
) => Promise<Answer<unknown>>;

const CALLS: Record<ReadName, Call> = {
  showInstance: (reader, { instanceId }, signal) => reader.showInstance(instanceId, { signal }),
  showTags: (reader, { instanceId }, signal) => reader.showTags(instanceId, { signal }),
  listNodes: (reader, { instanceId }, signal) => reader.listNodes(instanceId, { signal }),
  listGroups: (reader, { instanceId }, signal) => reader.listGroups(instanceId, { signal }),
  listTasks: (reader, { instanceId }, signal) => reader.listTasks(instanceId, { signal }),
  showJob: (reader, { jobId }, signal) => reader.showJob(jobId ?? '', { signal }),
};

/** Makes the readings in their order, until one of them stops it. Never throws. */
export async function readAll(
  reader: DcsReader,
  target: ReadTarget,
  { reads, stopsAt, signal }: ReadAllOptions,
): Promise<Readings> {
  const results: Partial<Record<ReadName, ReadResult>> = {};
  let skewMs: number | null = null;
  for (const read of reads) {
    const { result, skew } = await readOnce(read, reader, target, signal);
    results[read] = result;
    skewMs ??= skew;
    if (result.error !== null && stopsAt(result.error)) break;
  }
  return { ...results, skewMs } as Readings;
}

async function readOnce(
  read: ReadName,
  reader: DcsReader,
  target: ReadTarget,
  signal: AbortSignal,
): Promise<{ readonly result: ReadResult; readonly skew: number | null }> {
  const startedMs = Date.now();
  const deadline = AbortSignal.timeout(READ_DEADLINE_MS);
  try {
    const either = AbortSignal.any([signal, deadline]);
    const { value, serverTimeMs } = await CALLS[read](reader, target, either);
    return { result: { value, error: null }, skew: skewOf(startedMs, serverTimeMs) };
  } catch (caught) {
    const error = signal.aborted || deadline.aborted ? new NoAnswerError(read) : caught;
    const serverTimeMs = error instanceof DcsError ? error.serverTimeMs : null;
    return { result: { value: null, error }, skew: skewOf(startedMs, serverTimeMs) };
  }
}

/** `Date` is cut to the second, so on average it is half a second old. */
const DATE_CUT_MS = 500;

function skewOf(startedMs: number, serverTimeMs: number | null): number | null {
  if (serverTimeMs === null) return null;
  const middleMs = (startedMs + Date.now()) / 2;
  return Math.round(middleMs - (serverTimeMs + DATE_CUT_MS));
}
