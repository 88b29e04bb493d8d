/**
 * Settings of the projects → what the activities work with. Shared by the worker and by the commands
 * that read the API themselves.
 */
import { readFileSync } from 'node:fs';

import type { ProjectEntry } from './activities/index.js';
import type { ProjectConfig, WorkerConfig } from './config/index.js';
import { DcsCredentialsError, createCredentialSource, createDcsClient } from './dcs/index.js';
import type { CredentialSource, Exchange } from './dcs/index.js';
import { READ_TIMEOUT_MS, SWAP_TIMEOUT_MS } from './domain/budgets.js';

/** A project with its client and the source of its credential. */
export interface ServedProject extends ProjectEntry {
  readonly config: ProjectConfig;
  readonly credentials: CredentialSource;
}

/** What the projects of a process have in common. */
export type ProjectsConfig = Pick<WorkerConfig, 'proxyUrl' | 'caFile' | 'projects'>;

/** Who wants to know of the calls. */
export interface ProjectsOptions {
  /** Told of every HTTP attempt of every project. */
  readonly onExchange?: (exchange: Exchange, project: ProjectConfig) => void;
}

/**
 * The projects of a worker, each with a credential that was read once: a missing one is found at
 * start-up, not by the first run.
 *
 * @throws DcsConfigurationError; DcsCredentialsError naming the projects; Error when `DCS_CA_FILE` cannot be read any more
 */
export async function createProjects(
  config: ProjectsConfig,
  env: NodeJS.ProcessEnv,
  options: ProjectsOptions = {},
): Promise<readonly ServedProject[]> {
  const projects = openProjects(config, env, options);
  await readCredentials(projects);
  return projects;
}

/** Each once, so that a person hears of all that are missing, and of which project they are. */
async function readCredentials(projects: readonly ServedProject[]): Promise<void> {
  const results = await Promise.allSettled(projects.map(({ credentials }) => credentials.get()));
  const problems = results.flatMap((result, index) => {
    if (result.status === 'fulfilled') return [];
    if (!(result.reason instanceof DcsCredentialsError)) throw result.reason as Error;
    return [`Project ${projects[index]?.projectId ?? ''}: ${result.reason.message}`];
  });
  if (problems.length > 0) throw new DcsCredentialsError(problems.join(' '));
}

/**
 * The same without reading a credential, for those who want to tell what is wrong with each.
 *
 * @throws DcsConfigurationError; Error when `DCS_CA_FILE` cannot be read any more
 */
export function openProjects(
  config: ProjectsConfig,
  env: NodeJS.ProcessEnv,
  options: ProjectsOptions = {},
): readonly ServedProject[] {
  const ca = config.caFile === null ? null : readFileSync(config.caFile, 'utf8');
  return config.projects.map((project) => openProject(project, { ...config, ca }, env, options));
}

/** The way to the clouds that all projects share. */
interface Way {
  readonly proxyUrl: string | null;
  readonly caFile: string | null;
  readonly ca: string | null;
}

function openProject(
  config: ProjectConfig,
  { proxyUrl, caFile, ca }: Way,
  env: NodeJS.ProcessEnv,
  { onExchange }: ProjectsOptions,
): ServedProject {
  const { projectId, region, endpoint, taskUserName, maxReadsPerSecond, policy } = config;
  const credentials = createCredentialSource(config.credentials, { env, proxyUrl, caFile });
  const dcs = createDcsClient({
    ...{ endpoint, projectId, credentials, proxyUrl, ca, maxReadsPerSecond },
    readTimeoutMs: READ_TIMEOUT_MS,
    swapTimeoutMs: SWAP_TIMEOUT_MS,
    ...(onExchange === undefined
      ? {}
      : {
          onExchange: (exchange: Exchange) => {
            onExchange(exchange, config);
          },
        }),
  });
  return { projectId, region, dcs, taskUserName, policy, config, credentials };
}

/** Finds a project by its id, as the activities need it. */
export function findProjectIn(
  projects: readonly ServedProject[],
): (projectId: string) => ServedProject | undefined {
  const byId = new Map(projects.map((project) => [project.projectId, project]));
  return (projectId) => byId.get(projectId);
}
