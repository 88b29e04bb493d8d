import type { MaintenanceRequest, NodeSnapshot, RolesSnapshot, Target } from '../contract/index.js';
import { findRefusals, findUnsupportedMode } from '../domain/checks/look-ahead.js';
import {
  describeNode,
  describeTarget,
  isActive,
  onlyMaster,
  promotableReplicas,
  satisfiesTarget,
} from '../domain/identity.js';
import type { SelectedInstance, Span } from '../domain/maintenance/reports.js';
import { intersectDaily, usableSpans } from '../domain/maintenance/window.js';
import { describeVerdict, fitOf, judgeInstance, unknownParts } from '../domain/policy.js';
import type { InstancePolicy, SelectionSubject } from '../domain/policy.js';
import type { WellFormedMaintenance } from '../schema/index.js';

import { toInstanceFacts } from './clock.js';
import type { Inspection } from './maintenance-readings.js';

/** Most warnings about instances that a maintenance keeps. */
const MAX_WARNINGS = 30;

/** What would refuse a switchover if it began now, a line per instance; the long tail is counted only. */
export function lookAhead(instances: readonly SelectedInstance[]): string[] {
  const warnings = instances.flatMap(({ refusedNow, ...instance }) =>
    refusedNow === undefined ? [] : [`${nameOf(instance)} would be refused now: ${refusedNow}.`],
  );
  if (warnings.length <= MAX_WARNINGS) return warnings;
  const more = warnings.length - MAX_WARNINGS;
  return [...warnings.slice(0, MAX_WARNINGS), `${more} more instances would be refused now.`];
}

/** Why a switchover of this instance would be refused if it began now, as text; `null`: nothing was observed. */
function whyRefusedNow(inspection: Inspection, target: Target | null): string | null {
  const found = findingsOf(inspection, target);
  return found.length === 0 ? null : found.join('; ');
}

