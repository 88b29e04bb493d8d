/** What stands in the history of a maintenance, as far as it has the form that it should have: a file may hold anything. */
import { DEFAULT_TIMING } from '../contract/index.js';
import type {
  MaintenanceItem,
  MaintenanceRequest,
  MaintenanceResult,
  RolesSnapshot,
  SwitchoverResult,
  Timing,
} from '../contract/index.js';
import type { MaintenanceRunFacts } from '../domain/maintenance/run-facts.js';
import type { LegEnding, Span } from '../domain/maintenance/reports.js';
import type { MaintenanceState } from '../domain/maintenance/state.js';
import { isRecord, textOf } from '../util.js';

import { wordOf } from './run-facts.js';

/** What planning has found, or an earlier run of the chain. */
export function toPlanned(
  given: unknown,
): Pick<MaintenanceRunFacts, 'request' | 'window' | 'instances'> {
  const { request, window, instances } = isRecord(given) ? given : {};
  return {
    request: toRequest(request),
    window: isSpan(window) ? window : null,
    instances: toInstances(instances),
  };
}

/** Instances with the times that each may be switched in. */
export function toInstances(given: unknown): MaintenanceRunFacts['instances'] {
  return listOf(given).flatMap((each) => {
    const { instanceId, spans } = isRecord(each) ? each : {};
    if (typeof instanceId !== 'string') return [];
    return [{ instanceId, spans: listOf(spans).filter(isSpan) }];
  });
}

const NUMBERS = [
  ...(['maxConcurrent', 'canaryCount', 'maxFailures'] as const),
  ...(['expectedDurationSeconds', 'compensationReserveSeconds'] as const),
];

function toRequest(given: unknown): MaintenanceRequest | null {
  if (!isRecord(given)) return null;
  const request = given as unknown as MaintenanceRequest;
  if (!NUMBERS.every((name) => Number.isFinite(request[name]))) return null;
  const timing: Timing = { ...DEFAULT_TIMING, ...toNumbers(request.timing) };
  const { returnLeg, hooks } = given;
  const legs = { returnLeg: isRecord(returnLeg) ? returnLeg : null };
  return {
    ...request,
    ...(legs as Pick<MaintenanceRequest, 'returnLeg'>),
    timing,
    hooks: toHooks(hooks),
  };
}

function toHooks(hooks: unknown): MaintenanceRequest['hooks'] {
  const isSound = isRecord(hooks) && Number.isFinite(hooks['timeoutSeconds']);
  return isSound ? (hooks as unknown as MaintenanceRequest['hooks']) : null;
}

function isSpan(value: unknown): value is Span {
  return (
    isRecord(value) && Number.isFinite(value['opensAtMs']) && Number.isFinite(value['closesAtMs'])
  );
}

/** What an earlier run of the chain had come to. */
export function toState(given: unknown): MaintenanceState | null {
  if (!isRecord(given)) return null;
  const items = toItems(given['items']) as unknown as MaintenanceState['items'];
  const decisions = recordsOf(given['decisions']) as unknown as MaintenanceState['decisions'];
  const stops = recordsOf(given['stops']) as unknown as MaintenanceState['stops'];
  return { ...(given as unknown as MaintenanceState), items, decisions, stops };
}

/** What a run has reported at its end. */
export function toResult(
  given: Readonly<Record<string, unknown>> | null,
): Partial<MaintenanceResult> | null {
  if (given === null) return null;
  const { items, decisions, counts, outcome, cause } = given;
  const words = { outcome: wordOf(outcome), cause: wordOf(cause) };
  return {
    ...(words as unknown as Pick<MaintenanceResult, 'outcome' | 'cause'>),
    items: toItems(items),
    counts: toNumbers(counts) as unknown as MaintenanceResult['counts'],
    ...(Array.isArray(decisions)
      ? { decisions: recordsOf(decisions) as unknown as MaintenanceResult['decisions'] }
      : {}),
  };
}

function toNumbers(given: unknown): Readonly<Record<string, number>> {
  const known = Object.entries(isRecord(given) ? given : {});
  return Object.fromEntries(known.filter((field): field is [string, number] => isNumber(field[1])));
}

function isNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

function toItems(given: unknown): readonly MaintenanceItem[] {
  return listOf(given)
    .filter(isItem)
    .map((item) => ({ ...item, return: isRecord(item.return) ? item.return : null }));
}

function isItem(value: unknown): value is MaintenanceItem {
  return isRecord(value) && typeof value['instanceId'] === 'string' && isRecord(value['forward']);
}

/** What a switchover has reported at its end; roles that are none are not shown. */
export function toSwitchoverResult(given: SwitchoverResult): SwitchoverResult {
  const { message, before, after, dataPlane, swapsSent, cause, ...others } = given as Foreign;
  const known = {
    ...others,
    ...(isRecord(dataPlane) ? { dataPlane } : {}),
    message: textOf(message) ?? '',
    cause: wordOf(cause),
    swapsSent: toCount(swapsSent),
    before: areRoles(before) ? before : null,
    after: areRoles(after) ? after : null,
  };
  return known as unknown as SwitchoverResult;
}

/** What following a run has reported. */
export function toEnding(given: unknown): LegEnding {
  const { outcome, cause, swapsSent, ...others } = isRecord(given) ? given : {};
  const words = { outcome: wordOf(outcome), cause: wordOf(cause) };
  return { ...others, ...words, swapsSent: toCount(swapsSent) } as unknown as LegEnding;
}

/** Of what is no number no one knows that it is none. */
function toCount(swapsSent: unknown): number {
  if (swapsSent === undefined || swapsSent === null) return 0;
  return isNumber(swapsSent) ? swapsSent : 1;
}

type Foreign = Readonly<Partial<Record<keyof SwitchoverResult, unknown>>>;

function areRoles(value: unknown): value is RolesSnapshot {
  const { groups } = isRecord(value) ? value : {};
  const nodes = listOf(groups).flatMap((group) => (isRecord(group) ? group['nodes'] : null));
  return Array.isArray(groups) && nodes.every(isRecord);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function recordsOf(value: unknown): readonly Record<string, unknown>[] {
  return listOf(value).filter(isRecord);
}
