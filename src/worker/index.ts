/**
 * Entry point `dcs-switchover/worker`: the only importer of the native worker. `runWorker` turns the
 * environment into a running worker; `switchoverWorkerOptions` puts our workflow and activities into a
 * worker that a team already has; `createSwitchoverActivities` and `workflowBundlePath` are its parts.
 */
export { createSwitchoverActivities } from './activities.js';
export type { HostOptions } from './activities.js';
export { createNotifications } from './notifications.js';
export type { Notifications } from './notifications.js';
export { switchoverWorkerOptions } from './options.js';
export type {
  SwitchoverWorker,
  SwitchoverWorkerOptions,
  SwitchoverWorkerSettings,
} from './options.js';
export { runWorker } from '../worker.js';
export type { RunWorkerOptions } from '../worker.js';
export { workflowBundlePath } from './workflow-bundle.js';
export type { WorkflowBundleOptions } from './workflow-bundle.js';
