/** What was seen of an account: plain data, from which every answer is found. Bodies stay as they came. */
import type { DataPlaneReport } from '../contract/index.js';
import { endOfJob } from '../domain/tasks.js';
import { fieldsOf, isRecord, textOf } from '../util.js';

/** What a reading was about. `other-…`: of another instance of the project; `absent-job`: of a job that no one knows. */
export type Topic =
  | ('instance' | 'tags' | 'nodes' | 'tasks' | 'job' | 'instances' | 'centre')
  | ('other-instance' | 'other-tags' | 'paged-tasks' | 'all-nodes' | 'absent-job' | 'unknown-key');

/** The swap away from the first master, and the one back to it. */
export type Leg = 'there' | 'back';

/** One call and its answer. Times by the monotonic clock of this machine, in milliseconds. */
export interface Reading {
  readonly topic: Topic;
  /** `null`: before the first swap, or after the last one. */
  readonly leg: Leg | null;
  /** Not later than it was sent. */
  readonly sentAtMs: number;
  readonly answeredAtMs: number;
  /** `null`: no answer. */
  readonly status: number | null;
  /** The parsed body; `null` where it was none. */
  readonly body: unknown;
}

/** A swap by a run, and how that run ended. */
export interface SwapSeen {
  readonly leg: Leg;
  /** Outcome of the run. */
  readonly outcome: string;
  readonly cause: string | null;
  /** What the run says; holds ids. */
  readonly message: string;
  /** Of the accepted PUT; `null`: none is known. */
  readonly jobId: string | null;
  /** The PUT was accepted between these two, by the clock of the readings. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** What Redis itself showed; absent or `null`: it was not asked. */
  readonly dataPlane?: DataPlaneReport | null;
}

/** Everything that was seen, in the order of the calls. */
export interface Observations {
  readonly instanceId: string;
  readonly region: string;
  /** Origin of the API. */
  readonly endpoint: string;
  readonly readings: readonly Reading[];
  readonly swaps: readonly SwapSeen[];
}

/** An object of a body. */
export type Row = Readonly<Record<string, unknown>>;

/** The answered readings of a topic. */
export function answered({ readings }: Observations, topic: Topic): readonly Reading[] {
  return readings.filter((each) => each.topic === topic && each.status === 200);
}

/** The last answered one; `null`: there is none. */
export function lastOf(seen: Observations, topic: Topic): Reading | null {
  return answered(seen, topic).at(-1) ?? null;
}

/** Whether ShowTags had any; `null`: it was not answered. */
export function isTagged(seen: Observations, topic: 'tags' | 'other-tags'): boolean | null {
  const tags = lastOf(seen, topic);
  return tags === null ? null : rowsOf(tags, 'tags').length > 0;
}

/** The rows of a list in a body. */
export function rowsOf({ body }: Pick<Reading, 'body'>, list: string): readonly Row[] {
  const rows = fieldsOf(body)[list];
  return Array.isArray(rows) ? rows.filter(isRecord) : [];
}

/** The data nodes of a reading of `nodes`. */
export function nodesOf(reading: Reading): readonly Row[] {
  return rowsOf(reading, 'nodes').filter((row) => row['node_role'] !== 'redis-proxy');
}

/** The master of a reading of `nodes`; `null`: none, or several. */
export function masterOf(reading: Reading): Row | null {
  const masters = nodesOf(reading).filter((row) => row['node_type'] === 'master');
  return masters.length === 1 ? (masters[0] ?? null) : null;
}

/** By which a change of the master is noticed, whichever of them belong to the role. */
const MASTER_FIELDS = ['node_id', 'replication_id', 'node_ip', 'az_code', 'logical_node_id'];

/** How the roles moved in one leg. */
export interface RoleChange {
  /** The last reading before the swap. */
  readonly before: Reading;
  /** The last one that showed the prior roles, and the first that did not. */
  readonly lastOld: Reading;
  readonly firstNew: Reading;
}

