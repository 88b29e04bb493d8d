/** The file that `DCS_SWITCHOVER_PROFILE` names: how the API behaves for a project, as `certify` has written it. */
import { z } from 'zod';

import { DEFAULT_NODE_IDENTITY } from '../domain/identity.js';

import { readConfigFile } from './file.js';
import { parseWith, shapes } from './problems.js';
import type { Environment, Problems } from './problems.js';
import type { GivenProject, ProjectConfig } from './project.js';

const VARIABLE = 'DCS_SWITCHOVER_PROFILE';

/** Longest job that a profile may name; runs give up none earlier. */
const MAX_JOB_SECONDS = 3_600;

const jobSeconds = z.number().positive().max(MAX_JOB_SECONDS);

/** The whole file. */
export const profileSchema = z.strictObject({
  projects: z
    .array(
      z.strictObject({
        projectId: shapes.projectId,
        nodeIdentity: shapes.nodeIdentity.optional(),
        taskUserName: shapes.taskUserName.optional(),
        jobSeconds: z.strictObject({ shortest: jobSeconds, longest: jobSeconds }).optional(),
      }),
    )
    .min(1, 'names no project'),
});

type ProjectProfile = z.output<typeof profileSchema>['projects'][number];

/**
 * The projects, with what a profile says of them where their own settings say nothing. Both at once may differ in
 * nothing: which of two places wins is nothing that a person should have to remember.
 */
export function withProfile(
  projects: readonly GivenProject[],
  env: Environment,
  problems: Problems,
): readonly ProjectConfig[] {
  const file = env[VARIABLE];
  const content = file === undefined ? null : readConfigFile(file, VARIABLE, problems);
  const profile =
    content === null
      ? null
      : parseWith(profileSchema, content, problems, (path) => `${file ?? ''}: ${path.join('.')}`);
  return projects.map((project) => {
    const learnt = profile?.projects.find(({ projectId }) => projectId === project.projectId);
    return complete(project, learnt, problems);
  });
}

function complete(
  project: GivenProject,
  { nodeIdentity, taskUserName, jobSeconds }: Partial<ProjectProfile> = {},
  problems: Problems,
): ProjectConfig {
  const choose = <T>(name: string, given: T | null, learnt: T | undefined): T | null => {
    if (given !== null && learnt !== undefined && given !== learnt)
      problems.add(
        VARIABLE,
        `has another ${name} for project ${project.projectId} than its own settings: leave one of the two out`,
      );
    return given ?? learnt ?? null;
  };
  return {
    ...project,
    nodeIdentity:
      choose('nodeIdentity', project.nodeIdentity, nodeIdentity) ?? DEFAULT_NODE_IDENTITY,
    taskUserName: choose('taskUserName', project.taskUserName, taskUserName),
    jobTimes:
      jobSeconds === undefined
        ? null
        : { shortestMs: jobSeconds.shortest * 1_000, longestMs: jobSeconds.longest * 1_000 },
  };
}
