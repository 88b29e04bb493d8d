/**
 * Settings of the projects → what the activities work with. Shared by the worker and by the commands
 * that read the API themselves.
 */
import type { ProjectEntry } from './activities/index.js';
import type { ProjectConfig, WorkerConfig } from './config/index.js';
import { createDcsClient, environmentCredentials } from './dcs/index.js';
import type { CredentialSource } from './dcs/index.js';
import { READ_TIMEOUT_MS, SWAP_TIMEOUT_MS } from './domain/budgets.js';

/** A project with its client and the source of its credential. */
export interface ServedProject extends ProjectEntry {
  readonly config: ProjectConfig;
  readonly credentials: CredentialSource;
}

/** What the projects of a process have in common. */
export type ProjectsConfig = Pick<WorkerConfig, 'proxyUrl' | 'caFile' | 'projects'>;

/**
 * The projects of a worker, each with a credential that was read once: a missing one is found at
 * start-up, not by the first run.
 *
 * @throws DcsConfigurationError, DcsCredentialsError
 */
export async function createProjects(
  config: ProjectsConfig,
  env: NodeJS.ProcessEnv,
): Promise<readonly ServedProject[]> {
  const projects = config.projects.map((project) => createProject(project, env));
  for (const { credentials } of projects) await credentials.get();
  return projects;
}

/** One project; nothing is read or called yet. */
export function createProject(config: ProjectConfig, env: NodeJS.ProcessEnv): ServedProject {
  const { projectId, region, endpoint, taskUserName, policy } = config;
  const credentials = environmentCredentials(env);
  const dcs = createDcsClient({
    endpoint,
    projectId,
    credentials,
    readTimeoutMs: READ_TIMEOUT_MS,
    swapTimeoutMs: SWAP_TIMEOUT_MS,
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
