import type {
  Leg,
  MaintenancePhase,
  MaintenanceProgress,
  MaintenanceRow,
} from '../../contract/index.js';

import { isHolding, legState } from '../../domain/maintenance/leg-state.js';
import { describeMaster, describeDecision, oneLine } from '../format/plan.js';
import { formatInstant } from '../format/time.js';

/** What of a plan changes while one waits; a result has it as well. */
export interface PlanView extends Pick<MaintenanceProgress, 'rows' | 'decisions' | 'warnings'> {
  /** Absent in a result, whose outcome says more. */
  readonly phase?: MaintenancePhase;
  readonly since?: string;
  readonly next?: string;
}

/** More instances than this that share a reason share a line. */
const MAX_ALIKE = 3;

/** What has changed between two looks at a plan, one line each, as a log keeps them. */
export function describeChanges(before: PlanView | null, after: PlanView): string[] {
  const decided = after.decisions.slice(before?.decisions.length ?? 0);
  const warnings = after.warnings.slice(before?.warnings.length ?? 0);
  return [
    ...decided.map((decision) => oneLine(describeDecision(decision))),
    ...describePhase(before, after),
    ...describeRows(before, after),
    ...warnings.map((text) => `warning: ${oneLine(text)}`),
  ];
}

function describePhase(before: PlanView | null, { phase, since, next }: PlanView): string[] {
  if (phase === undefined || phase === before?.phase) return [];
  return [`${formatInstant(since ?? '')} ${phase}: ${oneLine(next ?? '')}`.trim()];
}

interface Change {
  readonly row: MaintenanceRow;
  readonly leg: Leg;
}

function describeRows(before: PlanView | null, after: PlanView): string[] {
  const earlier = new Map(before?.rows.map((row) => [row.instanceId, row]));
  const changes = after.rows.flatMap((row) => changesOf(earlier.get(row.instanceId), row));
  const left = changes.filter(({ leg }) => leg.state === 'NOT_STARTED');
  const told = changes.filter(({ leg }) => leg.state !== 'NOT_STARTED').map(describeChange);
  return [...told, ...describeLeft(left)];
}

function changesOf(before: MaintenanceRow | undefined, row: MaintenanceRow): Change[] {
  const legs: readonly (readonly [Leg | null | undefined, Leg | null])[] = [
    [before?.forward, row.forward],
    [before?.return, row.return],
  ];
  return legs.flatMap(([was, is]) =>
    is === null || is.state === 'PENDING' || (was && legState(is) === legState(was))
      ? []
      : [{ row, leg: is }],
  );
}

function describeChange({ row, leg }: Change): string {
  const { state, startedAt, endedAt, reason, cause, master } = leg;
  const at = state === 'RUNNING' ? startedAt : endedAt;
  const word = legState(leg);
  const isFine = ['SUCCEEDED', 'NOOP', 'RUNNING'].includes(word);
  return [
    at === null || isHolding(leg) ? '' : `${formatInstant(at)} `,
    `${nameOf(row)}${leg.leg === 'return' ? ' back' : ''} ${word}`,
    isFine || cause === null ? '' : ` (${cause})`,
    state === 'ENDED' && master !== null ? `, master is ${describeMaster(master)}` : '',
    isFine || reason === null ? '' : `: ${oneLine(reason)}`,
  ].join('');
}

/** An abort leaves hundreds not started for one reason. */
function describeLeft(changes: readonly Change[]): string[] {
  const byReason = new Map<string, Change[]>();
  for (const change of changes) {
    const reason = oneLine(change.leg.reason ?? 'no reason told');
    byReason.set(reason, [...(byReason.get(reason) ?? []), change]);
  }
  return [...byReason].flatMap(([reason, alike]) =>
    alike.length > MAX_ALIKE
      ? [`${alike.length} instances NOT_STARTED: ${reason}`]
      : alike.map(describeChange),
  );
}

function nameOf({ instanceId, name }: MaintenanceRow): string {
  return name === null ? instanceId : `${instanceId} (${name})`;
}
