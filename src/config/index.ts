import type { CredentialSettings } from '../dcs/index.js';

import type { ProjectConfig } from './project.js';

/** Settings of the worker process: read once at the edge, validated, frozen. */
export { ConfigurationError, readTogether } from './problems.js';
export { loadWorkerConfig } from './worker-config.js';
export type { ProjectConfig } from './project.js';
export type { WorkerConfig } from './worker-config.js';
export { DCS_REGIONS, otherOrigin } from './endpoints.js';
export { WEBHOOK_VARIABLES } from './network.js';
export type { WebhookConfig } from './network.js';

/** A project as the log reports it: with the source of its credential, never the content. */
export function describeProject(project: ProjectConfig): Readonly<Record<string, string>> {
  const { projectId, region, endpoint, credentials } = project;
  const source =
    credentials.source === 'agency'
      ? `agency ${credentials.agencyName} by ${credentials.base.source}`
      : credentials.source;
  return { projectId, region, endpoint, credentials: source };
}

/** Who logs in with these settings, to tell him from another: a user is the same whichever project his token is for. */
export function loginOf(settings: CredentialSettings): string {
  return JSON.stringify(settings, (name, value: unknown) =>
    name === 'projectId' ? undefined : value,
  );
}
