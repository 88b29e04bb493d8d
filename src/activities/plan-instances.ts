import { MAX_MAINTENANCE_INSTANCES } from '../contract/index.js';
import { DcsError } from '../dcs/index.js';
import type { InstanceDetails, NodeInfo } from '../dcs/index.js';
import { fitOf } from '../domain/selector.js';
import type { SelectionSubject } from '../domain/selector.js';
import type { WellFormedMaintenance } from '../schema/index.js';

import { TooManyInstancesError } from './plan/errors.js';
import { mayPass } from './plan-readings.js';
import type { PlanReader } from './plan/reader.js';

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
 * asked: the one for names is fuzzy, and the one for tags cannot tell a comma in a value.
 *
 * @throws DcsError; TooManyInstancesError
 */
export async function findCandidates(
  reader: PlanReader,
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
async function readAllNodes(reader: PlanReader): ReturnType<PlanReader['allNodes']> {
  try {
    return await reader.allNodes();
  } catch (error) {
    const isUnavailable = error instanceof DcsError && (!mayPass(error) || error.status === 200);
    if (!isUnavailable || error.status === 401) throw error;
    return new Map();
  }
}
