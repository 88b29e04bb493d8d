import type { RolesSnapshot, SeenMaster } from '../../contract/index.js';
import { DcsError } from '../../dcs/index.js';
import type { InstanceDetails } from '../../dcs/index.js';
import { seenMaster } from '../../domain/maintenance/ending.js';

import { explain } from '../explain.js';
import { toRolesSnapshot } from '../snapshots.js';
import { isWithoutTurn } from '../turns.js';

import { InstancesUnreadableError } from './errors.js';
import { mayPass } from '../plan-readings.js';
import type { PlanReader } from './reader.js';
import type { Candidate } from '../plan-instances.js';

/**
 * An outage is no answer at all, for any instance; of a large plan it is taken for one after so many instances,
 * so that an API that is down is not asked a thousand times.
 */
const OUTAGE = 50;

/** One instance as it was found. */
export interface Inspection {
  readonly instanceId: string;
  /** What the instance's own page shows, else what the list did; `null` where neither was read. */
  readonly details: InstanceDetails | null;
  /** As the instance's page, the list, or ShowTags shows them, in this order; `null`: not known. */
  readonly tags: InstanceDetails['tags'];
  readonly roles: RolesSnapshot | null;
  readonly master: SeenMaster | null;
  /** Why something of it could not be read, in words; `null` where all was. */
  readonly unreadable: string | null;
}

/** Looks at instances, one after the other or side by side. */
export type Inspect = (candidate: Candidate) => Promise<Inspection>;

/**
 * Prepares the look at instances. What cannot be read of one is told in its inspection, however many there are
 * of them: once the API has answered for any, what fails is theirs.
 *
 * @param count how many instances there are to look at
 * @param needsTags whether an instance cannot be judged without its tags: then they are asked for
 * @throws InstancesUnreadableError when a failure holds for all: a refused credential, or an outage
 */
export function createInspect(
  reader: PlanReader,
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
    master: roles === null ? null : seenMaster(roles),
    unreadable: failed?.why ?? null,
  };
}
