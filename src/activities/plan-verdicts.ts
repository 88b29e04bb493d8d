import type { MaintenanceRequest } from '../contract/index.js';
import { modeSupported } from '../domain/checks/state.js';
import type { PlannedInstance, Span } from '../domain/maintenance/reports.js';
import { intersectDaily, usableSpans } from '../domain/maintenance/window.js';
import { describeVerdict, judgeInstance } from '../domain/policy.js';
import type { InstancePolicy } from '../domain/policy.js';
import { fitOf, unknownParts } from '../domain/selector.js';
import type { SelectionSubject } from '../domain/selector.js';
import type { WellFormedMaintenance } from '../schema/index.js';

import { toInstanceFacts } from './session.js';

import type { Inspection } from './plan/inspect.js';
import { findNoReturn } from './plan/return-leg.js';
import { whyRefusedNow } from './plan/warnings.js';

/** By what an instance of a plan is judged. */
export interface Terms {
  readonly input: WellFormedMaintenance;
  readonly request: MaintenanceRequest;
  readonly window: Span;
  readonly policy: InstancePolicy;
  /** Whether the API shows priorities on masters; absent: not known. */
  readonly mastersShowPriority?: boolean;
}

/** An inspected instance as the plan keeps it, with what stands in the way for good. */
export function judge(terms: Terms, inspection: Inspection): PlannedInstance {
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

function findDenial({ policy }: Terms, { instanceId, details, tags }: Inspection): string | null {
  const { name = null } = details ?? {};
  const verdict = judgeInstance(policy, { instanceId, name, tags });
  if (verdict.allowed === true) return null;
  return `the settings of the worker do not allow it: ${describeVerdict(verdict)}`;
}

/** What of the instance will not change until the window opens. */
function findUnsupported({ details, unreadable }: Inspection): string | null {
  if (details === null) return `it could not be read: ${unreadable ?? 'no answer'}`;
  // A list shows no cache mode; the switchover's own pre-check will.
  if (details.cacheMode === null) return null;
  const finding = modeSupported({
    instance: { value: toInstanceFacts(details), requestId: null },
  });
  return finding.passed === false ? `it cannot be switched: ${finding.observed}` : null;
}

/** Whether it is meant at all is not known, or nothing would guard its swap. */
function findUncertainty({ request, input }: Terms, inspection: Inspection): string | null {
  const { master, unreadable } = inspection;
  const unknown = unknownParts(input.selector ?? {}, toSelectionSubject(inspection));
  if (unknown.length > 0)
    return `whether the selector means it is not known: the API did not show ${unknown.join(' and ')}${unreadable === null ? '' : ` (${unreadable})`}`;
  if (master !== null || !request.toggle) return null;
  const why = unreadable ?? 'it does not show exactly one master';
  return `its master is not known, so nothing guards the swap: ${why}`;
}

/** Whether the selector means an instance, by what was read last; `null`: not known. */
export function isSelected({ input: { selector } }: Terms, inspection: Inspection): boolean | null {
  return selector === undefined ? true : fitOf(selector, toSelectionSubject(inspection));
}

/** Whether an instance can be neither selected nor allowed without its tags. */
export function needsTags(
  { input: { selector = {} }, policy }: Terms,
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
  { input, request, window }: Terms,
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
  return `its own maintenance window ${maintainBegin ?? ''} to ${maintainEnd ?? ''} UTC leaves no room for a switchover in that of the plan`;
}
