import type { MaintenanceResult } from '../../contract/index.js';

import { countRows, toRow } from './progress.js';
import type { MaintenanceState } from './state.js';
import { toPlannedWindow } from './window.js';

/** Longest piece of an unvalidated input that a result repeats. */
const MAX_ECHO_LENGTH = 128;

/** What was asked, as it came: told of a plan that could not be made. */
export interface RawAsked {
  readonly maintenanceId: string;
  readonly input: unknown;
}

/** The result of a plan as its caller gets it. */
export function toResult(
  { facts, rows, decisions, warnings, startedAtMs }: MaintenanceState,
  asked: RawAsked,
  ending: Pick<MaintenanceResult, 'outcome' | 'cause' | 'message'>,
  nowMs: number,
): MaintenanceResult {
  const request = facts?.request;
  const echo = (field: string): string | null => echoOf(asked.input, field);
  return {
    ...ending,
    maintenanceId: asked.maintenanceId,
    projectId: request?.projectId ?? echo('projectId') ?? '',
    region: request?.region ?? echo('region'),
    mode: request?.mode ?? (echo('mode') === 'plan' ? 'plan' : 'run'),
    window: facts === null ? null : toPlannedWindow(facts.window, facts.request),
    ...{ counts: countRows(rows), rows: rows.map(toRow), decisions, warnings },
    startedAt: new Date(startedAtMs).toISOString(),
    endedAt: new Date(nowMs).toISOString(),
    reason: request === undefined ? echo('reason') : request.reason,
    requestedBy: request === undefined ? echo('requestedBy') : request.requestedBy,
    changeId: request === undefined ? echo('changeId') : request.changeId,
  };
}

function echoOf(input: unknown, field: string): string | null {
  const given = (typeof input === 'object' && input !== null ? input : {}) as Readonly<
    Record<string, unknown>
  >;
  const value = given[field];
  return typeof value === 'string' ? value.slice(0, MAX_ECHO_LENGTH) : null;
}
