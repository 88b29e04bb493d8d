/** Checks of the switchover that are worth a look ahead; what they say may be different by then. */
import type { CheckId, RolesSnapshot } from '../../contract/index.js';
import type { CheckVerdict, InstanceFacts, PreflightFacts } from '../facts.js';

import * as state from './state.js';

type Facts = Pick<PreflightFacts, 'instance' | 'roles'>;

const LOOK_AHEAD: readonly (readonly [CheckId, (facts: Facts) => CheckVerdict])[] = [
  ['instance-running', state.instanceRunning],
  ['one-master', state.oneMaster],
  ['nodes-active', state.nodesActive],
  ['replica-active', state.replicaActive],
  ['replica-priority', state.replicaPriority],
];

/** A check that would refuse a switchover if it began now. */
export interface Refusal {
  readonly id: CheckId;
  readonly observed: string;
}

/** What would refuse a switchover now, by what was read. @param roles `null`: not read */
export function findRefusals(instance: InstanceFacts, roles: RolesSnapshot | null): Refusal[] {
  const facts: Facts = {
    instance: { value: instance, requestId: null },
    roles: roles === null ? null : { value: roles, requestId: null },
  };
  const { busyWith } = instance;
  return [
    ...LOOK_AHEAD.map(([id, evaluate]) => ({ id, ...evaluate(facts) }))
      .filter(({ passed }) => passed === false)
      .map(({ id, observed }) => ({ id, observed })),
    ...(busyWith === null ? [] : [{ id: 'instance-idle' as const, observed: busyWith }]),
  ];
}

/** What makes an instance one that is never switched, as text; `null`: nothing that was shown. */
export function findUnsupportedMode(instance: InstanceFacts): string | null {
  // A list shows no cache mode; the switchover's own pre-check will.
  if (instance.cacheMode === null) return null;
  const { passed, observed } = state.modeSupported({
    instance: { value: instance, requestId: null },
  });
  return passed === false ? observed : null;
}
