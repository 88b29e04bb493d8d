import type { CheckId, RolesSnapshot, Target } from '../../contract/index.js';
import type { Finding } from '../../domain/checks/check.js';
import * as state from '../../domain/checks/state.js';
import type { PreflightFacts } from '../../domain/facts.js';
import type { PlannedInstance } from '../../domain/maintenance/reports.js';
import {
  describeTarget,
  isActive,
  onlyMaster,
  promotableReplicas,
  satisfiesTarget,
} from '../../domain/roles.js';

import { toInstanceFacts } from '../session.js';

import type { Inspection } from './inspect.js';

/** Most warnings about instances that a plan keeps. */
const MAX_WARNINGS = 30;

type Facts = Pick<PreflightFacts, 'instance' | 'roles'>;

/** Checks of the switchover that are worth a look ahead; what they say may be different by then. */
const LOOK_AHEAD: readonly (readonly [CheckId, (facts: Facts) => Finding])[] = [
  ['instance-running', state.instanceRunning],
  ['one-master', state.oneMaster],
  ['nodes-active', state.nodesActive],
  ['replica-active', state.replicaActive],
  ['replica-priority', state.replicaPriority],
];

/** What would refuse a switchover if it began now, a line per instance; the long tail is counted only. */
export function lookAhead(instances: readonly PlannedInstance[]): string[] {
  const warnings = instances.flatMap(({ refusedNow, ...instance }) =>
    refusedNow === undefined ? [] : [`${nameOf(instance)} would be refused now: ${refusedNow}.`],
  );
  if (warnings.length <= MAX_WARNINGS) return warnings;
  const more = warnings.length - MAX_WARNINGS;
  return [...warnings.slice(0, MAX_WARNINGS), `${more} more instances would be refused now.`];
}

/** Why a switchover of this instance would be refused if it began now, in words; `null`: nothing was seen. */
export function whyRefusedNow(inspection: Inspection, target: Target | null): string | null {
  const found = findingsOf(inspection, target);
  return found.length === 0 ? null : found.join('; ');
}

function findingsOf(inspection: Inspection, target: Target | null): string[] {
  const { details, roles, unreadable } = inspection;
  if (unreadable !== null) return [`not readable: ${unreadable}`];
  if (details === null || roles === null) return [];
  const facts: Facts = {
    instance: { value: toInstanceFacts(details), requestId: null },
    roles: { value: roles, requestId: null },
  };
  const busyWith = facts.instance?.value.busyWith ?? null;
  return [
    ...LOOK_AHEAD.map(([id, evaluate]) => [id, evaluate(facts)] as const)
      .filter(([, { passed }]) => passed === false)
      .map(([id, { observed }]) => `${id} (${observed})`),
    ...(busyWith === null ? [] : [`instance-idle (${busyWith})`]),
    ...missedTarget(roles, target),
  ];
}

/** async-swap takes no target, so every replica that the service may choose has to satisfy it. */
function missedTarget(roles: RolesSnapshot, target: Target | null): string[] {
  const master = onlyMaster(roles);
  if (target === null || (master !== null && satisfiesTarget(master, target))) return [];
  const misses = promotableReplicas(roles)
    .filter(isActive)
    .filter((node) => !satisfiesTarget(node, target));
  return misses.length === 0
    ? []
    : [`target-reachable (a replica that may be promoted is not ${describeTarget(target)})`];
}

/** An instance as people call it, with its id. */
export function nameOf({ instanceId, name }: Pick<PlannedInstance, 'instanceId' | 'name'>): string {
  return name === null ? instanceId : `${name} (${instanceId})`;
}
