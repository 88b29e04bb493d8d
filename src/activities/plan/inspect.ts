import type { RolesSnapshot, SeenMaster } from '../../contract/index.js';
import { DcsError } from '../../dcs/index.js';
import type { InstanceDetails } from '../../dcs/index.js';
import { seenMaster } from '../../domain/maintenance/ending.js';

import { explain } from '../explain.js';
import { toRolesSnapshot } from '../snapshots.js';

import { InstancesUnreadableError } from './errors.js';
import { mayPass } from './patience.js';
import type { PlanReader } from './reader.js';
import type { Candidate } from './select.js';

/** So many readings in a row that failed although they were repeated: the API is down, not one instance. */
const OUTAGE = 3;

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
 * Prepares the look at instances. What cannot be read of one is told in its inspection.
 *
 * @param needsTags whether an instance cannot be judged without its tags: then they are asked for
 * @throws InstancesUnreadableError when a failure holds for all: a refused credential, or an outage
 */
export function createInspect(
  reader: PlanReader,
  needsTags: (instanceId: string, details: InstanceDetails | null) => boolean,
): Inspect {
  let failuresInARow = 0;
  const attempt = async <T>(read: () => Promise<T>): Promise<{ value: T } | { why: string }> => {
    try {
      const value = await read();
      failuresInARow = 0;
      return { value };
    } catch (error) {
      if (!(error instanceof DcsError)) throw error;
      failuresInARow = mayPass(error) ? failuresInARow + 1 : 0;
      if (error.status === 401 || failuresInARow >= OUTAGE)
        throw new InstancesUnreadableError(explain(error));
      return { why: explain(error) };
    }
  };
  return async ({ instanceId, listed, nodes }) => {
    const page = await attempt(() => reader.instance(instanceId));
    const rows =
      nodes !== null
        ? { value: { value: nodes } }
        : 'why' in page
          ? page
          : await attempt(() => reader.nodes(instanceId));
    const details = 'value' in page ? page.value.value : listed;
    const shown = details?.tags ?? listed?.tags ?? null;
    const tags =
      shown === null && !('why' in page) && needsTags(instanceId, details)
        ? await attempt(() => reader.tags(instanceId))
        : { value: shown };
    const roles = 'value' in rows ? toRolesSnapshot(rows.value.value) : null;
    const failed = [page, rows, tags].find((reading) => 'why' in reading);
    return {
      instanceId,
      details,
      tags: 'value' in tags ? tags.value : null,
      roles,
      master: roles === null ? null : seenMaster(roles),
      unreadable: failed?.why ?? null,
    };
  };
}
