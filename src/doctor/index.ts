/** What people ask when nothing runs yet, or not any more. Reads only: nothing here can swap. */
export type { CheckStatus, DoctorCheck } from './check.js';
export { runDoctor } from './doctor.js';
export type { DoctorOptions, DoctorReport } from './doctor.js';
export { inspectInstance } from './inspect.js';
export type { InspectReport } from './inspect.js';
export { createRecorder } from './record.js';
export { setupCommands } from './setup.js';
export type { SetupCommands } from './setup.js';
export { setupSearchAttributes } from './setup.js';
export type { AttributeState, SetupReport } from './setup.js';
export { listInstanceNames, listProjectInstances } from './instances.js';
export type { ProjectInstance } from './instances.js';
