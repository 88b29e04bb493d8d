/** What visibility knows by name, for a shell that completes words: a call each, and no run is read. */
import {
  MAINTENANCE_WORKFLOW_TYPE,
  makeMaintenanceWorkflowId,
  SEARCH_ATTRIBUTES,
  SWITCHOVER_WORKFLOW_TYPE,
} from '../contract/index.js';
import { callTemporal } from '../temporal/rpc.js';
import type { TemporalCaller } from '../temporal/rpc.js';
import { listBy, readWorkflowId } from '../temporal/run-list.js';
import type { NamedRun } from '../temporal/run-list.js';
import { listScheduleIds } from '../temporal/schedule.js';

/** What can be asked for. */
export type KnownKind = 'instances' | 'maintenances' | 'schedules';

/** Something that commands take by `id`, or by `name` where it has one. */
export interface Known {
  readonly id: string;
  readonly name: string | null;
}

/** So many of the latest runs are looked at. */
const MAX_RUNS = 500;

/** What Temporal knows of a kind, the latest first; see `ConnectedDcsSwitchover.known`. */
export async function listKnown(
  caller: TemporalCaller,
  kind: KnownKind,
  projectId?: string,
): Promise<readonly Known[]> {
  if (kind === 'schedules') return (await listScheduleIds(caller)).map(unnamed);
  const isOfInstances = kind === 'instances';
  const type = isOfInstances ? SWITCHOVER_WORKFLOW_TYPE : MAINTENANCE_WORKFLOW_TYPE;
  const runs = await callTemporal(caller, `list the ${kind}`, () =>
    listBy(caller.client, `WorkflowType = "${type}"`, MAX_RUNS),
  );
  const names = new Map<string, string | null>();
  for (const run of runs)
    for (const { id, name } of isOfInstances ? toInstance(run, projectId) : toMaintenance(run))
      names.set(id, names.get(id) ?? name);
  return [...names].map(([id, name]) => ({ id, name }));
}

function unnamed(id: string): Known {
  return { id, name: null };
}

function toInstance({ workflowId, attributes = {} }: NamedRun, projectId?: string): Known[] {
  const ref = readWorkflowId(workflowId);
  const name = attributes[SEARCH_ATTRIBUTES.instanceName] ?? null;
  if (ref === null || (projectId !== undefined && ref.projectId !== projectId)) return [];
  return [{ id: ref.instanceId, name }];
}

const PREFIX = makeMaintenanceWorkflowId('');

function toMaintenance({ workflowId }: NamedRun): Known[] {
  return workflowId.startsWith(PREFIX) ? [unnamed(workflowId.slice(PREFIX.length))] : [];
}
