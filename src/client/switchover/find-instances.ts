/** Which instance a name means, by the search attribute of known runs. Needs no worker. */
import {
  makeSwitchoverWorkflowId,
  SEARCH_ATTRIBUTES,
  SWITCHOVER_WORKFLOW_TYPE,
} from '../../contract/index.js';
import type { InstanceRef } from '../../contract/index.js';
import { TemporalRequestError } from '../../temporal/errors.js';
import { callTemporal } from '../../temporal/rpc.js';
import type { ClientContext } from '../../temporal/rpc.js';
import { mapSome } from '../../temporal/run-history.js';
import { listBy, listRuns } from '../../temporal/run-list.js';

/** How many runs of a name, and then of each instance that has had it, are looked at. */
const MAX_RUNS = 1_000;
const MAX_RUNS_OF_ONE = 20;

/** An instance is looked for in one project alone. */
export interface NamedInstance {
  readonly projectId: string;
  readonly name: string;
}

/**
 * The instances whose latest run with a name had this one; see `SwitchoverClient.findInstances`.
 *
 * @returns `null` where the search attribute is not registered
 */
export async function findInstancesByRuns(
  context: ClientContext,
  { projectId, name }: NamedInstance,
): Promise<readonly string[] | null> {
  // No name of DCS has either, and in a query they would end the text.
  if (/["\\]/.test(name)) return [];
  const query = `WorkflowType = "${SWITCHOVER_WORKFLOW_TYPE}" AND ${SEARCH_ATTRIBUTES.instanceName} = "${name}"`;
  const prefix = makeSwitchoverWorkflowId({ projectId, instanceId: '' });
  try {
    const runs = await callTemporal(context, 'look for the name', () =>
      listBy(context.client, query, MAX_RUNS),
    );
    const ids = runs.flatMap(({ workflowId }) =>
      workflowId.startsWith(prefix) ? [workflowId.slice(prefix.length)] : [],
    );
    const named = await mapSome([...new Set(ids)], async (instanceId) =>
      (await latestName(context, { projectId, instanceId })) === name ? instanceId : null,
    );
    return named.filter((instanceId) => instanceId !== null);
  } catch (error) {
    if (error instanceof TemporalRequestError && error.code === INVALID_ARGUMENT) return null;
    throw error;
  }
}

/** gRPC status of a query with an attribute that does not exist. */
const INVALID_ARGUMENT = 3;

/** An instance may have been given another name since. */
async function latestName(context: ClientContext, ref: InstanceRef): Promise<string | null> {
  const runs = await callTemporal(context, 'list the runs', () =>
    listRuns(context.client, makeSwitchoverWorkflowId(ref), MAX_RUNS_OF_ONE),
  );
  const [latest] = runs
    .flatMap(({ startedAtMs, attributes }) => {
      const name = attributes?.[SEARCH_ATTRIBUTES.instanceName];
      return name === undefined ? [] : [{ startedAtMs, name }];
    })
    .sort((one, other) => other.startedAtMs - one.startedAtMs);
  return latest?.name ?? null;
}
