/**
 * Settings of the projects → what the activities work with. Shared by the worker and by the commands
 * that read the API themselves.
 */
import { readFileSync } from 'node:fs';

import type { ProjectEntry } from './activities/index.js';
import { loginOf } from './config/index.js';
import type { ProjectConfig, WorkerConfig } from './config/index.js';
import { createDataPlaneSource } from './data-plane/index.js';
import type { DataPlaneSource } from './data-plane/index.js';
import {
  createCredentialSource,
  createDcsClient,
  DcsCredentialsError,
  readSecretFile,
  readSmallFile,
} from './dcs/index.js';
import type { CredentialSource, Exchange, OnTurnWait } from './dcs/index.js';
import { learntPollsMs } from './domain/polling.js';
import { READ_TIMEOUT_MS, SWAP_TIMEOUT_MS } from './domain/timing.js';

/** A project with its client and the source of its credential. */
export interface ServedProject extends ProjectEntry {
  readonly config: ProjectConfig;
  readonly credentials: CredentialSource;
}

/** What the projects of a process have in common. */
export type ProjectsConfig = Pick<WorkerConfig, 'proxyUrl' | 'caFile' | 'projects'>;

/** Who wants to know of the calls. */
export interface ProjectsOptions {
  /** Notified of every HTTP attempt of every project. */
  readonly onExchange?: (exchange: Exchange, project: ProjectConfig) => void;
  /** Notified of every reading that had to wait for its turn. */
  readonly onTurnWait?: OnTurnWait;
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
  const problems = await Promise.all(groupByLogin(projects).map(readGroup));
  const all = problems.flat();
  if (all.length > 0) throw new DcsCredentialsError(all.join(' '));
}

/** One login is tried before the others of the same user: a few wrong ones lock the user for everybody. */
async function readGroup([first, ...others]: readonly ServedProject[]): Promise<string[]> {
  if (first === undefined) return [];
  const problem = await readCredential(first);
  if (problem === null)
    return (await Promise.all(others.map(readCredential))).filter((each) => each !== null);
  const skipped = others.map(
    ({ projectId }) => `Project ${projectId}: not tried, its login is that of ${first.projectId}.`,
  );
  return [problem, ...skipped];
}

/** What is wrong with a project's credential, or `null`. */
async function readCredential({ projectId, credentials }: ServedProject): Promise<string | null> {
  try {
    await credentials.get();
    return null;
  } catch (error) {
    if (!(error instanceof DcsCredentialsError)) throw error;
    return `Project ${projectId}: ${error.message}`;
  }
}

function groupByLogin(projects: readonly ServedProject[]): ServedProject[][] {
  const groups = new Map<string, ServedProject[]>();
  for (const project of projects) {
    const { credentials, projectId } = project.config;
    const isLogin = credentials.source === 'iam-token' || credentials.source === 'agency';
    const key = isLogin ? loginOf(credentials) : projectId;
    groups.set(key, [...(groups.get(key) ?? []), project]);
  }
  return [...groups.values()];
}

/**
 * The same without reading a credential, for those who want to show what is wrong with each.
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

/** The route to the clouds that all projects share. */
interface Route {
  readonly proxyUrl: string | null;
  readonly caFile: string | null;
  readonly ca: string | null;
}

function openProject(
  config: ProjectConfig,
  { proxyUrl, caFile, ca }: Route,
  env: NodeJS.ProcessEnv,
  { onExchange, onTurnWait }: ProjectsOptions,
): ServedProject {
  const { projectId, region, endpoint, stsEndpoint, maxReadsPerSecond } = config;
  const { taskUserName, nodeIdentity, jobTimes, policy } = config;
  const credentials = createCredentialSource(config.credentials, { env, proxyUrl, caFile });
  const dcs = createDcsClient({
    ...{ endpoint, stsEndpoint, projectId, credentials, proxyUrl, ca, maxReadsPerSecond },
    readTimeoutMs: READ_TIMEOUT_MS,
    swapTimeoutMs: SWAP_TIMEOUT_MS,
    ...(onTurnWait === undefined ? {} : { onTurnWait }),
    ...(onExchange === undefined
      ? {}
      : {
          onExchange: (exchange: Exchange) => {
            onExchange(exchange, config);
          },
        }),
  });
  const learnt = jobTimes === null ? {} : { firstPollsMs: learntPollsMs(jobTimes) };
  const settings = { taskUserName, nodeIdentity, policy, ...learnt };
  const dataPlane = dataPlaneOf(config);
  return { projectId, region, dcs, ...settings, dataPlane, config, credentials };
}

function dataPlaneOf({ dataPlane }: ProjectConfig): DataPlaneSource | null {
  if (dataPlane.length === 0) return null;
  const readText = (file: string) => readSmallFile('CA file', file);
  return createDataPlaneSource(dataPlane, { readSecret: readSecretFile, readText });
}

/** Finds a project by its id, as the activities need it. */
export function findProjectIn(
  projects: readonly ServedProject[],
): (projectId: string) => ServedProject | undefined {
  const byId = new Map(projects.map((project) => [project.projectId, project]));
  return (projectId) => byId.get(projectId);
}
