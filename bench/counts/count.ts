import { temporal } from '@temporalio/proto';

import { InvalidInputError } from '../../src/client.js';
import { makeWorkflowId } from '../../src/contract/index.js';
import type { MaintenanceOutcome, Outcome } from '../../src/contract/index.js';
import type { CallRecord, SimulatedInstance } from '../../src/simulator/index.js';
import type { Site } from '../support/site.js';

import { TIMING } from './scenarios.js';
import type { Scenario } from './scenarios.js';

/** What one run costs; of a maintenance its own history, and the calls of its switchovers as well. Everything is exact but `historyBytes`, in which time stamps vary by a few bytes. */
export interface Counts {
  readonly outcome: Outcome | MaintenanceOutcome;
  readonly name: string;
  readonly puts: number;
  /** Arrivals at the API by route, PUTs and polls (`showJob`) included. */
  readonly calls: Readonly<Record<string, number>>;
  readonly activities: number;
  readonly historyEvents: number;
  /** Encoded size without what depends on the machine: the workers' identities. */
  readonly historyBytes: number;
  /** By which part they may differ; absent: as for all. */
  readonly bytesTolerance?: number;
}

/** Runs a scenario on an instance of its own, unless one is given, and counts. @throws Error when it ends otherwise */
export async function countRun(
  site: Site,
  scenario: Scenario,
  given?: SimulatedInstance,
): Promise<Counts> {
  const instance = given ?? (await site.stack.simulator.addInstance({}));
  if (scenario.after !== undefined) await runScenario(site, instance, scenario.after);
  const { ledger } = site.stack.simulator;
  const earlierCalls = ledger.calls.length;
  const { outcome, runId } = await runScenario(site, instance, scenario);
  if (outcome !== scenario.outcome)
    throw new Error(`"${scenario.name}" ended ${outcome} instead of ${scenario.outcome}`);
  const { instanceId } = instance;
  const ref = { projectId: site.stack.simulator.projectId, instanceId };
  const workflowId = makeWorkflowId(scenario.input.mode ?? 'switch', ref);
  return {
    ...{ outcome, name: scenario.name },
    ...countCalls(ledger.calls.slice(earlierCalls), [instanceId]),
    ...(await countHistory(site, workflowId, runId)),
  };
}

/** PUTs and calls that are about these instances. */
export function countCalls(
  all: readonly CallRecord[],
  instanceIds: readonly string[],
): Pick<Counts, 'puts' | 'calls'> {
  const calls = all.filter(({ instanceId }) => instanceIds.includes(instanceId ?? ''));
  const puts = calls.filter(({ route }) => route === 'asyncSwap').length;
  return { puts, calls: countByRoute(calls) };
}

async function runScenario(
  { client, stack }: Site,
  { instanceId }: SimulatedInstance,
  { input, faults }: Scenario,
): Promise<{ readonly outcome: Outcome; readonly runId: string }> {
  const { simulator } = stack;
  const { projectId } = simulator;
  const scripted = faults.map((fault) => simulator.faults.add({ ...fault, instanceId }));
  const timing = { ...TIMING, ...input.timing };
  const run = await client.start({ projectId, instanceId, ...input, timing });
  const outcome = await client.result(run).then(
    (result) => result.outcome,
    (error: unknown) => {
      if (error instanceof InvalidInputError) return 'INVALID_INPUT' as const;
      throw error;
    },
  );
  for (const fault of scripted) fault.remove();
  return { outcome, runId: run.runId };
}

function countByRoute(calls: readonly CallRecord[]): Record<string, number> {
  const routes = [...new Set(calls.map(({ route }) => route))].sort();
  return Object.fromEntries(
    routes.map((route) => [route, calls.filter((call) => call.route === route).length]),
  );
}

/** What stands in the history of a run. */
export async function countHistory(
  { temporal: client }: Pick<Site, 'temporal'>,
  workflowId: string,
  runId: string,
): Promise<Pick<Counts, 'activities' | 'historyEvents' | 'historyBytes'>> {
  const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const events = history.events ?? [];
  const scheduled = events.filter(
    (event) => (event.activityTaskScheduledEventAttributes ?? null) !== null,
  );
  return {
    activities: scheduled.length,
    historyEvents: events.length,
    historyBytes: temporal.api.history.v1.History.encode(withoutMachine(history)).finish().length,
  };
}

/** A copy without process id and host name, which workers and clients write into most events. */
function withoutMachine(
  history: temporal.api.history.v1.IHistory,
): temporal.api.history.v1.IHistory {
  const copy = temporal.api.history.v1.History.toObject(
    temporal.api.history.v1.History.fromObject(history),
  );
  return temporal.api.history.v1.History.fromObject(withoutIdentities(copy) as object);
}

function withoutIdentities(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutIdentities);
  if (!isPlainObject(value)) return value;
  const entries = Object.entries(value).filter(([name]) => name !== 'identity');
  return Object.fromEntries(entries.map(([name, field]) => [name, withoutIdentities(field)]));
}

/** Not the 64-bit numbers and byte arrays, which are classes. */
function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return Object.getPrototypeOf(value) === Object.prototype;
}
