import { MAX_MAINTENANCE_INSTANCES } from '../contract/index.js';
import { DcsError } from '../dcs/index.js';
import type { InstanceDetails, NodeInfo } from '../dcs/index.js';
import { observedMaster } from '../domain/maintenance/ending.js';
import { fitOf } from '../domain/policy.js';
import type { SelectionSubject } from '../domain/policy.js';
import type { WellFormedMaintenance } from '../schema/index.js';

import { toRolesSnapshot } from './clock.js';
import { explain, InstancesUnreadableError, TooManyInstancesError } from './errors.js';
import { mayPass } from './maintenance-readings.js';
import type { InstanceReader, Inspection } from './maintenance-readings.js';
import { isWithoutTurn } from './turns.js';

/** From so many instances on, one list of all nodes is cheaper than the nodes of each. */
const MIN_FOR_LIST = 8;

/** An instance that is to be looked at, with what lists have shown of it. */
export interface Candidate {
  readonly instanceId: string;
  /** `null` where it was named by its id. */
  readonly listed: InstanceDetails | null;
  /** `null` where they have not been read. */
  readonly nodes: readonly NodeInfo[] | null;
}

/**
 * The instances that are meant: those that are named, in that order, or those that the selector may mean,
 * by name and id. What lists do not show is judged later, when it has been read. The API's own filters are not
 * asked: the one for names is fuzzy, and the one for tags cannot distinguish a comma in a value.
 *
 * @throws DcsError; TooManyInstancesError
 */
export async function findCandidates(
  reader: InstanceReader,
  { instanceIds, selector }: WellFormedMaintenance,
): Promise<Candidate[]> {
  if (instanceIds !== undefined)
    return instanceIds.map((instanceId) => ({ instanceId, listed: null, nodes: null }));
  const mayFit = (subject: SelectionSubject): boolean => fitOf(selector ?? {}, subject) !== false;
  const listed = (await reader.instances())
    .filter(({ name, tags }) => mayFit({ name, tags, masterAvailabilityZone: null }))
    .sort(byNameAndId);
  const zone = selector?.masterAvailabilityZone;
  if (zone === undefined) assertNotTooMany(listed.length);
  const nodes = listed.length >= MIN_FOR_LIST ? await readAllNodes(reader) : null;
  return listed
    .map((details) => {
      const instanceId = details.instanceId ?? '';
      return { instanceId, listed: details, nodes: nodes?.get(instanceId) ?? null };
    })
    .filter(({ listed: { name, tags }, nodes: known }) =>
      mayFit({ name, tags, masterAvailabilityZone: masterZoneOf(known) }),
    );
}

/** Zone of the master, where it is known: then nothing else of an instance elsewhere has to be read. */
function masterZoneOf(nodes: Candidate['nodes']): string | null {
  const [master, ...others] = (nodes ?? []).filter(({ role }) => role === 'master');
  return master !== undefined && others.length === 0 ? master.availabilityZone : null;
}

/** @throws TooManyInstancesError */
export function assertNotTooMany(count: number): void {
  if (count > MAX_MAINTENANCE_INSTANCES)
    throw new TooManyInstancesError(count, MAX_MAINTENANCE_INSTANCES);
}

function byNameAndId(a: InstanceDetails, b: InstanceDetails): number {
  return compare(a.name ?? '', b.name ?? '') || compare(a.instanceId ?? '', b.instanceId ?? '');
}

/** By code units: the order must not depend on the worker's language. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Saves calls, no more: where it does not answer, the nodes of each instance are read. */
async function readAllNodes(reader: InstanceReader): ReturnType<InstanceReader['allNodes']> {
  try {
    return await reader.allNodes();
  } catch (error) {
    const isUnavailable = error instanceof DcsError && (!mayPass(error) || error.status === 200);
    if (!isUnavailable || error.status === 401) throw error;
    return new Map();
  }
}

/**
 * An outage is no answer at all, for any instance; of a large maintenance it is taken for one after so many instances,
 * so that an API that is down is not asked a thousand times.
 */
const OUTAGE = 50;

/** Looks at instances, one after the other or side by side. */
export type Inspect = (candidate: Candidate) => Promise<Inspection>;

/**
 * Prepares the look at instances. What cannot be read of one is reported in its inspection, however many there are
 * of them: once the API has answered for any, what fails is theirs.
 *
 * @param count how many instances there are to look at
 * @param needsTags whether an instance cannot be judged without its tags: then they are asked for
 * @throws InstancesUnreadableError when a failure holds for all: a refused credential, or an outage
 */
export function createInspect(
  reader: InstanceReader,
  count: number,
  needsTags: (instanceId: string, details: InstanceDetails | null) => boolean,
): Inspect {
  let unanswered = 0;
  let isAnswering = false;
  const attempt = async <T>(read: () => Promise<T>): Promise<Attempt<T>> => {
    try {
      const value = await read();
      isAnswering = true;
      return { value };
    } catch (error) {
      if (!(error instanceof DcsError)) throw error;
      if (mayPass(error)) unanswered += 1;
      else isAnswering = true;
      const isDown = !isAnswering && unanswered >= Math.min(count, OUTAGE);
      if (error.status === 401 || isWithoutTurn(error) || isDown)
        throw new InstancesUnreadableError(explain(error));
      return { why: explain(error) };
    }
  };
  const readNodes = async ({
    instanceId,
    nodes,
  }: Candidate): Promise<Attempt<Candidate['nodes']>> => {
    if (nodes !== null) return { value: nodes };
    const read = await attempt(() => reader.nodes(instanceId));
    return 'why' in read ? read : { value: read.value.value };
  };
  const readTags = async (
    { instanceId, listed }: Candidate,
    page: InstanceDetails,
  ): Promise<Attempt<Inspection['tags']>> => {
    const shown = page.tags ?? listed?.tags ?? null;
    if (shown !== null || !needsTags(instanceId, page)) return { value: shown };
    return attempt(() => reader.tags(instanceId));
  };
  return async (candidate) => {
    const { instanceId, listed } = candidate;
    const page = await attempt(() => reader.instance(instanceId));
    if ('why' in page) return toInspection(candidate, listed, page, page);
    const details = page.value.value;
    const rows = await readNodes(candidate);
    return toInspection(candidate, details, rows, await readTags(candidate, details));
  };
}

type Attempt<T> = { readonly value: T } | { readonly why: string };

/** Rows and tags that could not be read fall back on what the lists have shown. */
function toInspection(
  { instanceId, listed, nodes }: Candidate,
  details: Inspection['details'],
  rows: Attempt<Candidate['nodes']>,
  tags: Attempt<Inspection['tags']>,
): Inspection {
  const known = 'value' in rows ? rows.value : nodes;
  const roles = known === null ? null : toRolesSnapshot(known);
  const failed = [rows, tags].find((reading) => 'why' in reading);
  return {
    ...{ instanceId, details, roles },
    tags: 'value' in tags ? tags.value : (listed?.tags ?? null),
    master: roles === null ? null : observedMaster(roles),
    unreadable: failed?.why ?? null,
  };
}
