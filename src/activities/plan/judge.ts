import type { MaintenanceRequest } from '../../contract/index.js';
import { modeSupported } from '../../domain/checks/state.js';
import type { PlannedInstance, Span } from '../../domain/maintenance/reports.js';
import { intersectDaily, usableSpans } from '../../domain/maintenance/window.js';
import { describeVerdict, judgeInstance } from '../../domain/policy.js';
import type { InstancePolicy } from '../../domain/policy.js';
import type { WellFormedMaintenance } from '../../schema/index.js';

import { toInstanceFacts } from '../session.js';

import type { Inspection } from './inspect.js';

/** By what an instance of a plan is judged. */
export interface Terms {
  readonly input: WellFormedMaintenance;
  readonly request: MaintenanceRequest;
  readonly window: Span;
  readonly policy: InstancePolicy;
}

/** An inspected instance as the plan keeps it, with what stands in the way for good. */
export function judge(terms: Terms, inspection: Inspection): PlannedInstance {
  const { instanceId, details, master } = inspection;
  const spans = spansOf(terms, inspection);
  const obstacle =
    findDenial(terms, inspection) ??
    findUnsupported(inspection) ??
    findUncertainty(terms, inspection) ??
    (typeof spans === 'string' ? spans : null);
  return {
    instanceId,
    name: details?.name ?? null,
    master,
    spans: typeof spans === 'string' ? [] : spans,
    obstacle,
  };
}

function findDenial({ policy }: Terms, { instanceId, details }: Inspection): string | null {
  const { name = null, tags = null } = details ?? {};
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

/** What is asked for depends on the master, and the master is not known. */
function findUncertainty({ request, input }: Terms, inspection: Inspection): string | null {
  if (inspection.master !== null) return null;
  const why = inspection.unreadable ?? 'it does not show exactly one master';
  const zone = input.selector?.masterAvailabilityZone;
  if (zone !== undefined) return `whether its master is in AZ ${zone} is not known: ${why}`;
  return request.toggle ? `its master is not known, so nothing guards the swap: ${why}` : null;
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
