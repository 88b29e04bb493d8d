/** What people ask when nothing runs yet, or not any more. Reads only: nothing here can swap. */
export type { CheckStatus, DoctorCheck } from './check.js';
export { runDoctor } from './doctor.js';
export type { DoctorOptions, DoctorReport } from './doctor.js';
export { inspectInstance } from './inspect.js';
export type { InspectOptions, InspectReport } from './inspect.js';
export { createRecorder } from './record/recorder.js';
export type { Recorder } from './record/recorder.js';
export { setupCommands } from './temporal/commands.js';
export type { SetupCommands } from './temporal/commands.js';
export { setupSearchAttributes } from './temporal/setup.js';
export type { AttributeState, SetupReport } from './temporal/setup.js';
