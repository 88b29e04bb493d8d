import { activityInfo } from '@temporalio/activity';

import type { DcsClient, InstanceDetails, NodeInfo } from '../../dcs/index.js';
import type { Sighted } from '../../domain/facts.js';

import { createSession, readNodes } from '../session.js';
import { tagsOrUnknown } from '../tags.js';
import { turnUntil } from '../turns.js';

import { SHARE, createPatience } from '../plan-readings.js';

/** The readings of a plan; each is repeated while its failure may pass. */
export interface PlanReader {
  readonly instances: () => Promise<readonly InstanceDetails[]>;
  /** The nodes of all instances, by instance id. */
  readonly allNodes: () => Promise<ReadonlyMap<string, readonly NodeInfo[]>>;
  readonly instance: (instanceId: string) => Promise<Sighted<InstanceDetails>>;
  /** `null` where they are not shown to us. */
  readonly tags: (instanceId: string) => Promise<InstanceDetails['tags']>;
  readonly nodes: (instanceId: string) => Promise<Sighted<readonly NodeInfo[]>>;
  /** Request id of the last answer, for people who look at the running activity. */
  readonly lastRequestId: () => string | null;
}

/** Readings for the length of one execution; a refused credential is replaced once in it. */
export function createPlanReader(
  dcs: DcsClient,
  signal: AbortSignal,
  latestStartMs: number,
): PlanReader {
  const session = createSession(dcs);
  const { repeat } = createPatience(signal);
  // A lost worker's successor reads everything again; the activity's own time bounds it besides.
  const { currentAttemptScheduledTimestampMs, startToCloseTimeoutMs } = activityInfo();
  const ownEndMs = currentAttemptScheduledTimestampMs + startToCloseTimeoutMs * SHARE;
  const options = { signal, turn: turnUntil('planning', Math.min(latestStartMs, ownEndMs)) };
  return {
    instances: async () =>
      (await repeat(() => session.read(() => dcs.listInstances(options)))).value,
    allNodes: async () => {
      const { value } = await repeat(() => session.read(() => dcs.listAllNodes(options)));
      return new Map(value.map(({ instanceId, nodes }) => [instanceId, nodes]));
    },
    instance: (instanceId) =>
      repeat(() => session.read(() => dcs.showInstance(instanceId, options))),
    tags: (instanceId) =>
      tagsOrUnknown(() => repeat(() => session.read(() => dcs.showTags(instanceId, options)))),
    nodes: (instanceId) => repeat(() => session.read(() => readNodes(dcs, instanceId, options))),
    lastRequestId: session.lastRequestId,
  };
}
