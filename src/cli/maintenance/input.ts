import type { MaintenanceInput } from '../../contract/index.js';
import { isRecord } from '../../util.js';

import type { CliIo } from '../io.js';
import { findProject } from '../options.js';
import { toTarget } from '../switch-input.js';

import type { PlanOptions } from './plan-options.js';

/** Fields of an input that comes from a file, or from an earlier plan. */
export type Draft = Readonly<Record<string, unknown>>;

/**
 * The input of a plan: the fields of the draft, and over them what the options say. Maps one to one; the
 * contract's own validation comes later.
 *
 * @param maintenanceId `undefined`: the draft names it
 */
export function toPlanInput(
  io: CliIo,
  maintenanceId: string | undefined,
  options: PlanOptions,
  draft: Draft = {},
): MaintenanceInput {
  const id = maintenanceId ?? draft['maintenanceId'];
  const input = withoutAbsent({
    ...draft,
    ...withoutAbsent(fieldsOf(options, draft)),
    maintenanceId: id,
    projectId: options.project ?? draft['projectId'] ?? findProject(io, options),
    requestedBy: options.requestedBy ?? draft['requestedBy'] ?? io.userName() ?? undefined,
  });
  return input as unknown as MaintenanceInput;
}

/** What the options say, field by field; objects are laid over those of the draft. */
function fieldsOf(options: PlanOptions, draft: Draft): Draft {
  const { toggle, again, withinInstanceWindow, requireApproval } = options;
  const { maxConcurrent, maxFailures } = options;
  const { compensation, region, reason, changeId, allowEmpty } = options;
  const { tag: tags, name: namePattern, masterAz: masterAvailabilityZone } = options;
  return {
    instanceIds: options.instance,
    selector: over(draft['selector'], { tags, namePattern, masterAvailabilityZone }),
    target: toTarget(options),
    window: toWindow(options, draft['window']),
    expectedDurationSeconds: options.expectedDuration,
    compensationReserveSeconds: options.compensationReserve,
    canaryCount: options.canary,
    timing: over(draft['timing'], options.timing ?? {}),
    returnLeg: over(draft['returnLeg'], {
      soakSeconds: options.soak,
      withinSeconds: options.returnWithin,
    }),
    hooks: over(draft['hooks'], {
      taskQueue: options.hookQueue,
      before: options.hookBefore,
      after: options.hookAfter,
      timeoutSeconds: options.hookTimeout,
    }),
    ...{ toggle, again, withinInstanceWindow, requireApproval, maxConcurrent, maxFailures },
    ...{ compensation, region, reason, changeId, allowEmpty },
  };
}

/** A window by options replaces one of the other kind; one of the same kind is changed where they say so. */
function toWindow(options: PlanOptions, draft: unknown): Draft | undefined {
  const { window: span, timeZone, days: daysOfWeek, dates, blackout: blackoutDates } = options;
  const local = withoutAbsent({ ...span, timeZone, daysOfWeek, dates, blackoutDates });
  const fixed = withoutAbsent({ opensAt: options.opensAt, closesAt: options.closesAt });
  const isFixed = Object.keys(fixed).length > 0;
  if (!isFixed && Object.keys(local).length === 0) return undefined;
  const base = isRecord(draft) && 'closesAt' in draft === isFixed ? draft : {};
  // Dates and days of week exclude each other: the later word replaces the earlier one.
  const replaced = dates !== undefined ? 'daysOfWeek' : daysOfWeek !== undefined ? 'dates' : null;
  const kept = Object.entries(base).filter(([name]) => name !== replaced);
  return { ...Object.fromEntries(kept), ...local, ...fixed };
}

function over(draft: unknown, fields: Draft): Draft | undefined {
  const given = withoutAbsent(fields);
  if (Object.keys(given).length === 0) return undefined;
  return { ...(isRecord(draft) ? draft : {}), ...given };
}

function withoutAbsent(fields: Draft): Draft {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
