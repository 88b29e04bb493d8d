/** What people ask when nothing runs yet, or not any more. Reads only: nothing here can swap. */
export type { CheckStatus, DoctorCheck } from './check.js';
export { runDoctor } from './doctor.js';
export type { DoctorOptions, DoctorReport } from './doctor.js';
export { chooseProject, inspectInstance } from './inspect.js';
export type { InspectReport } from './inspect.js';
export { openProject } from './open-project.js';
export type { DcsReader } from './open-project.js';
export { ABSENT_JOB_ID, READ_DEADLINE_MS } from './readings.js';
export { claimFolder, createPseudonyms, createRecorder, redactBody } from './record.js';
export { setupCommands } from './setup.js';
export type { SetupCommands } from './setup.js';
export { setupSearchAttributes } from './setup.js';
export type { AttributeState, SetupReport } from './setup.js';
export { listInstanceNames, listProjectInstances } from './instances.js';
export type { ProjectInstance } from './instances.js';
