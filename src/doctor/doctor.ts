/** Checks everything that a switchover needs, except the one thing that only the PUT can show. */
import { ConfigurationError, loadWorkerConfig } from '../config/index.js';
import type { WebhookConfig, WorkerConfig } from '../config/index.js';
import { DEFAULT_TASK_QUEUE, NOTIFICATION_TYPES } from '../contract/index.js';
import type { Exchange } from '../dcs/index.js';
import { timeoutSignal } from '../util.js';

import { about, exitCodeOf, fail, fixesOf, ok, skip, warn } from './check.js';
import type { DoctorCheck, CheckFinding } from './check.js';
import { dial, DialError, hostOf, portOf } from './network.js';
import { createLoginGuard, describeNotConfigured, projectsNamed } from './open-project.js';
import { checkProject } from './project.js';
import type { ProjectContext } from './project.js';
import { SWAP_ACTION } from './readings.js';
import { checkTemporal } from './temporal.js';
import { countOf } from '../domain/text.js';

const ID = 'webhook';
const ALL_TYPES = Object.values(NOTIFICATION_TYPES);

/** Longest time for one stage of the connection, in milliseconds. */
const STAGE_TIMEOUT_MS = 4_000;

/**
 * Whether a connection to the webhook comes about; nothing is posted. It is never more than a warning: no
 * switchover waits for it. Of the URL only the origin is reported.
 */
async function checkWebhook(webhook: WebhookConfig | null): Promise<CheckFinding> {
  if (webhook === null) return skip(ID, 'not configured; no notifications are sent');
  const endpoint = new URL(webhook.url);
  try {
    const options = { endpoint, proxyUrl: null, ca: null, timeoutMs: STAGE_TIMEOUT_MS };
    const { tlsVersion } = await dial(options);
    const { format, types } = webhook;
    const wanted = `${types.length} of ${ALL_TYPES.length} events`;
    return ok(
      ID,
      `${endpoint.origin} answers (${tlsVersion ?? 'plain text'}); ${format}, ${wanted}`,
    );
  } catch (error) {
    if (!(error instanceof DialError)) throw error;
    return warn(ID, `${endpoint.origin}: ${error.message}`, fixOf(error, endpoint));
  }
}

function fixOf({ stage }: DialError, endpoint: URL): string {
  return stage === 'TLS'
    ? `Set NODE_EXTRA_CA_CERTS to the certificate of the authority that signed ${endpoint.host}.`
    : `Correct DCS_SWITCHOVER_WEBHOOK_URL, or open the way to ${hostOf(endpoint)}, TCP port ${portOf(endpoint)}: it is not reached through DCS_HTTPS_PROXY.`;
}

/** What no reading shows. Each entry is one sentence for people. */
const UNKNOWABLE: readonly string[] = [
  `Whether the credential may swap (${SWAP_ACTION}): no reading asks for it. Without it the PUT is rejected, nothing moves, and the run ends FAILED_UNCHANGED.`,
  'Which replica is promoted where there are several: the API takes no target. A run with a target is REFUSED unless every promotable replica satisfies it.',
  'How long the job takes, and how long connections are interrupted: it was not measured on this account.',
  'Whether the id of the task equals the job id, how soon the task is listed, and which identifiers follow a node: where the service differs from what is assumed, a run ends UNKNOWN rather than wrong.',
];

/** Longest time for the checks of the projects, in milliseconds; the whole run stays below a minute. */
const PROJECTS_DEADLINE_MS = 25_000;

/** What to look at. */
export interface DoctorOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Only this project; `null`: every one of the configuration. */
  readonly projectId: string | null;
  /** A real instance to read; needs one project. `null`: permissions are asked for without one. */
  readonly instanceId: string | null;
  /** Notified of every HTTP exchange with DCS. */
  readonly onExchange?: (exchange: Exchange) => void;
}

/** What the doctor found. */
export interface DoctorReport {
  readonly checks: readonly DoctorCheck[];
  /** What to do, in this order. */
  readonly fixes: readonly string[];
  /** What no reading can show. */
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
function readConfiguration(options: DoctorOptions): readonly [CheckFinding, WorkerConfig | null] {
  const id = 'configuration';
  try {
    const config = narrow(loadWorkerConfig(options.env), options);
    const { projects, taskQueue } = config;
    const ids = projects.map(({ projectId, region }) => `${projectId} (${region})`).join(', ');
    return [
      ok(id, `valid; queue ${taskQueue}, ${countOf(projects.length, 'project')}: ${ids}`),
      config,
    ];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const fix = 'Correct what is named, then run the doctor again; see docs/configuration.md.';
    return [fail(id, error.problems.join('; '), fix, 'configuration'), null];
  }
}

/** @throws ConfigurationError when a project is not configured, or it is not clear which is meant */
function narrow(config: WorkerConfig, { projectId, instanceId }: DoctorOptions): WorkerConfig {
  const projects = projectsNamed(config.projects, projectId);
  if (projects.length === 0)
    throw new ConfigurationError([describeNotConfigured(projectId, config.projects)]);
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
    signal: timeoutSignal(PROJECTS_DEADLINE_MS),
    onExchange,
  };
  const checks: DoctorCheck[] = [];
  // One after the other: refused logins have to be counted before the next one is tried.
  for (const project of config.projects)
    checks.push(...about(project.projectId, await checkProject(project, context)));
  return checks;
}
