/** Settings of the worker process: read once at the edge, validated, frozen. */
export { ConfigurationError } from './configuration-error.js';
export { describeProject } from './describe-project.js';
export { loginOf } from './login-of.js';
export { loadWorkerConfig } from './worker-config.js';
export type { ProjectConfig } from './project.js';
export type { WorkerConfig } from './worker-config.js';
export { DCS_REGIONS, otherOrigin } from './regions.js';
export { WEBHOOK_VARIABLES } from './webhook-settings.js';
export type { WebhookConfig } from './webhook-settings.js';
