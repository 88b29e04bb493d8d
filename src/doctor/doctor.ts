/** Checks everything that a switchover needs, except the one thing that only the PUT can tell. */
import { ConfigurationError, loadWorkerConfig } from '../config/index.js';
import type { WorkerConfig } from '../config/index.js';
import { DEFAULT_TASK_QUEUE } from '../contract/index.js';
import type { Exchange } from '../dcs/index.js';

import { about, exitCodeOf, fail, fixesOf, ok, skip } from './check.js';
import type { DoctorCheck, Finding } from './check.js';
import { createLoginGuard } from '../diagnostics/dcs/login-guard.js';
import { checkProject } from './project.js';
import type { ProjectContext } from './project.js';
import { UNKNOWABLE } from '../diagnostics/unknowable.js';
import { checkTemporal } from './temporal.js';
import { checkWebhook } from '../diagnostics/webhook.js';

/** Longest time for the checks of the projects, in milliseconds; the whole run stays below a minute. */
const PROJECTS_DEADLINE_MS = 25_000;

/** What to look at. */
export interface DoctorOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Only this project; `null`: every one of the configuration. */
  readonly projectId: string | null;
  /** A real instance to read; needs one project. `null`: permissions are asked for without one. */
  readonly instanceId: string | null;
  /** Told of every HTTP exchange with DCS. */
  readonly onExchange?: (exchange: Exchange) => void;
}

/** What the doctor found. */
export interface DoctorReport {
  readonly checks: readonly DoctorCheck[];
  /** What to do, in this order. */
  readonly fixes: readonly string[];
  /** What no reading can tell. */
  readonly unknowable: readonly string[];
  readonly exitCode: number;
}

/** Runs every check that can be run; a failure of one is a finding, not an error. */
export async function runDoctor(options: DoctorOptions): Promise<DoctorReport> {
  const { env } = options;
  const [configuration, config] = readConfiguration(options);
  const taskQueue = config?.taskQueue ?? presentOr(env, 'DCS_SWITCHOVER_TASK_QUEUE');
  const usesVersioning = (config?.versioning ?? null) !== null;
  const temporal = await checkTemporal(env, { taskQueue, usesVersioning });
  const webhook =
    config === null ? skip('webhook', 'see the configuration') : await checkWebhook(config.webhook);
  const projects = config === null ? [] : await checkProjects(config, options);
  const checks = [...about(null, [configuration, ...temporal, webhook]), ...projects];
  return {
    checks,
    fixes: fixesOf(checks),
    unknowable: UNKNOWABLE,
    exitCode: exitCodeOf(checks),
  };
}

function presentOr(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name] ?? '';
  return value === '' ? DEFAULT_TASK_QUEUE : value;
}

/** The configuration, narrowed to what was asked for; `null` where it cannot be used. */
function readConfiguration(options: DoctorOptions): readonly [Finding, WorkerConfig | null] {
  const id = 'configuration';
  try {
    const config = narrow(loadWorkerConfig(options.env), options);
    const { projects, taskQueue } = config;
    const ids = projects.map(({ projectId, region }) => `${projectId} (${region})`).join(', ');
    return [ok(id, `valid; queue ${taskQueue}, ${projects.length} project(s): ${ids}`), config];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const fix = 'Correct what is named, then run the doctor again; see docs/configuration.md.';
    return [fail(id, error.message, fix, 'configuration'), null];
  }
}

/** @throws ConfigurationError when a project is not configured, or it is not clear which is meant */
function narrow(config: WorkerConfig, { projectId, instanceId }: DoctorOptions): WorkerConfig {
  const projects = config.projects.filter(
    (project) => projectId === null || project.projectId === projectId,
  );
  if (projects.length === 0)
    throw new ConfigurationError(['--project is not one of the configured projects']);
  if (instanceId !== null && projects.length > 1)
    throw new ConfigurationError(['--instance needs --project where several are configured']);
  return { ...config, projects };
}

async function checkProjects(config: WorkerConfig, options: DoctorOptions): Promise<DoctorCheck[]> {
  const { env, instanceId, onExchange = () => undefined } = options;
  const context: ProjectContext = {
    env,
    shared: config,
    instanceId,
    logins: createLoginGuard(),
    signal: AbortSignal.timeout(PROJECTS_DEADLINE_MS),
    onExchange,
  };
  const checks: DoctorCheck[] = [];
  // One after the other: refused logins have to be counted before the next one is tried.
  for (const project of config.projects)
    checks.push(...about(project.projectId, await checkProject(project, context)));
  return checks;
}
