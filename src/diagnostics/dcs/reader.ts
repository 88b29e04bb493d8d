import type { DcsClient } from '../../dcs/index.js';

/** The readings of a DCS client. Diagnostics are given this and nothing else, so they cannot swap. */
export type DcsReader = Readonly<
  Pick<
    DcsClient,
    | ('projectId' | 'showInstance' | 'showTags' | 'listNodes' | 'listGroups')
    | ('listTasks' | 'listCenterTasks' | 'showJob')
  >
>;

/** Takes the readings, and only them, out of a client. */
export function toReader(client: DcsClient): DcsReader {
  const { projectId, showInstance, showTags, listNodes, listGroups } = client;
  const { listTasks, listCenterTasks, showJob } = client;
  return Object.freeze({
    ...{ projectId, showInstance, showTags, listNodes, listGroups },
    ...{ listTasks, listCenterTasks, showJob },
  });
}
