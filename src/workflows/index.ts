/**
 * Entry point `dcs-switchover/workflows`: what a worker's workflow bundle contains. Sandboxed code:
 * reaches `@temporalio/workflow`, `@temporalio/common`, contract and domain, nothing else. A team with
 * a worker of its own re-exports this from its `workflowsPath`.
 */
export { dcsFreeze } from './freeze.js';
export { dcsNotify } from './notify.js';
export { dcsSwitchover } from './switchover.js';
export { dcsMaintenance } from './maintenance/maintenance.js';
