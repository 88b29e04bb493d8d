/** Which refusals pass by themselves: data. A later run may be let through, without any person's doing. */
import type { Check, CheckId } from '../../contract/index.js';
import type { PreflightFacts } from '../facts.js';
import { failedChecks } from '../facts.js';

/**
 * When what a check has found passes. `soon`: the instance is busy, which the run itself waits for. `later`: it takes
 * longer, or the run has tried as often as it does. `with-it`: it may come of the others alone, such as a node that is
 * away while its instance restarts.
 */
type Passes = 'soon' | 'later' | 'with-it';

interface PassingRow {
  readonly check: CheckId;
  readonly passes: Passes;
  /** @default always */
  readonly when?: (facts: PreflightFacts) => boolean;
}

/** Words of an instance that is being changed, and will be RUNNING afterwards: `RESTARTING`, `BACKINGUP`, `EXTENDING`, … */
const GOES_ON = /ING(UP)?$/;

/** Words of that form of an instance that will not be RUNNING by itself. */
const LEADS_AWAY = [
  ...['DELETING', 'FREEZING', 'STOPPING', 'CLOSING', 'PAUSING', 'TERMINATING', 'SUSPENDING'],
  ...['RECYCLING', 'UNSUBSCRIBING'],
];

/** Whether the status of an instance passes by itself; RUNNING is where it leads. */
export function isPassingStatus(status: string | null): boolean {
  const word = status?.toUpperCase() ?? '';
  return GOES_ON.test(word) && word !== 'RUNNING' && !LEADS_AWAY.includes(word);
}

/** What is not listed lasts until someone does something about it. */
const PASSING: readonly PassingRow[] = [
  {
    check: 'instance-running',
    passes: 'soon',
    when: ({ instance }) => isPassingStatus(instance?.value.status ?? null),
  },
  { check: 'instance-idle', passes: 'soon' },
  { check: 'cool-down', passes: 'later' },
  { check: 'api-quota', passes: 'later' },
  {
    check: 'api-readable',
    passes: 'later',
    when: ({ unreadable }) => unreadable.every(({ mayPass }) => mayPass === true),
  },
  { check: 'one-master', passes: 'with-it' },
  { check: 'nodes-active', passes: 'with-it' },
  { check: 'replica-active', passes: 'with-it' },
  { check: 'replica-priority', passes: 'with-it' },
];

/** Whether nothing but what passes by itself has refused a run. */
export function isPassing(checks: readonly Check[], facts: PreflightFacts): boolean {
  return isRefusedBy(checks, facts, ['soon', 'later']);
}

/** Whether nothing but a busy instance has refused a run: it waits for that. */
export function isBusy(checks: readonly Check[], facts: PreflightFacts): boolean {
  return isRefusedBy(checks, facts, ['soon']);
}

/** What the instance is busy with, as the checks saw it. */
export function describeBusy(checks: readonly Check[], facts: PreflightFacts): string {
  return failedChecks(checks)
    .filter((check) => passesOf(check, facts) === 'soon')
    .map(({ observed }) => observed)
    .join(', ');
}

/** The checks, with how long the run has waited for what keeps the instance busy. */
export function describeWait(
  checks: readonly Check[],
  facts: PreflightFacts,
  waitedMs: number,
): Check[] {
  const words = `; waited ${Math.round(waitedMs / 1000)} s for that`;
  return checks.map((check) =>
    check.passed === false && passesOf(check, facts) === 'soon'
      ? { ...check, observed: check.observed + words }
      : check,
  );
}

/** What was not read, because another reading failed, says nothing by itself. */
function isRefusedBy(
  checks: readonly Check[],
  facts: PreflightFacts,
  causes: readonly Passes[],
): boolean {
  const failed = failedChecks(checks).filter(({ passed }) => passed === false);
  const kinds = failed.map((check) => passesOf(check, facts));
  const isOnlyThat = kinds.every((kind) => kind === 'with-it' || isOneOf(kind, causes));
  return isOnlyThat && kinds.some((kind) => isOneOf(kind, causes));
}

function isOneOf(kind: Passes | null, causes: readonly Passes[]): boolean {
  return kind !== null && causes.includes(kind);
}

function passesOf({ id }: Check, facts: PreflightFacts): Passes | null {
  const row = PASSING.find(({ check }) => check === id);
  return row !== undefined && (row.when?.(facts) ?? true) ? row.passes : null;
}
