import { loginOf } from '../config/index.js';
import type { ProjectConfig } from '../config/index.js';
import type { DataPlaneSource } from '../data-plane/index.js';
import type { CredentialSettings, DcsClient, Exchange } from '../dcs/index.js';
import { openProjects } from '../projects.js';
import type { ProjectsConfig } from '../projects.js';

/** The readings of a DCS client. Diagnostics are given this and nothing else, so they cannot swap. */
export type DcsReader = Readonly<
  Pick<
    DcsClient,
    | ('projectId' | 'showInstance' | 'showTags' | 'listNodes' | 'listGroups')
    | ('listTasks' | 'listCenterTasks' | 'showJob' | 'listInstances' | 'listAllNodes')
  >
>;

/** Takes the readings, and only them, out of a client. */
export function toReader(client: DcsClient): DcsReader {
  const { projectId, showInstance, showTags, listNodes, listGroups } = client;
  const { listTasks, listCenterTasks, showJob, listInstances, listAllNodes } = client;
  return Object.freeze({
    ...{ projectId, showInstance, showTags, listNodes, listGroups },
    ...{ listTasks, listCenterTasks, showJob, listInstances, listAllNodes },
  });
}

/** A project as diagnostics see it: it can be read, not changed. */
export interface OpenProject {
  readonly reader: DcsReader;
  readonly credential: {
    /** The source as text, never its content. */
    readonly description: string;
    /** Reads the source. @throws DcsCredentialsError */
    readonly obtain: () => Promise<void>;
  };
  /** The Redis behind its instances; `null`: none is configured. */
  readonly dataPlane: DataPlaneSource | null;
}

/** The settings that the projects of a process share. */
export type SharedConfig = Omit<ProjectsConfig, 'projects'>;

/**
 * Opens a project; nothing is read or called yet. The only place in the diagnostics where a client that
 * could swap exists, and it does not leave.
 *
 * @param onExchange notified of every HTTP attempt
 * @throws DcsConfigurationError; Error when `DCS_CA_FILE` cannot be read
 */
export function openProject(
  project: ProjectConfig,
  { proxyUrl, caFile }: SharedConfig,
  env: NodeJS.ProcessEnv,
  onExchange: (exchange: Exchange) => void = () => undefined,
): OpenProject {
  const [opened] = openProjects({ proxyUrl, caFile, projects: [project] }, env, { onExchange });
  if (opened === undefined) throw new Error('one project was to be opened');
  const { dcs, credentials, dataPlane = null } = opened;
  return {
    reader: toReader(dcs),
    credential: {
      description: credentials.description,
      obtain: async () => {
        await credentials.get();
      },
    },
    dataPlane,
  };
}

/** The configured projects of this id; without one, all. */
export function projectsNamed(
  projects: readonly ProjectConfig[],
  projectId: string | null,
): readonly ProjectConfig[] {
  return projects.filter((project) => projectId === null || project.projectId === projectId);
}

/** What is wrong where {@link projectsNamed} finds none. */
export function describeNotConfigured(
  projectId: string | null,
  projects: readonly ProjectConfig[],
): string {
  const ids = projects.map((project) => project.projectId).join(', ');
  return `--project ${projectId ?? ''} is none of the configured projects (${ids})`;
}

/** Refused logins that one run of the diagnostics may cause; five in a row lock a key for everybody. */
const MAX_REFUSED_LOGINS = 2;

/** Keeps count of refused logins over all projects. */
export interface LoginGuard {
  /** Why no further login may be tried with these settings; `null`: it may. */
  readonly refusal: (settings: CredentialSettings) => string | null;
  readonly remember: (settings: CredentialSettings) => void;
}

/** Two projects with the same settings have the same key, so its refusal counts for both. */
export function createLoginGuard(): LoginGuard {
  const refused: string[] = [];
  return {
    refusal: (settings) => {
      if (refused.includes(loginOf(settings)))
        return 'the same credential was refused for another project; five failures lock a key';
      return refused.length >= MAX_REFUSED_LOGINS
        ? `${MAX_REFUSED_LOGINS} logins were refused already; five failures lock a key`
        : null;
    },
    remember: (settings) => {
      refused.push(loginOf(settings));
    },
  };
}
