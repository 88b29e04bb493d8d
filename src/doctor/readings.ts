/** The readings of one instance, one after the other, each with a deadline and none repeated. */
import { DcsError } from '../dcs/index.js';
import type {
  Answer,
  InstanceDetails,
  InstanceTag,
  JobInfo,
  NodeInfo,
  TaskInfo,
} from '../dcs/index.js';
import { timeoutSignal } from '../util.js';

import type { DcsReader } from './open-project.js';

/** Longest time for one reading, in milliseconds. */
export const READ_DEADLINE_MS = 5_000;

/** What a reading led to. */
export type ReadResult<T = unknown> =
  { readonly value: T; readonly error: null } | { readonly value: null; readonly error: unknown };

/** What the readings of an instance led to; a reading that was not made is absent. */
export interface DoctorReadings {
  readonly showInstance?: ReadResult<InstanceDetails>;
  readonly showTags?: ReadResult<readonly InstanceTag[]>;
  readonly listNodes?: ReadResult<readonly NodeInfo[]>;
  readonly listGroups?: ReadResult<readonly NodeInfo[]>;
  readonly listTasks?: ReadResult<readonly TaskInfo[]>;
  readonly showJob?: ReadResult<JobInfo>;
  /** This machine's clock minus the API's, by the first answer that reported the time; milliseconds. */
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

type ReadCall = (
  reader: DcsReader,
  target: ReadTarget,
  signal: AbortSignal,
) => Promise<Answer<unknown>>;

const CALLS: Record<ReadName, ReadCall> = {
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
): Promise<DoctorReadings> {
  const results: Partial<Record<ReadName, ReadResult>> = {};
  let skewMs: number | null = null;
  for (const read of reads) {
    const { result, skew } = await readOnce(read, reader, target, signal);
    results[read] = result;
    skewMs ??= skew;
    if (result.error !== null && stopsAt(result.error)) break;
  }
  return { ...results, skewMs } as DoctorReadings;
}

async function readOnce(
  read: ReadName,
  reader: DcsReader,
  target: ReadTarget,
  signal: AbortSignal,
): Promise<{ readonly result: ReadResult; readonly skew: number | null }> {
  const startedMs = Date.now();
  const deadline = timeoutSignal(READ_DEADLINE_MS);
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

// The readings of a switchover and the IAM actions that they need, as data.

/** Name of a reading. */
export type ReadName =
  'showInstance' | 'showTags' | 'listNodes' | 'listGroups' | 'listTasks' | 'showJob';

/** One reading. */
export interface ReadRule {
  readonly read: ReadName;
  /** Id of its check. */
  readonly id: string;
  /** IAM action by its API page (ListGroupReplicationInfo, ListBackgroundTask, ShowJobInfo, …). */
  readonly action: string;
  /** What of it is not sure; `null` where the page of the operation names the action. */
  readonly uncertainty: string | null;
}

/** In the order in which a switchover uses them. */
export const READ_RULES: readonly ReadRule[] = [
  { read: 'showInstance', id: 'read-instance', action: 'dcs:instance:get', uncertainty: null },
  {
    read: 'listNodes',
    id: 'read-nodes',
    action: 'dcs:instance:get',
    uncertainty: 'its page names no action of its own',
  },
  { read: 'listGroups', id: 'read-groups', action: 'dcs:instance:get', uncertainty: null },
  {
    read: 'listTasks',
    id: 'read-tasks',
    action: 'dcs:instance:getBackgroundTask',
    uncertainty: null,
  },
  { read: 'showJob', id: 'read-job', action: 'dcs:job:get', uncertainty: null },
];

/** Needed only where an allow or deny rule is about tags: an instance's own page may not show them. */
export const TAGS_RULE: ReadRule = {
  ...{ read: 'showTags', id: 'read-tags', action: 'dcs:tag:get', uncertainty: null },
};

/** The action that only the PUT itself can prove. */
export const SWAP_ACTION = 'dcs:instance:swap';

/** Everything that a worker's credential needs, and no more. */
export const REQUIRED_ACTIONS: readonly string[] = [
  ...new Set([...READ_RULES.map(({ action }) => action), SWAP_ACTION]),
];

/** No instance has this id: asking for it shows whether one may ask. */
export const ABSENT_INSTANCE_ID = '00000000-0000-0000-0000-000000000000';

/** No job has this id. */
export const ABSENT_JOB_ID = '00000000000000000000000000000000';
