/** Instances of a maintenance that are unresolved: what is said of them, and the one command that comes first. Pure. */
import type { MaintenanceItem } from '../../contract/index.js';
import { commandsOf, withCommands } from '../commands.js';
import type { CommandPlace } from '../commands.js';
import { failedHeadline } from '../messages.js';
import { countOf } from '../text.js';

import { unresolvedLegsStep } from './commands.js';
import type { UnresolvedLeg } from './commands.js';
import type { ItemState } from './state.js';

/** Whether someone has to find out first, before all of the rest can be done. */
export function isUnresolved(items: readonly ItemState[]): boolean {
  return unresolvedLegs(items).length + commandsOfEarlier(items).length > 0;
}

/** An unresolved switchover refuses the next one until it has been judged; the other instances need not wait for that. */
export function describeUnresolved(
  items: readonly ItemState[],
  { projectId, taskQueue }: CommandPlace,
): string[] {
  const legs = unresolvedLegs(items);
  const earlier = commandsOfEarlier(items);
  const count = legs.length + earlier.length;
  const [only = null] = count === 1 ? earlier : [];
  const step =
    only === null
      ? unresolvedLegsStep(legs, { projectId, taskQueue }, count)
      : { purpose: 'Find out', command: only };
  if (step === null) return [];
  const it = count === 1 ? 'it' : 'them';
  return [
    `${countOf(count, 'instance')} unresolved: nothing more is sent to ${it} before someone has found out what was done.`,
    withCommands(step.purpose, step.command),
  ];
}

/** Legs that ended UNKNOWN by their own runs. */
export function unresolvedLegs(
  items: readonly Pick<MaintenanceItem, 'instanceId' | 'forward' | 'return'>[],
): UnresolvedLeg[] {
  return items.flatMap(({ instanceId, ...item }) =>
    [item.forward, item.return].flatMap((leg) =>
      leg?.outcome === 'UNKNOWN' && leg.runId !== null
        ? [{ instanceId, runId: leg.runId, cause: leg.cause }]
        : [],
    ),
  );
}

/** Where a run of before is what refused a switchover: the first command that its message leads to. */
function commandsOfEarlier(items: readonly ItemState[]): string[] {
  const headline = failedHeadline('previous-run-resolved');
  return items.flatMap(({ forward: { outcome, reason } }) =>
    outcome === 'REFUSED' && reason?.includes(headline) === true
      ? commandsOf(reason).slice(0, 1)
      : [],
  );
}
