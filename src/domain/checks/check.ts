import type { Check, CheckId } from '../../contract/index.js';

/** What a check function says: only what differs from "passed". */
export interface CheckVerdict {
  /** `null`: could not be checked because something was unreadable. */
  readonly passed: boolean | null;
  readonly observed: string;
  readonly requestId?: string | null;
  /** What a person can do about it; dropped where the check passed. */
  readonly remedy?: string;
}

/** What a check says when the reading that it needs failed; `api-readable` carries the reason. */
export const NOT_READ: CheckVerdict = { passed: null, observed: 'not read' };

/** Turns a finding into the contract's shape. */
export function toCheck(id: CheckId, severity: Check['severity'], finding: CheckVerdict): Check {
  const { passed, observed, requestId = null, remedy = '' } = finding;
  return { id, severity, passed, observed, requestId, remedy: passed === true ? '' : remedy };
}

/** The blocking checks that did not pass; unchecked ones count. */
export function failedChecks(checks: readonly Check[]): readonly Check[] {
  return checks.filter(({ severity, passed }) => severity === 'blocking' && passed !== true);
}
