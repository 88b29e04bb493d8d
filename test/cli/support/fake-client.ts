import type {
  ConnectOptions,
  ConnectedDcsSwitchover,
  HistoryEntry,
  PutRecord,
  ResultOptions,
  RunList,
  ListOptions,
  RunRef,
  RunStatus,
  StartedRun,
  StartOptions,
  SwitchoverClient,
  UnresolvedRun,
} from '../../../src/client.js';
import { makeWorkflowId } from '../../../src/contract/index.js';
import type {
  InstanceRef,
  SwitchoverInput,
  SwitchoverResult,
} from '../../../src/contract/index.js';
import { result } from '../../client/support/facts.js';

import { createFakeOperator } from './fake-operator.js';
import type { FakeOperator } from './fake-operator.js';

/** The run that the fake client starts. */
export const RUN_ID = '33333333-3333-4333-8333-333333333333';

/** What a test wants different. */
export interface FakeBehaviour {
  readonly reused?: StartedRun['reused'];
  /** Answer of `result`, by the mode of the run. */
  readonly result?: (ref: RunRef, options?: ResultOptions) => Promise<SwitchoverResult>;
  readonly start?: () => Promise<StartedRun>;
  readonly status?: Partial<RunStatus>;
  readonly puts?: PutRecord[];
  readonly history?: HistoryEntry[];
  readonly unresolved?: UnresolvedRun[];
  readonly list?: RunList;
  /** Ids by name. */
  readonly named?: Readonly<Record<string, readonly string[]>>;
}

/** A client that remembers what it was asked. */
export interface FakeClient {
  readonly connect: (options: ConnectOptions) => Promise<ConnectedDcsSwitchover>;
  readonly previewSchedule: FakeOperator['previewSchedule'];
  readonly connections: ConnectOptions[];
  readonly started: SwitchoverInput[];
  /** The name that each start was given. */
  readonly startedAs: (string | undefined)[];
  readonly waited: { ref: RunRef; options: ResultOptions | undefined }[];
  readonly cancelled: { ref: RunRef; reason: string | undefined }[];
  readonly lists: (ListOptions | undefined)[];
  readonly histories: { ref: InstanceRef; limit: number | undefined }[];
  readonly isClosed: () => boolean;
}

/**
 * A client without Temporal: every run succeeds at once, by default.
 *
 * @param operator what answers for all but single runs
 */
export function createFakeClient(
  behaviour: FakeBehaviour = {},
  operator: FakeOperator = createFakeOperator(),
): FakeClient {
  const connections: ConnectOptions[] = [];
  const started: SwitchoverInput[] = [];
  const waited: FakeClient['waited'] = [];
  const cancelled: FakeClient['cancelled'] = [];
  const histories: FakeClient['histories'] = [];
  const lists: FakeClient['lists'] = [];
  let isClosed = false;
  const startedAs: FakeClient['startedAs'] = [];
  const start = (input: SwitchoverInput, options?: StartOptions): Promise<StartedRun> => {
    started.push(input);
    startedAs.push(options?.instanceName);
    if (behaviour.start) return behaviour.start();
    const { projectId, instanceId } = input;
    const mode = input.mode ?? 'switch';
    const workflowId = makeWorkflowId(mode, input);
    const reused = behaviour.reused ?? null;
    return Promise.resolve({ projectId, instanceId, mode, workflowId, runId: RUN_ID, reused });
  };
  const awaitResult = (ref: RunRef, options?: ResultOptions): Promise<SwitchoverResult> => {
    waited.push({ ref, options });
    return behaviour.result?.(ref, options) ?? Promise.resolve(result());
  };
  const switchover: SwitchoverClient = {
    start,
    result: awaitResult,
    status: (ref) => Promise.resolve({ ...statusOf(ref), ...behaviour.status }),
    cancel: (ref, options) => {
      cancelled.push({ ref, reason: options?.reason });
      const workflowId = makeWorkflowId('switch', ref);
      return Promise.resolve({
        workflowId,
        runId: RUN_ID,
        put: 'accepted',
        meaning: 'It finishes.',
      });
    },
    verify: () => Promise.reject(new Error('the command starts verifications itself')),
    adopt: () => Promise.reject(new Error('the command starts adoptions itself')),
    history: (ref, options) => {
      histories.push({ ref, limit: options?.limit });
      return Promise.resolve(behaviour.history ?? []);
    },
    report: async (ref) => ({
      ...(await awaitResult(ref)),
      run: { workflowId: makeWorkflowId(ref.mode ?? 'switch', ref), runId: RUN_ID },
      puts: behaviour.puts ?? [],
    }),
    audit: () =>
      Promise.resolve({
        ...{ runId: RUN_ID, ended: 'completed', outcome: 'SUCCEEDED' },
        ...{ violations: [], sentences: ['It is true.'] },
      }),
    list: (options) => {
      lists.push(options);
      return Promise.resolve(behaviour.list ?? { runs: [], more: false });
    },
    findInstances: ({ name }) => Promise.resolve(behaviour.named?.[name] ?? []),
    unresolved: () => Promise.resolve(behaviour.unresolved ?? []),
    plan: () => Promise.reject(new Error('the command starts dry runs itself')),
    resolve: () => Promise.reject(new Error('the command starts resolutions itself')),
  };
  const connect = async (options: ConnectOptions): Promise<ConnectedDcsSwitchover> => {
    connections.push(options);
    const others = await operator.connect(options);
    const close = (): Promise<void> => {
      isClosed = true;
      return others.close();
    };
    return { ...others, switchover, close };
  };
  const { previewSchedule } = operator;
  return {
    ...{
      connect,
      previewSchedule,
      connections,
      lists,
      started,
      startedAs,
      waited,
      cancelled,
      histories,
    },
    isClosed: () => isClosed,
  };
}

/** A run that waits for its job. */
export function statusOf(ref: RunRef): RunStatus {
  return {
    source: 'worker',
    projectId: ref.projectId,
    instanceId: ref.instanceId,
    instanceName: null,
    mode: 'switch',
    workflowId: makeWorkflowId('switch', ref),
    runId: RUN_ID,
    execution: 'RUNNING',
    startedAt: '2026-11-24T02:00:00.000Z',
    closedAt: null,
    phase: 'AWAITING_JOB',
    since: '2026-11-24T02:00:01.000Z',
    next: 'poll job job-1 until it ends',
    swapsSent: 1,
    jobIds: ['job-1'],
    put: 'accepted',
    pending: null,
    putSummary: 'PUT accepted, job job-1 (scheduled 2026-11-24T02:00:01.000Z).',
    asked: {
      goal: 'switch so that the master is in AZ az2',
      mode: 'switch',
      examinedRunId: null,
      requestId: 'r-1',
      requestedBy: 'alice',
      reason: 'drain az1',
      changeId: null,
    },
  };
}
