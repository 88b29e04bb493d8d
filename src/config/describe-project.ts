import type { ProjectConfig } from './project.js';

/** A project as the log tells it: with the source of its credential, never the content. */
export function describeProject(project: ProjectConfig): Readonly<Record<string, string>> {
  const { projectId, region, endpoint, credentials } = project;
  const source =
    credentials.source === 'agency'
      ? `agency ${credentials.agencyName} by ${credentials.base.source}`
      : credentials.source;
  return { projectId, region, endpoint, credentials: source };
}
