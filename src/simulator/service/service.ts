import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

import type { Clock } from '../basics.js';
import type { CallScript } from '../faults/script.js';
import { withoutUndefined } from '../habits.js';
import type { SimulatedAnswer } from '../http/answer.js';
import type { RouteMatch } from '../http/routes.js';
import type { Account, Keyring } from '../identity/account.js';
import { assertInstanceSpec, defaultNodes } from '../options.js';
import type { InstanceSpec, Settings } from '../options.js';
import type { LedgerBook } from '../ledger.js';
import { resolveAccess } from '../redis/access.js';
import { startRedisPlane } from '../redis/plane.js';
import { createMemoryPlane } from './data-plane.js';
import { createInstanceBodies } from './instance-body.js';
import { ManagedInstance } from './managed-instance.js';
import { makeNodes } from './node.js';
import type { SwapContext, SwapJob } from './swap.js';

/** The project's instances and jobs: everything behind the API. */
export interface Service {
  readonly settings: Settings;
  readonly account: Account;
  readonly keyring: Keyring;
  readonly clock: Clock;
  /** Tokens of the metadata service, and when they expire by the clock. */
  readonly metadataTokens: Map<string, number>;
  readonly instances: Map<string, ManagedInstance>;
  /** The jobs of all swaps, by job id. */
  readonly jobs: Map<string, SwapJob>;
  /** Aborted when the simulator closes. */
  readonly signal: AbortSignal;
  addInstance(spec: InstanceSpec): Promise<ManagedInstance>;
  close(): Promise<void>;
}

/** What a service works with. */
export interface ServiceParts {
  readonly ledger: LedgerBook;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** A project without instances. */
export function createService(
  settings: Settings,
  { ledger, keyring, clock, signal }: ServiceParts,
): Service {
  const instances = new Map<string, ManagedInstance>();
  const jobs = new Map<string, SwapJob>();
  const { timing, account } = settings;
  const userIdOf = (userName: string): string => account.userIdOf(userName);
  const context = { ledger, clock, timing, jobs, signal, userIdOf };
  return {
    settings,
    account: settings.account,
    keyring,
    clock,
    metadataTokens: new Map(),
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
  { region, redisServerPath, redisWay, account, habits: ownHabits }: Settings,
  context: SwapContext,
): Promise<ManagedInstance> {
  assertInstanceSpec(spec);
  const { instanceId = randomUUID(), cacheMode = 'ha', status = 'RUNNING' } = spec;
  const name = spec.name ?? `dcs-${instanceId.slice(0, 8)}`;
  const nodes = makeNodes(spec.nodes ?? defaultNodes(region, cacheMode));
  if (nodes.length === 0) throw new Error(`Instance ${name} needs at least one node.`);
  const nodeIds = nodes.map(({ key }) => key);
  const product = productOf(spec);
  const access = resolveAccess(spec.redis ?? {}, product.engineVersion);
  const plane =
    redisServerPath === null
      ? createMemoryPlane(nodeIds, access)
      : await startRedisPlane({ serverPath: redisServerPath, nodeIds, access, wayTo: redisWay });
  const { address } = plane;
  const availabilityZones = [...new Set(nodes.map((node) => node.availabilityZone))];
  const { userName } = account;
  const identity = { instanceId, name, cacheMode, region, userName, address, availabilityZones };
  const habits = { ...ownHabits, ...withoutUndefined(spec.habits ?? {}) };
  const shown = { ...product, ...identity, access, nodeCount: nodes.length };
  const bodies = createInstanceBodies(shown, habits);
  const group = { instanceId, groupId: randomUUID() };
  const { engineVersion } = shown;
  const kind = { name, cacheMode, engineVersion };
  const parts = { ...group, ...kind, status, nodes, plane, bodies, habits, context };
  return new ManagedInstance(parts);
}

function productOf(spec: InstanceSpec) {
  return {
    engine: spec.engine ?? 'Redis',
    engineVersion: spec.engineVersion ?? '6.0',
    tags: spec.tags ?? [],
    maintainBegin: spec.maintainBegin ?? '18:00:00',
    maintainEnd: spec.maintainEnd ?? '19:00:00',
  };
}

/** A request that the gateway let through. */
export interface ServiceCall {
  readonly match: RouteMatch;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The user whose credential came with it; `null` for calls that need none. */
  readonly user: string | null;
  readonly script: CallScript;
}

/** Carries an operation out and returns its answer. @throws Refusal for a documented error */
export type Handler = (call: ServiceCall, service: Service) => SimulatedAnswer;
