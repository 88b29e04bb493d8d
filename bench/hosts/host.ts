/** A worker in a process of its own, in the composition that a measurement needs. */
import path from 'node:path';

import { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { WorkerOptions } from '@temporalio/worker';

import { loadTemporalConfig } from '../../src/temporal/config.js';
import {
  createNotifications,
  createSwitchoverActivities,
  workflowBundlePath,
} from '../../src/worker.js';

import { createClientOf } from '../support/dcs.js';

import { createEmptyActivities } from './empty-activities.js';

/** More than any measurement has at once. */
const MAX_CONCURRENT = 1_000;

/** What a host serves; as JSON its only argument. */
export interface HostOrder {
  readonly kind: 'switchover' | 'empty';
  readonly taskQueue: string;
  /** `prebuilt`: from a bundle; `bundled`: bundled now, from the workflow's files. */
  readonly workflows: 'none' | 'prebuilt' | 'bundled';
  /** The bundle of `empty`; ours is the one of the package. */
  readonly codePath?: string;
  readonly hasActivities: boolean;
  /** `empty` only: the instance that its activities read; absent, they do nothing. */
  readonly readInstanceId?: string;
  /** Workflows on the main thread, where their heap can be seen. */
  readonly onMainThread?: boolean;
}

async function host(order: HostOrder): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const { connectionOptions, namespace } = loadTemporalConfig(process.env);
  const connection = await NativeConnection.connect({ ...connectionOptions });
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue: order.taskQueue,
    maxCachedWorkflows: MAX_CONCURRENT,
    maxConcurrentActivityTaskExecutions: MAX_CONCURRENT,
    debugMode: order.onMainThread === true,
    sinks: createNotifications({ webhook: null }, {}).sinks,
    ...workflowsOf(order),
    ...(order.hasActivities
      ? { activities: await activitiesOf(order, new Client({ connection, namespace })) }
      : {}),
  });
  process.stderr.write('"worker started"\n');
  // Nothing that is measured comes after the end.
  for (const signal of ['SIGTERM', 'disconnect'] as const)
    process.once(signal, () => process.exit(0));
  await worker.run();
}

function workflowsOf(order: HostOrder): Partial<WorkerOptions> {
  const { kind, workflows, codePath = workflowBundlePath() } = order;
  if (workflows === 'none') return {};
  if (workflows === 'prebuilt') return { workflowBundle: { codePath } };
  if (kind === 'empty') throw new Error('the empty workflow has a bundle');
  return { workflowsPath: path.join(path.dirname(workflowBundlePath()), 'workflows/index.js') };
}

async function activitiesOf(
  { kind, readInstanceId }: HostOrder,
  temporal: Client,
): Promise<object> {
  if (kind === 'switchover')
    return createSwitchoverActivities({ env: process.env, temporal, isDraining: () => false });
  if (readInstanceId === undefined) return createEmptyActivities();
  const dcs = createClientOf(process.env);
  const { signal } = new AbortController();
  return createEmptyActivities(async () => {
    await dcs.showInstance(readInstanceId, { signal });
    await dcs.listNodes(readInstanceId, { signal });
    await dcs.listTasks(readInstanceId, { signal });
  });
}

void host(JSON.parse(process.argv[2] ?? '{}') as HostOrder);
