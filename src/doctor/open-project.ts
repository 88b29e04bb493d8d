import type { ProjectConfig } from '../config/index.js';
import type { Exchange } from '../dcs/index.js';
import { openProjects } from '../projects.js';
import type { ProjectsConfig } from '../projects.js';

import { toReader } from '../diagnostics/dcs/reader.js';
import type { DcsReader } from '../diagnostics/dcs/reader.js';

/** A project as diagnostics see it: it can be read, not changed. */
export interface OpenProject {
  readonly reader: DcsReader;
  readonly credential: {
    /** The source in words, never its content. */
    readonly description: string;
    /** Reads the source. @throws DcsCredentialsError */
    readonly obtain: () => Promise<void>;
  };
}

/** The settings that the projects of a process share. */
export type SharedConfig = Omit<ProjectsConfig, 'projects'>;

/**
 * Opens a project; nothing is read or called yet. The only place in the diagnostics where a client that
 * could swap exists, and it does not leave.
 *
 * @param onExchange told of every HTTP attempt
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
  const { dcs, credentials } = opened;
  return {
    reader: toReader(dcs),
    credential: {
      description: credentials.description,
      obtain: async () => {
        await credentials.get();
      },
    },
  };
}
