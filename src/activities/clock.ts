/** The clocks that an activity can read. No other module of the activities reads one: lint forbids it. */
import { randomUUID } from 'node:crypto';

import { activityInfo } from '@temporalio/activity';

import type { NodeSnapshot, RolesSnapshot } from '../contract/index.js';
import type { InstanceDetails, NodeInfo } from '../dcs/index.js';
import { byTemporal, byWorker } from '../domain/clocks.js';
import type { Elapsed, Present, TemporalMs, WorkerMs } from '../domain/clocks.js';
import type { InstanceFacts } from '../domain/facts.js';
import { iso } from '../util.js';

/** Of this process: its activities stamp by one clock. */
export const CLOCK_ID = randomUUID();

/** This machine's clock. Only to be compared with itself, or by `domain/clocks.ts`. */
export function workerNowMs(): WorkerMs {
  return Date.now();
}

/**
 * Measures time that passes from now on. The wall clock may be stepped, the monotonic one stands still while the
 * machine sleeps: the truth lies between them.
 */
export function startStopwatch(): () => Elapsed {
  const [wallMs, monotonicMs] = [Date.now(), performance.now()];
  return () => {
    const elapsedMs = performance.now() - monotonicMs;
    return { atLeastMs: elapsedMs, atMostMs: Math.max(Date.now() - wallMs, elapsedMs) };
  };
}

/** The time of one execution of an activity, by Temporal's clock and by this machine's. */
export interface ExecutionClock {
  /** Time since this execution began. */
  readonly elapsed: () => Elapsed;
  /**
   * Time since the activity was first scheduled, in milliseconds: up to the scheduling of this attempt by Temporal's
   * clock, whatever clocks earlier workers had, and from its beginning on by this machine's.
   */
  readonly sinceFirstScheduledMs: () => number;
  /** Temporal's clock as it was at the least; for people, and to count from. */
  readonly temporalNowMs: () => TemporalMs;
  /** How far this machine's clock is ahead of Temporal's, the wait for a worker included, in milliseconds. */
  readonly aheadMs: number;
  /** By the clocks of Temporal and of this machine. */
  readonly present: () => Present;
}

/** To be called when the execution begins. */
export function startExecutionClock(): ExecutionClock {
  const { currentAttemptScheduledTimestampMs: scheduledMs, scheduledTimestampMs: firstMs } =
    activityInfo();
  const elapsed = startStopwatch();
  return {
    elapsed,
    aheadMs: workerNowMs() - scheduledMs,
    sinceFirstScheduledMs: () => scheduledMs - firstMs + elapsed().atLeastMs,
    temporalNowMs: () => scheduledMs + elapsed().atLeastMs,
    present: () => [byWorker(workerNowMs()), byTemporal(scheduledMs, elapsed())],
  };
}

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
    observedAt: iso(workerNowMs()),
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

/** What of an instance decides whether it may be switched. */
export function toInstanceFacts(details: InstanceDetails): InstanceFacts {
  const { status, cacheMode, engine, engineVersion, name, tags, address } = details;
  const busyWith = toBusyWith(details);
  return { status, cacheMode, engine, engineVersion, name, tags, busyWith, address };
}
