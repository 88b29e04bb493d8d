import type { MaintenanceRequest, MaintenanceResult } from '../../contract/index.js';

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
  return {
    ...ending,
    maintenanceId: asked.maintenanceId,
    ...(facts === null ? echoed(asked.input) : validated(facts.request)),
    window: facts === null ? null : toPlannedWindow(facts.window, facts.request),
    ...{ counts: countRows(rows), rows: rows.map(toRow), decisions, warnings },
    startedAt: new Date(startedAtMs).toISOString(),
    endedAt: new Date(nowMs).toISOString(),
  };
}

type Echo = Pick<
  MaintenanceResult,
  'projectId' | 'region' | 'mode' | 'reason' | 'requestedBy' | 'changeId'
>;

function validated(request: MaintenanceRequest): Echo {
  const { projectId, region, mode, reason, requestedBy, changeId } = request;
  return { projectId, region, mode, reason, requestedBy, changeId };
}

/** Of a plan whose input nobody has validated. */
function echoed(input: unknown): Echo {
  const echo = (field: string): string | null => echoOf(input, field);
  return {
    projectId: echo('projectId') ?? '',
    region: echo('region'),
    mode: echo('mode') === 'plan' ? 'plan' : 'run',
    reason: echo('reason'),
    requestedBy: echo('requestedBy'),
    changeId: echo('changeId'),
  };
}

function echoOf(input: unknown, field: string): string | null {
  const given = (typeof input === 'object' && input !== null ? input : {}) as Readonly<
    Record<string, unknown>
  >;
  const value = given[field];
  return typeof value === 'string' ? value.slice(0, MAX_ECHO_LENGTH) : null;
}
