/** What has become known since of switchovers that a maintenance left unresolved, for people. */
import type { ResolvedSince, SwitchoverClient } from '../../client.js';
import type { Leg, MaintenanceItem, MaintenanceResult } from '../../contract/index.js';
import { joinText, withCommands } from '../../domain/commands.js';
import { unresolvedLegs } from '../../domain/maintenance/unresolved-items.js';
import { describeResolved } from '../../domain/resolved-since.js';
import { RESOLVED_SINCE } from '../format/maintenance.js';
import { splitMessage } from '../report/parts.js';

/** More are not asked for: whoever has so many lists what is unresolved. */
const MAX_ASKED = 20;

/**
 * A result as it is to be read now: a leg that was unresolved says how it was resolved, and the message asks for no
 * more than what is still to be found out. The result itself stays what the maintenance reported.
 */
export async function readNow(
  client: Pick<SwitchoverClient, 'status'>,
  result: MaintenanceResult,
): Promise<MaintenanceResult> {
  const unresolved = unresolvedLegs(result.items);
  const { projectId } = result;
  const found = await Promise.all(
    unresolved.slice(0, MAX_ASKED).map(async ({ instanceId, runId }) => {
      const status = await client.status({ projectId, instanceId, runId }).catch(() => null);
      return [runId, status?.resolved] as const;
    }),
  );
  const resolved = new Map(found.flatMap(([runId, since]) => (since ? [[runId, since]] : [])));
  if (resolved.size === 0) return result;
  // What was refused may have been so for an earlier run, of which nothing is known here.
  const isAll =
    resolved.size === unresolved.length &&
    result.items.every(({ forward }) => forward.outcome !== 'REFUSED');
  return {
    ...result,
    message: messageNow(result.message, resolved, isAll),
    items: result.items.map((item) => itemNow(item, resolved)),
  };
}

type Resolved = ReadonlyMap<string, ResolvedSince>;

/** @param isAll whether nothing is left to be found out */
function messageNow(message: string, resolved: Resolved, isAll: boolean): string {
  const { happened, steps } = splitMessage(message);
  const runIds = [...resolved.keys()];
  const isOver = (line: string): boolean =>
    runIds.some((runId) => line.includes(runId)) || (isAll && FINDS_OUT.test(line));
  const left = steps
    .map((step) => ({ ...step, commands: step.commands.filter((line) => !isOver(line)) }))
    .filter(({ commands }) => commands.length > 0);
  return joinText([
    ...happened,
    isAll ? 'All of that has been resolved since.' : 'Some of that has been resolved since.',
    ...left.map(({ purpose, commands }) => withCommands(purpose, ...commands)),
  ]);
}

/** Commands that find out, or record, what was done. */
const FINDS_OUT = /^\S+ (?:verify|adopt|resolve|list) /;

function itemNow(item: MaintenanceItem, resolved: Resolved): MaintenanceItem {
  const { forward, return: back } = item;
  return {
    ...item,
    forward: legNow(forward, resolved),
    return: back === null ? null : legNow(back, resolved),
  };
}

function legNow(leg: Leg, resolved: Resolved): Leg {
  const since = resolved.get(leg.runId ?? '');
  return since === undefined
    ? leg
    : { ...leg, cause: RESOLVED_SINCE, reason: describeResolved(since, null) };
}
