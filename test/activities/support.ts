/** Stand-ins for Temporal, where an activity asks it something; what DCS answers is the simulator's. */
import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';

import { toRolesSnapshot } from '../../src/activities/clock.js';
import { OPEN_POLICY, createActivities, createDcsClient } from '../../src/activities/index.js';
import type {
  Activities,
  DcsClient,
  DcsClientOptions,
  InstancePolicy,
} from '../../src/activities/index.js';
import type { Freeze } from '../../src/contract/index.js';
import type { DataPlaneSource, takeLook as TakeLookFunction } from '../../src/data-plane/index.js';
import type { SwapCall } from '../../src/domain/reports.js';
import { parseInput, toRequest } from '../../src/schema/index.js';
import type { Simulator } from '../../src/simulator/index.js';

type TakeLook = typeof TakeLookFunction;

/** How Temporal answers. */
export interface TemporalAnswers {
  /** How long the answer to the fence takes to be heard. */
  readonly fenceMs?: number;
  /** What the memo of the open freeze holds; `null`: there is none. @default null */
  readonly freeze?: Freeze | null | (() => unknown);
  /** Called when the fence is asked for. */
  readonly onFence?: () => unknown;
}

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** A client that answers the fence and the question for a freeze, and nothing else. */
export function temporalAnswering({
  fenceMs = 0,
  freeze = null,
  onFence = () => undefined,
}: TemporalAnswers = {}): Client {
  const answer = typeof freeze === 'function' ? freeze : () => freeze;
  return {
    options: { namespace: 'default', loadedDataConverter: { payloadCodecs: [] } },
    withDeadline: (_: number, call: () => Promise<void>) => call(),
    activity: {
      heartbeat: async () => {
        await onFence();
        await wait(fenceMs);
      },
    },
    workflowService: {
      // The run of a mock environment, and nothing before it.
      listWorkflowExecutions: () =>
        Promise.resolve({
          executions: [{ execution: { runId: '00000000-0000-0000-0000-000000000000' } }],
          nextPageToken: new Uint8Array(),
        }),
      describeWorkflowExecution: async () => {
        const isOpen = (await answer()) !== null;
        return { workflowExecutionInfo: { status: isOpen ? 1 : 2, execution: { runId: 'r' } } };
      },
    },
    workflow: {
      getHandle: () => ({ describe: async () => ({ memo: { freeze: await answer() } }) }),
    },
  } as unknown as Client;
}

/** A freeze for a while to come. */
export const FREEZE: Freeze = {
  until: new Date(Date.now() + 3_600_000).toISOString(),
  by: 'ann',
  reason: 'quarter end',
};

/** What a worker of the tests is given. */
export interface HostedBy {
  readonly temporal: Client;
  readonly isDraining: () => boolean;
  readonly policy?: InstancePolicy;
  /** Where the PUTs go instead of the simulator, and with what patience. */
  readonly put?: Partial<DcsClientOptions> | undefined;
  /** How Redis itself is reached, and what looks show. @default no one looks */
  readonly redis?: { readonly dataPlane: DataPlaneSource; readonly takeLook: TakeLook };
  /** Called before a credential is found. */
  readonly beforeKeys?: () => void;
}

/** The activities of a worker that reads the simulator. */
export function hostActivities(
  { projectId, endpoint, region, accessKey, secretKey }: Simulator,
  {
    temporal,
    isDraining,
    policy = OPEN_POLICY,
    put,
    redis,
    beforeKeys = () => undefined,
  }: HostedBy,
): { readonly dcs: DcsClient; readonly activities: Activities } {
  const keys = { kind: 'access-key' as const, accessKey, secretKey, securityToken: null };
  const credentials = {
    description: 'test',
    get: () =>
      Promise.resolve()
        .then(beforeKeys)
        .then(() => keys),
    refresh: () => Promise.resolve(),
  };
  const options = { endpoint, projectId, credentials };
  const { openSwap } = createDcsClient({ ...options, ...put });
  const dcs = { ...createDcsClient(options), openSwap };
  const { dataPlane = null, takeLook } = redis ?? {};
  const project = { projectId, region, dcs, taskUserName: null, policy, dataPlane };
  const findProject = () => project;
  const activities = createActivities({
    ...{ temporal, isDraining, findProject, searchAttributes: [] },
    ...(takeLook === undefined ? {} : { takeLook }),
  });
  return { dcs, activities };
}

/** The swap of a run that has come to it. */
export interface PreparedSwap {
  readonly call: SwapCall;
  readonly environment: MockActivityEnvironment;
}

/** A run of a fresh instance, right before its swap. @param behindMs how far Temporal's clock is behind this machine's */
export async function prepareSwap(
  { projectId, region }: Simulator,
  dcs: DcsClient,
  instanceId: string,
  behindMs = 0,
): Promise<PreparedSwap> {
  const nodes = await dcs.listNodes(instanceId, { signal: AbortSignal.timeout(5_000) });
  const parsed = parseInput({ projectId, instanceId, toggle: true });
  if (!parsed.ok) throw new Error('the test input is wrong');
  const scheduledTimestampMs = Date.now() - behindMs;
  const environment = new MockActivityEnvironment({
    scheduledTimestampMs,
    currentAttemptScheduledTimestampMs: scheduledTimestampMs,
  });
  const call: SwapCall = {
    purpose: 'forward',
    request: toRequest(parsed.input, Date.now(), region),
    expected: toRolesSnapshot(nodes.value),
    knownSwapTaskIds: [],
    notAfterMs: Date.now() + 60_000,
    originalRunId: environment.context.info.workflowExecution?.runId ?? '',
  };
  return { call, environment };
}
