import { makeUuid } from '../ids.js';
import type { LedgerBook } from '../ledger.js';
import { defaultNodes } from '../options.js';
import type { InstanceSpec, Settings } from '../options.js';
import { startRedisPlane } from '../redis/plane.js';
import { createMemoryPlane } from './data-plane.js';
import type { DataPlane } from './data-plane.js';
import { createInstanceBody } from './instance-body.js';
import { ManagedInstance } from './managed-instance.js';
import { makeNodes } from './node.js';
import type { SwapContext, SwapJob } from './swap.js';

/** The project's instances and jobs: everything behind the API. */
export interface Service {
  readonly settings: Settings;
  readonly instances: Map<string, ManagedInstance>;
  /** The jobs of all swaps, by job id. */
  readonly jobs: Map<string, SwapJob>;
  /** Aborted when the simulator closes. */
  readonly signal: AbortSignal;
  addInstance(spec: InstanceSpec): Promise<ManagedInstance>;
  close(): Promise<void>;
}

/** A project without instances. */
export function createService(
  settings: Settings,
  ledger: LedgerBook,
  signal: AbortSignal,
): Service {
  const instances = new Map<string, ManagedInstance>();
  const jobs = new Map<string, SwapJob>();
  const context = { ledger, timing: settings.timing, jobs, signal };
  return {
    settings,
    instances,
    jobs,
    signal,
    addInstance: async (spec) => {
      const instance = await createInstance(spec, settings, context);
      const isTaken = instances.has(instance.instanceId);
      if (isTaken || signal.aborted) {
        await instance.close();
        const why = isTaken ? `There is an instance ${instance.instanceId} already` : 'Closed';
        throw new Error(`${why}: nothing was added.`);
      }
      instances.set(instance.instanceId, instance);
      return instance;
    },
    close: async () => {
      await Promise.all([...instances.values()].map((instance) => instance.close()));
    },
  };
}

async function createInstance(
  spec: InstanceSpec,
  { region, redisServerPath, userName }: Settings,
  context: SwapContext,
): Promise<ManagedInstance> {
  const { instanceId = makeUuid(), cacheMode = 'ha', engine = 'Redis', status = 'RUNNING' } = spec;
  const name = spec.name ?? `dcs-${instanceId.slice(0, 8)}`;
  const nodes = makeNodes(spec.nodes ?? defaultNodes(region, cacheMode));
  if (nodes.length === 0) throw new Error(`Instance ${name} needs at least one node.`);
  const plane = await startPlane(
    redisServerPath,
    nodes.map(({ nodeId }) => nodeId),
  );
  const { address } = plane;
  const availabilityZones = [...new Set(nodes.map((node) => node.availabilityZone))];
  const kind = { instanceId, name, cacheMode, engine, region, userName, address };
  const body = createInstanceBody({ ...kind, availabilityZones, nodeCount: nodes.length });
  const parts = { instanceId, groupId: makeUuid(), cacheMode, status, nodes, plane, body, context };
  return new ManagedInstance(parts);
}

async function startPlane(serverPath: string | null, nodeIds: string[]): Promise<DataPlane> {
  return serverPath === null ? createMemoryPlane(nodeIds) : startRedisPlane(serverPath, nodeIds);
}
