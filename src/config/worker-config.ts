import { z } from 'zod';

import { DEFAULT_TASK_QUEUE } from '../contract/index.js';

import { ConfigurationError } from './configuration-error.js';
import { DCS_REGIONS } from './regions.js';

/** What a worker process is told by its environment; frozen, and free of secrets. */
export interface WorkerConfig {
  readonly taskQueue: string;
  readonly projectId: string;
  readonly region: string;
  /** Base URL of the DCS API. */
  readonly endpoint: string;
  /** The IAM user that DCS shows in the task list for our swaps. */
  readonly taskUserName: string | null;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly maxCachedWorkflows: number;
  readonly maxConcurrentActivities: number;
  readonly shutdownGraceSeconds: number;
}

const count = (fallback: number, min: number, max: number) =>
  z.coerce.number<string>().int().min(min).max(max).default(fallback);

const schema = z.object({
  DCS_SWITCHOVER_TASK_QUEUE: z.string().max(200).default(DEFAULT_TASK_QUEUE),
  HUAWEICLOUD_SDK_PROJECT_ID: z
    .string({ error: 'is missing' })
    .regex(/^[0-9a-f]{32}$|^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'is not a project id'),
  DCS_REGION: z
    .string({ error: 'is missing' })
    .regex(/^[a-z]{2}-[a-z]+-\d{1,3}$/, 'is not a region'),
  DCS_ENDPOINT: z.string().optional(),
  DCS_TASK_USER_NAME: z.string().max(128).optional(),
  DCS_SWITCHOVER_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  DCS_SWITCHOVER_MAX_CACHED_WORKFLOWS: count(500, 1, 10_000),
  DCS_SWITCHOVER_MAX_ACTIVITIES: count(100, 1, 1_000),
  DCS_SWITCHOVER_SHUTDOWN_GRACE_SECONDS: count(45, 1, 600),
});

type Settings = z.output<typeof schema>;

/**
 * Reads the worker's own settings, once. Empty variables count as absent; see docs/configuration.md.
 *
 * @throws ConfigurationError naming every variable that is wrong
 */
export function loadWorkerConfig(env: NodeJS.ProcessEnv): WorkerConfig {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(present);
  if (!parsed.success)
    throw new ConfigurationError(
      parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`),
    );
  const settings = parsed.data;
  return Object.freeze({
    taskQueue: settings.DCS_SWITCHOVER_TASK_QUEUE,
    projectId: settings.HUAWEICLOUD_SDK_PROJECT_ID,
    region: settings.DCS_REGION,
    endpoint: endpointOf(settings, present),
    taskUserName: settings.DCS_TASK_USER_NAME ?? null,
    logLevel: settings.DCS_SWITCHOVER_LOG_LEVEL,
    maxCachedWorkflows: settings.DCS_SWITCHOVER_MAX_CACHED_WORKFLOWS,
    maxConcurrentActivities: settings.DCS_SWITCHOVER_MAX_ACTIVITIES,
    shutdownGraceSeconds: settings.DCS_SWITCHOVER_SHUTDOWN_GRACE_SECONDS,
  });
}

/** `DCS_ENDPOINT`, else the variable of the vendor's SDKs, else the pattern of the known regions. */
function endpointOf({ DCS_ENDPOINT, DCS_REGION }: Settings, env: NodeJS.ProcessEnv): string {
  if (DCS_ENDPOINT !== undefined) return DCS_ENDPOINT;
  const variable = `HUAWEICLOUD_SDK_REGION_DCS_${DCS_REGION.toUpperCase().replaceAll('-', '_')}`;
  const [first] = (env[variable] ?? '').split(',').map((url) => url.trim());
  if (first !== undefined && first !== '') return first;
  if (DCS_REGIONS.includes(DCS_REGION)) return `https://dcs.${DCS_REGION}.myhuaweicloud.com`;
  throw new ConfigurationError([
    `DCS_REGION ${DCS_REGION} is not a known region. Correct it, or set DCS_ENDPOINT as well`,
  ]);
}
