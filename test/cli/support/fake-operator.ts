import type { CliDeps } from '../../../src/cli/context.js';
import type {
  AuditReport,
  ConnectOptions,
  ConnectedDcsSwitchover,
  MaintenanceRef,
} from '../../../src/client.js';
import { makeMaintenanceWorkflowId } from '../../../src/contract/index.js';
import type {
  MaintenanceInput,
  MaintenanceProgress,
  MaintenanceResult,
  MessageReceipt,
} from '../../../src/contract/index.js';

import { progress, maintenanceResult, receipt } from './maintenance-facts.js';

/** All but single runs, which `createFakeClient` adds. */
type OperatorClient = Omit<ConnectedDcsSwitchover, 'switchover'>;

/** The run that the fake starts. */
export const PLAN_RUN_ID = '44444444-4444-4444-8444-444444444444';

/** What a test wants different; anything else answers as if all went well. */
export interface OperatorBehaviour {
  readonly maintenance?: Partial<OperatorClient['maintenance']>;
  readonly schedules?: Partial<OperatorClient['schedules']>;
  readonly freezes?: Partial<OperatorClient['freezes']>;
  readonly known?: OperatorClient['known'];
}

/** A call that was made: `maintenance.start`, with its arguments. */
export interface Call {
  readonly name: string;
  readonly args: readonly unknown[];
}

/** Clients that remember what they were asked. */
export interface FakeOperator {
  readonly connect: (options: ConnectOptions) => Promise<OperatorClient>;
  readonly previewSchedule: CliDeps['previewSchedule'];
  readonly connections: ConnectOptions[];
  readonly calls: Call[];
  /** Arguments of the calls of one name. */
  readonly argsOf: (name: string) => readonly (readonly unknown[])[];
  readonly isClosed: () => boolean;
}

const auditOf = (ended: AuditReport['ended']): AuditReport => ({
  ...{ runId: PLAN_RUN_ID, ended, outcome: null },
  ...{ violations: [], sentences: ['It is true.'] },
});

const maintenance = {
  start: ({ maintenanceId }: MaintenanceInput) =>
    Promise.resolve({
      maintenanceId,
      workflowId: makeMaintenanceWorkflowId(maintenanceId),
      runId: PLAN_RUN_ID,
      reused: null,
    }),
  plan: (): Promise<MaintenanceResult> =>
    Promise.resolve(maintenanceResult({ outcome: 'PLANNED', cause: 'PLAN_ONLY', mode: 'plan' })),
  find: (ref: MaintenanceRef) =>
    Promise.resolve({
      ...ref,
      runId: ref.runId ?? PLAN_RUN_ID,
      workflowId: makeMaintenanceWorkflowId(ref.maintenanceId),
    }),
  list: () => Promise.resolve({ maintenances: [], more: false }),
  result: (): Promise<MaintenanceResult> => Promise.resolve(maintenanceResult()),
  progress: (): Promise<MaintenanceProgress> => Promise.resolve(progress()),
  approve: (): Promise<MessageReceipt> => Promise.resolve(receipt('approved')),
  reject: (): Promise<MessageReceipt> => Promise.resolve(receipt('rejected')),
  pause: (): Promise<MessageReceipt> => Promise.resolve(receipt('paused')),
  resume: (): Promise<MessageReceipt> => Promise.resolve(receipt('resumed')),
  skip: (): Promise<MessageReceipt> => Promise.resolve(receipt('skipped')),
  audit: () => Promise.resolve([auditOf('continued'), auditOf('completed')]),
  abort: (): Promise<MessageReceipt> => Promise.resolve(receipt('aborted')),
  cancel: () => Promise.resolve(),
  remainderInput: (_ref: unknown, maintenanceId: string) =>
    Promise.resolve({
      maintenanceId,
      projectId: '11111111111111111111111111111111',
      mode: 'run',
      instanceIds: ['22222222-2222-4222-8222-222222222222'],
      target: { availabilityZone: 'az2' },
      window: { closesAt: '2020-01-01T00:00:00Z' },
      requestedBy: 'carol',
    } as const),
} satisfies OperatorClient['maintenance'];

const schedules = {
  preview: () => [],
  createOrUpdate: ({ scheduleId }) =>
    Promise.resolve({ scheduleId, change: 'created', isPaused: false, next: [], warnings: [] }),
  list: () => Promise.resolve([]),
  describe: () => Promise.reject(new Error('no schedule in this test')),
  pause: () => Promise.resolve(),
  resume: () => Promise.resolve(),
  trigger: () => Promise.resolve(),
  backfill: () => Promise.resolve(),
  delete: () => Promise.resolve(),
} satisfies OperatorClient['schedules'];

const nothing = { changed: [], leftPaused: [], failed: [] };
const freezes = {
  start: (freeze) => Promise.resolve({ freeze, ...nothing }),
  thaw: () => Promise.resolve({ freeze: null, ...nothing }),
  current: () => Promise.resolve(null),
} satisfies OperatorClient['freezes'];

/** Clients without Temporal. */
export function createFakeOperator(behaviour: OperatorBehaviour = {}): FakeOperator {
  const connections: ConnectOptions[] = [];
  const calls: Call[] = [];
  let isClosed = false;
  const client: OperatorClient = {
    maintenance: record('maintenance', { ...maintenance, ...behaviour.maintenance }, calls),
    schedules: record('schedules', { ...schedules, ...behaviour.schedules }, calls),
    freezes: record('freezes', { ...freezes, ...behaviour.freezes }, calls),
    address: 'fake:7233',
    namespace: 'ops',
    known: behaviour.known ?? (() => Promise.resolve([])),
    close: () => {
      isClosed = true;
      return Promise.resolve();
    },
  };
  return {
    connect: (options) => {
      connections.push(options);
      return Promise.resolve(client);
    },
    previewSchedule: (...args) => Promise.resolve(client.schedules.preview(...args)),
    connections,
    calls,
    argsOf: (wanted) => calls.filter(({ name }) => name === wanted).map(({ args }) => args),
    isClosed: () => isClosed,
  };
}

/** The same functions, each of which is written down when it is called. */
function record<T extends object>(prefix: string, functions: T, calls: Call[]): T {
  return Object.fromEntries(
    Object.entries(functions).map(([name, call]) => [
      name,
      (...args: readonly unknown[]): unknown => {
        calls.push({ name: `${prefix}.${name}`, args });
        return (call as (...args: readonly unknown[]) => unknown)(...args);
      },
    ]),
  ) as T;
}