function findingsOf(inspection: Inspection, target: Target | null): string[] {
  const { details, roles, unreadable } = inspection;
  if (unreadable !== null) return [`not readable: ${unreadable}`];
  if (details === null || roles === null) return [];
  return [
    ...findRefusals(toInstanceFacts(details), roles).map(
      ({ id, observed }) => `${id} (${observed})`,
    ),
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
function nameOf({ instanceId, name }: Pick<SelectedInstance, 'instanceId' | 'name'>): string {
  return name === null ? instanceId : `${name} (${instanceId})`;
}

// Whether the return leg of a drill has a chance: found at planning, before a master is moved and left away.

/** Instances that a warning names; the others are counted. */
const MAX_NAMED = 3;

/**
 * Why the return leg can only be refused, by the nodes as they are; `null`: it may work, or nothing will be moved.
 * Its target is the node of the old master, and async-swap takes no target: after the forward leg that node has to
 * be the only one that the service may promote.
 *
 * A master's own priority of 0 counts only where the API shows another one for any master. Whether a master's row
 * shows its setting or always 0 is not documented; the console lets people set it on replicas only.
 */
function findNoReturn(terms: SelectionCriteria, { roles }: Inspection): string | null {
  const home = roles === null ? null : movedMaster(terms, roles);
  if (roles === null || home === null) return null;
  if (home.nodeId === null)
    return 'it could not be switched back: the API does not show the node id of its master. Plan without a return leg';
  const others = promotableReplicas(roles).length;
  if (others > 1)
    return `it could not be switched back: ${others} of its replicas may be promoted, so the service could choose another one than the old master. Set the priority of all but one of them to 0, or plan without a return leg`;
  if (home.priority !== 0 || terms.mastersShowPriority !== true) return null;
  return `it could not be switched back: its master ${describeNode(home)} has priority 0, so it is never promoted again. Give it a priority from 1 to 100, or plan without a return leg`;
}

/** Whether any master shows a priority other than 0: then a 0 is a setting, not what every master's row shows. */
export function showMasterPriority(inspections: readonly Inspection[]): boolean {
  return inspections.some(({ roles }) => {
    const priority = (roles === null ? null : onlyMaster(roles))?.priority ?? 0;
    return priority !== 0;
  });
}

/** One warning about all instances whose master shows priority 0 where that may be no setting; or none. */
export function uncertainReturns(
  terms: SelectionCriteria,
  inspections: readonly Inspection[],
): string[] {
  if (terms.mastersShowPriority === true) return [];
  const indeterminate = inspections.filter(
    ({ roles }) => roles !== null && movedMaster(terms, roles)?.priority === 0,
  );
  if (indeterminate.length === 0) return [];
  const names = indeterminate
    .slice(0, MAX_NAMED)
    .map(({ instanceId, details }) => nameOf({ instanceId, name: details?.name ?? null }));
  const more =
    indeterminate.length > MAX_NAMED ? ` and ${indeterminate.length - MAX_NAMED} more` : '';
  return [
    `The return leg may be refused for ${names.join(', ')}${more}: the API shows priority 0 on the master. If that is a setting, that node is not promoted again and the master stays moved. Check its failover priority in the console, or plan without a return leg.`,
  ];
}

/** The master that a drill moves and has to bring back; `null` where it moves none. */
function movedMaster({ request }: SelectionCriteria, roles: RolesSnapshot): NodeSnapshot | null {
  const { returnLeg, target } = request;
  const master = onlyMaster(roles);
  if (returnLeg === null || master === null) return null;
  const isThere = target !== null && satisfiesTarget(master, target);
  // With no one to promote the forward leg is refused as well.
  return isThere || promotableReplicas(roles).length === 0 ? null : master;
}

/** By what an instance of a maintenance is judged. */
export interface SelectionCriteria {
  readonly input: WellFormedMaintenance;
  readonly request: MaintenanceRequest;
  readonly window: Span;
  readonly policy: InstancePolicy;
  /** Whether the API shows priorities on masters; absent: not known. */
  readonly mastersShowPriority?: boolean;
}

/** An inspected instance as the maintenance keeps it, with what prevents it permanently. */
export function judge(terms: SelectionCriteria, inspection: Inspection): SelectedInstance {
  const { instanceId, details, master } = inspection;
  const spans = spansOf(terms, inspection);
  const obstacle =
    findDenial(terms, inspection) ??
    findUnsupported(inspection) ??
    findUncertainty(terms, inspection) ??
    (typeof spans === 'string' ? spans : null) ??
    findNoReturn(terms, inspection);
  const refusedNow = whyRefusedNow(inspection, terms.request.target);
  return {
    instanceId,
    name: details?.name ?? null,
    master,
    spans: typeof spans === 'string' ? [] : spans,
    obstacle,
    ...(refusedNow === null ? {} : { refusedNow }),
  };
}

function findDenial(
  { policy }: SelectionCriteria,
  { instanceId, details, tags }: Inspection,
): string | null {
  const { name = null } = details ?? {};
  const verdict = judgeInstance(policy, { instanceId, name, tags });
  if (verdict.allowed === true) return null;
  return `the settings of the worker do not allow it: ${describeVerdict(verdict)}`;
}

/** What of the instance will not change until the window opens. */
function findUnsupported({ details, unreadable }: Inspection): string | null {
  if (details === null) return `it could not be read: ${unreadable ?? 'no answer'}`;
  const unsupported = findUnsupportedMode(toInstanceFacts(details));
  return unsupported === null ? null : `it cannot be switched: ${unsupported}`;
}

/** Whether it is meant at all is not known, or nothing would guard its swap. */
function findUncertainty(
  { request, input }: SelectionCriteria,
  inspection: Inspection,
): string | null {
  const { master, unreadable } = inspection;
  const unknown = unknownParts(input.selector ?? {}, toSelectionSubject(inspection));
  if (unknown.length > 0)
    return `whether the selector means it is not known: the API did not show ${unknown.join(' and ')}${unreadable === null ? '' : ` (${unreadable})`}`;
  if (master !== null || !request.toggle) return null;
  const why = unreadable ?? 'it does not show exactly one master';
  return `its master is not known, so nothing guards the swap: ${why}`;
}

/** Whether the selector means an instance, by what was read last; `null`: not known. */
export function isSelected(
  { input: { selector } }: SelectionCriteria,
  inspection: Inspection,
): boolean | null {
  return selector === undefined ? true : fitOf(selector, toSelectionSubject(inspection));
}

/** Whether an instance can be neither selected nor allowed without its tags. */
export function needsTags(
  { input: { selector = {} }, policy }: SelectionCriteria,
  instanceId: string,
  name: string | null,
): boolean {
  const judged = judgeInstance(policy, { instanceId, name, tags: null });
  return judged.allowed === null || Object.keys(selector.tags ?? {}).length > 0;
}

function toSelectionSubject({ details, tags, master }: Inspection): SelectionSubject {
  const name = details?.name ?? null;
  return { name, tags, masterAvailabilityZone: master?.availabilityZone ?? null };
}

/** When the instance may be switched, or why never. */
function spansOf(
  { input, request, window }: SelectionCriteria,
  { details }: Inspection,
): readonly Span[] | string {
  if (input.withinInstanceWindow !== true) return [window];
  const { maintainBegin = null, maintainEnd = null } = details ?? {};
  const common =
    maintainBegin === null || maintainEnd === null
      ? null
      : intersectDaily(window, maintainBegin, maintainEnd);
  if (common === null) return 'the API does not show its own maintenance window';
  const spans = usableSpans(common, request);
  if (spans.length > 0) return spans;
  return `its own maintenance window ${maintainBegin ?? ''} to ${maintainEnd ?? ''} UTC leaves no room for a switchover in that of the maintenance`;
}
