import type { NodeSnapshot, RolesSnapshot } from '../contract/index.js';
import type { InstanceDetails, NodeInfo } from '../dcs/index.js';

import { workerNowMs } from './clock.js';

/**
 * The API's node rows as a snapshot. A node whose role word is unknown counts as a replica: it may be
 * promoted for all we know, so every check looks at it.
 */
export function toRolesSnapshot(nodes: readonly NodeInfo[]): RolesSnapshot {
  const groups = new Map<string, NodeSnapshot[]>();
  for (const { groupId, role, ...node } of nodes) {
    const group = groups.get(groupId) ?? [];
    groups.set(groupId, [...group, { ...node, role: role ?? 'replica' }]);
  }
  return {
    observedAt: new Date(workerNowMs()).toISOString(),
    groups: [...groups].map(([groupId, members]) => ({ groupId, nodes: members })),
  };
}

/** What the instance itself says it is doing; `status` may stay RUNNING meanwhile (API page ShowInstance). */
export function toBusyWith(instance: InstanceDetails): string | null {
  const reasons = [
    instance.task === null ? null : `task ${instance.task}`,
    instance.serviceTaskId === null ? null : `service upgrade ${instance.serviceTaskId}`,
    instance.bandwidthTaskRunning ? 'a bandwidth change' : null,
  ].filter((reason) => reason !== null);
  return reasons.length === 0 ? null : reasons.join(' and ');
}
