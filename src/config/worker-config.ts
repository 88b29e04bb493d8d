import { z } from 'zod';

import { DEFAULT_TASK_QUEUE } from '../contract/index.js';
import { findTaskQueueProblem } from '../domain/text.js';

import { credentialNotes } from './credentials.js';
import { projectsFromFile } from './file.js';
import { caFileOf, proxyUrlOf, webhookOf } from './network.js';
import type { WebhookConfig } from './network.js';
import { createProblems, decimalNumber, parseWith, presentOf, wholeNumber } from './problems.js';
import type { Environment, Problems } from './problems.js';
import { withProfile } from './profile.js';
import { projectFromEnvironment } from './project.js';
import type { GivenProject, ProjectConfig } from './project.js';

/** Names become part of Temporal's version string `{name}.{buildId}`. */
const deploymentName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/, 'is not a name of letters, digits, _ and -');
const buildId = z
  .string()
  .regex(/^[A-Za-z0-9][\w.+-]{0,127}$/, 'is not an id of letters, digits, _, -, + and .');

/** The worker process's own variables, whatever projects it serves. */
export const processSchema = z.object({
  DCS_SWITCHOVER_TASK_QUEUE: z
    .string()
    .superRefine((name, context) => {
      const message = findTaskQueueProblem(name);
      if (message !== null) context.addIssue({ code: 'custom', message });
    })
    .default(DEFAULT_TASK_QUEUE),
  DCS_SWITCHOVER_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'], { error: 'is not debug, info, warn or error' })
    .default('info'),
  DCS_SWITCHOVER_MAX_CACHED_WORKFLOWS: wholeNumber(1, 10_000).default(500),
  DCS_SWITCHOVER_MAX_ACTIVITIES: wholeNumber(1, 1_000).default(100),
  DCS_SWITCHOVER_MAX_ACTIVITIES_PER_SECOND: decimalNumber(0.1, 10_000).nullable().default(null),
  DCS_SWITCHOVER_SHUTDOWN_GRACE_SECONDS: wholeNumber(1, 600).default(45),
  DCS_SWITCHOVER_HTTP_PORT: wholeNumber(0, 65_535).nullable().default(null),
  DCS_SWITCHOVER_HTTP_HOST: z
    .string()
    .regex(/^[\w.:-]{1,253}$/, 'is not a host name or address')
    .default('127.0.0.1'),
  DCS_SWITCHOVER_BUILD_ID: buildId.nullable().default(null),
  DCS_SWITCHOVER_DEPLOYMENT_NAME: deploymentName.default('dcs-switchover'),
});

/** What {@link processSchema} yields. */
type ProcessSettings = z.output<typeof processSchema>;

/** Variables that do nothing without another one; set alone they are a mistake. */
const REQUIRED_WITH: readonly (readonly [variable: string, needs: string])[] = [
  ['DCS_SWITCHOVER_HTTP_HOST', 'DCS_SWITCHOVER_HTTP_PORT'],
  ['DCS_SWITCHOVER_DEPLOYMENT_NAME', 'DCS_SWITCHOVER_BUILD_ID'],
];

/** What a worker process gets from its environment; frozen. */
export interface WorkerConfig {
  readonly taskQueue: string;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly maxCachedWorkflows: number;
  readonly maxConcurrentActivities: number;
  /** Of the whole task queue, whatever the number of workers; `null`: no limit. */
  readonly maxQueueActivitiesPerSecond: number | null;
  readonly shutdownGraceSeconds: number;
  /** Where health, readiness and metrics are served; `null`: no port is opened. Port 0: any free one. */
  readonly http: { readonly host: string; readonly port: number } | null;
  /** Temporal's worker versioning; `null`: unversioned. */
  readonly versioning: { readonly deploymentName: string; readonly buildId: string } | null;
  /** Way to DCS and IAM. May hold a password: never to be logged. */
  readonly proxyUrl: string | null;
  /** PEM certificates that are trusted for DCS and IAM beside the system's. */
  readonly caFile: string | null;
  /** Where notifications go; `null`: nowhere. */
  readonly webhook: WebhookConfig | null;
  /** At least one, each project once. */
  readonly projects: readonly ProjectConfig[];
  /** What is not wrong, but worth a line in the log. */
  readonly notes: readonly string[];
}

/**
 * Reads the worker's own settings, once. Empty variables count as absent; see docs/configuration.md.
 *
 * @throws ConfigurationError naming everything that is wrong, each by its variable
 */
export function loadWorkerConfig(env: NodeJS.ProcessEnv): WorkerConfig {
  const present = presentOf(env);
  const problems = createProblems();
  const projects = withProfile(loadProjects(present, problems), present, problems);
  const settings = parseWith(processSchema, present, problems);
  checkRequiredWith(present, problems);
  const edge = { proxyUrl: proxyUrlOf(present, problems), caFile: caFileOf(present, problems) };
  const webhook = webhookOf(present, problems);
  const notes = credentialNotes(present);
  const process = toProcessConfig(problems.settle(settings));
  return deepFreeze({ ...process, ...edge, webhook, projects, notes });
}

function loadProjects(env: Environment, problems: Problems): GivenProject[] {
  const file = env['DCS_SWITCHOVER_CONFIG'];
  if (file !== undefined) return projectsFromFile(file, env, problems);
  const project = projectFromEnvironment(env, problems);
  return project === null ? [] : [project];
}

function checkRequiredWith(env: Environment, problems: Problems): void {
  for (const [variable, needs] of REQUIRED_WITH)
    if (env[variable] !== undefined && env[needs] === undefined)
      problems.add(variable, `has no effect without ${needs}: set both, or none`);
}

function toProcessConfig(
  settings: ProcessSettings,
): Omit<WorkerConfig, 'proxyUrl' | 'caFile' | 'webhook' | 'projects' | 'notes'> {
  const { DCS_SWITCHOVER_HTTP_PORT: port, DCS_SWITCHOVER_BUILD_ID: buildId } = settings;
  return {
    taskQueue: settings.DCS_SWITCHOVER_TASK_QUEUE,
    logLevel: settings.DCS_SWITCHOVER_LOG_LEVEL,
    maxCachedWorkflows: settings.DCS_SWITCHOVER_MAX_CACHED_WORKFLOWS,
    maxConcurrentActivities: settings.DCS_SWITCHOVER_MAX_ACTIVITIES,
    maxQueueActivitiesPerSecond: settings.DCS_SWITCHOVER_MAX_ACTIVITIES_PER_SECOND,
    shutdownGraceSeconds: settings.DCS_SWITCHOVER_SHUTDOWN_GRACE_SECONDS,
    http: port === null ? null : { host: settings.DCS_SWITCHOVER_HTTP_HOST, port },
    versioning:
      buildId === null
        ? null
        : { deploymentName: settings.DCS_SWITCHOVER_DEPLOYMENT_NAME, buildId },
  };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
