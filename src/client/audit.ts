/** Judges a run by its history alone, by the list of its kind in `domain/`. Needs no worker. */
import { loadDataConverter as loadConverter } from '@temporalio/common/lib/internal-non-workflow';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';

import type { RunFacts } from '../domain/run-facts.js';
import type { MaintenanceRunFacts } from '../domain/maintenance/run-facts.js';
import type { Violation } from '../domain/violations.js';
import { loadTemporalConfig } from '../temporal/config.js';
import { loadDataConverter } from '../temporal/data-converter.js';
import { callTemporal, isNotFound } from '../temporal/rpc.js';
import type { ClientContext } from '../temporal/rpc.js';
import { readOpenEnds } from '../temporal/silence.js';
import type { HistoryEvent } from '../temporal/silence.js';
import { isDeeperThan } from '../util.js';

import { InvalidInputError } from './errors.js';
import { findMaintenance, MAX_LINKS } from './maintenance/find.js';
import type { MaintenanceRef, RunRef } from './ref.js';
import { describeRun } from './switchover/run.js';

/** Options of `audit`. */
export interface AuditOptions {
  /** Secrets that must not stand in the history; whatever looks like a credential is looked for in any case. */
  readonly secrets?: readonly string[] | undefined;
}

/** What an audit of one run has found. */
export interface AuditReport {
  readonly runId: string;
  /** `continued`: of a maintenance whose next run goes on. */
  readonly ended: MaintenanceRunFacts['ended'];
  readonly outcome: string | null;
  /** Empty: every invariant holds, of an open run as far as it has come. */
  readonly violations: readonly Violation[];
  /** The sentences by which it was judged. */
  readonly sentences: readonly string[];
}

/** Audits a run that Temporal still has; see `SwitchoverClient.audit`. */
export async function auditRun(
  context: ClientContext,
  ref: RunRef,
  options?: AuditOptions,
): Promise<AuditReport> {
  const run = await describeRun(context, ref);
  const { client } = context;
  const { readRunFacts } = await import('../temporal/run-facts.js');
  const facts = await callTemporal(context, 'read the history', async () => {
    const handle = client.workflow.getHandle(run.workflowId, run.ref.runId);
    const { events } = await handle.fetchHistory();
    const ends = await readOpenEnds(client, run.workflowId, run.ref.runId, events ?? []);
    return readRunFacts(client, events ?? [], ends);
  });
  return judge(facts, options);
}

/** Audits every run of a maintenance that Temporal still has; see `MaintenanceClient.audit`. */
export async function auditMaintenanceRuns(
  context: ClientContext,
  ref: MaintenanceRef,
  options: AuditOptions = {},
): Promise<AuditReport[]> {
  const { workflowId, latestRunId } = await findMaintenance(context, ref);
  const { readMaintenanceFacts } = await import('../temporal/maintenance-facts.js');
  const { runsBefore } = await import('../temporal/run-facts.js');
  const found = new Map<string, MaintenanceRunFacts | null>();
  const left = [latestRunId];
  while (left.length > 0 && found.size < MAX_LINKS) {
    const runId = left.pop() ?? '';
    if (found.has(runId)) continue;
    const events = await readEvents(context, workflowId, runId);
    found.set(runId, await readMaintenanceFacts(context.client, events));
    left.push(...runsBefore(events));
  }
  const runs = [...found.values()].filter((facts) => facts !== null);
  runs.sort((a, b) => a.startedAtMs - b.startedAtMs);
  return Promise.all(runs.map((facts) => judgeMaintenance(facts, options)));
}

/** Empty where retention has taken it. */
async function readEvents(
  context: ClientContext,
  workflowId: string,
  runId: string,
): Promise<readonly HistoryEvent[]> {
  const handle = context.client.workflow.getHandle(workflowId, runId);
  try {
    const { events } = await callTemporal(context, 'read the history', () => handle.fetchHistory());
    return events ?? [];
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

/**
 * Audits a history that was saved as JSON, by `temporal workflow show --output json` or from the UI.
 *
 * @param env where the codec of encoded histories is configured. @default process.env
 * @throws InvalidInputError where it is no history of a switchover or a maintenance; TemporalConfigError, DataConverterError
 */
export async function auditHistory(
  json: unknown,
  { env = process.env, ...options }: AuditOptions & { readonly env?: NodeJS.ProcessEnv } = {},
): Promise<AuditReport> {
  const config = loadTemporalConfig(env);
  const converter = loadDataConverter(env, config)?.dataConverter;
  const { namespace } = config;
  const decoding = { options: { namespace, loadedDataConverter: loadConverter(converter) } };
  const events = parse(json);
  // A client that audits nothing does not load what runs are judged by.
  const { readMaintenanceFacts } = await import('../temporal/maintenance-facts.js');
  const { readRunFacts } = await import('../temporal/run-facts.js');
  const maintenance = await readMaintenanceFacts(decoding, events);
  if (maintenance !== null) return judgeMaintenance(maintenance, options);
  return judge(await readRunFacts(decoding, events), options);
}

/** An event has some ten levels, and a failure two for each of its causes. */
const MAX_LEVELS = 100;

function parse(json: unknown) {
  if (isDeeperThan(json, MAX_LEVELS)) throw notOurs();
  try {
    return historyFromJSON(json).events ?? [];
  } catch {
    throw notOurs();
  }
}

async function judge(
  facts: RunFacts | null,
  { secrets = [] }: AuditOptions = {},
): Promise<AuditReport> {
  if (facts === null) throw notOurs();
  const { auditRunFacts, PROMISES } = await import('../domain/invariants.js');
  const violations = auditRunFacts({ ...facts, secrets: secrets.flatMap(asWritten) });
  return toReport(facts, violations, PROMISES);
}

async function judgeMaintenance(
  facts: MaintenanceRunFacts,
  { secrets = [] }: AuditOptions,
): Promise<AuditReport> {
  const { auditMaintenance, MAINTENANCE_PROMISES } =
    await import('../domain/maintenance/invariants.js');
  const violations = auditMaintenance({ ...facts, secrets: secrets.flatMap(asWritten) });
  return toReport(facts, violations, MAINTENANCE_PROMISES);
}

function toReport(
  {
    runId,
    ended,
    result,
  }: Pick<MaintenanceRunFacts, 'runId' | 'ended'> & {
    readonly result: { readonly outcome?: string } | null;
  },
  violations: readonly Violation[],
  promises: readonly { readonly sentence: string }[],
): AuditReport {
  const sentences = promises.map(({ sentence }) => sentence);
  return { runId, ended, outcome: result?.outcome ?? null, violations, sentences };
}

/** As it is, and as JSON writes it where that differs. */
function asWritten(secret: string): string[] {
  return [...new Set([secret, JSON.stringify(secret).slice(1, -1)])];
}

function notOurs(): InvalidInputError {
  return new InvalidInputError([
    {
      field: 'history',
      problem: 'is no history of dcsSwitchover or dcsMaintenance',
      remedy: 'Save one with: temporal workflow show --workflow-id ID --output json',
    },
  ]);
}
