/** The file that `DCS_SWITCHOVER_CONFIG` names: several projects, validated as a whole. */
import path from 'node:path';

import type { Environment } from './environment.js';
import type { Problems } from './problems.js';
import { PROJECT_VARIABLES } from './project.js';
import type { ProjectConfig } from './project.js';

import { readConfigFile } from './file/read.js';
import type { FileProject } from './file-schema.js';
import { toProjectConfig } from './file/to-project.js';
import { validateFile } from './file/validate.js';

/** The projects of the file; those that are wrong are left out after adding problems. */
export function projectsFromFile(
  file: string,
  env: Environment,
  problems: Problems,
): ProjectConfig[] {
  refuseBothPlaces(file, env, problems);
  const content = readConfigFile(file, problems);
  if (content === null) return [];
  const projects = validateFile(file, content, problems);
  if (projects.length > 0) checkDefaultProject(file, projects, env, problems);
  const folder = path.dirname(path.resolve(file));
  return projects.flatMap((project, index) => {
    const where = `${file}: projects[${index}]`;
    return toProjectConfig(project, { where, folder, env, problems }) ?? [];
  });
}

/** Which of two places wins is nothing that a person should have to remember at night. */
function refuseBothPlaces(file: string, env: Environment, problems: Problems): void {
  for (const [variable, field] of Object.entries(PROJECT_VARIABLES))
    if (env[variable] !== undefined)
      problems.add(
        variable,
        `is set beside DCS_SWITCHOVER_CONFIG (${file}), which has projects[].${field} for it: leave one of the two out`,
      );
}

/** The command takes this variable for its default project; a worker beside it has to serve that one. */
function checkDefaultProject(
  file: string,
  projects: readonly FileProject[],
  { HUAWEICLOUD_SDK_PROJECT_ID: projectId }: Environment,
  problems: Problems,
): void {
  if (projectId === undefined || projects.some((project) => project.projectId === projectId))
    return;
  problems.add(
    'HUAWEICLOUD_SDK_PROJECT_ID',
    `names a project that is none of projects[].projectId in ${file}: leave it out, or add the project`,
  );
}