/** The change of roles that the lists showed; `null`: none was seen. */
export function roleChangeOf(
  seen: Observations,
  { leg, notBeforeMs }: SwapSeen,
): RoleChange | null {
  const all = answered(seen, 'nodes').filter((each) => masterOf(each) !== null);
  const before = all.findLast((each) => each.answeredAtMs <= notBeforeMs);
  if (before === undefined) return null;
  const during = all.filter((each) => each.leg === leg && each.answeredAtMs > notBeforeMs);
  const at = during.findIndex((each) => hasMoved(before, each));
  const firstNew = during[at];
  return firstNew === undefined ? null : { before, lastOld: during[at - 1] ?? before, firstNew };
}

function hasMoved(before: Reading, now: Reading): boolean {
  const [was, is] = [fieldsOf(masterOf(before)), fieldsOf(masterOf(now))];
  return MASTER_FIELDS.some((field) => was[field] !== is[field]);
}

/** The job of a swap, as far as it was seen. */
export interface JobSeen {
  /** Readings of it while it went on. */
  readonly open: readonly Reading[];
  /** The first that showed its end. */
  readonly ended: Reading | null;
}

/** The readings of a swap's job. */
export function jobOf(seen: Observations, { jobId }: Pick<SwapSeen, 'jobId'>): JobSeen {
  const own = answered(seen, 'job').filter(
    ({ body }) => jobId !== null && fieldsOf(body)['job_id'] === jobId,
  );
  const isOver = ({ body }: Reading): boolean =>
    endOfJob(textOf(fieldsOf(body)['status'])) !== null;
  return { open: own.filter((each) => !isOver(each)), ended: own.find(isOver) ?? null };
}

/** The task row of a swap of ours. */
export interface TaskSeen {
  readonly row: Row;
  /** What leads from our job to it; `only-new`: nothing but that no other row is new. */
  readonly by: 'job id' | 'task id' | 'task centre' | 'only-new';
  /** The last answered list without it since the PUT may have been accepted, and the first with it. */
  readonly lastWithout: Reading | null;
  readonly firstWith: Reading;
}

/** The task row of a swap; `null`: it was not seen, or more than one row may be it. */
export function taskOf(seen: Observations, swap: SwapSeen): TaskSeen | null {
  const lists = answered(seen, 'tasks');
  const since = lists.filter(({ answeredAtMs }) => answeredAtMs > swap.notBeforeMs);
  const ofLeg = since.filter(({ leg }) => leg === swap.leg);
  const known = lists.filter((each) => !since.includes(each)).flatMap(taskIdsOf);
  const rows = ofLeg.flatMap((each) => rowsOf(each, 'tasks'));
  const fresh = rows.filter((row) => !known.includes(row['id']));
  const found = findOwn(seen, swap, fresh);
  if (found === null) return null;
  const at = ofLeg.findIndex((each) => taskIdsOf(each).includes(found.row['id']));
  const firstWith = ofLeg[at];
  return firstWith === undefined
    ? null
    : { ...found, firstWith, lastWithout: ofLeg[at - 1] ?? null };
}

const taskIdsOf = (reading: Reading): readonly unknown[] =>
  rowsOf(reading, 'tasks').map((row) => row['id']);

function findOwn(
  seen: Observations,
  { jobId }: SwapSeen,
  fresh: readonly Row[],
): Pick<TaskSeen, 'row' | 'by'> | null {
  if (jobId === null) return null;
  const centre = answered(seen, 'centre').flatMap((each) => rowsOf(each, 'tasks'));
  const idInCentre = centre.find((row) => row['job_id'] === jobId)?.['id'];
  const proofs = [
    ['job id', (row: Row) => row['job_id'] === jobId],
    ['task id', (row: Row) => row['id'] === jobId],
    ['task centre', (row: Row) => row['id'] === idInCentre],
  ] as const;
  for (const [by, proves] of proofs) {
    const row = fresh.find(proves);
    if (row !== undefined) return { row, by };
  }
  const [row] = fresh;
  const isOnly = row !== undefined && fresh.every((each) => each['id'] === row['id']);
  return isOnly ? { row, by: 'only-new' } : null;
}
