/** Validation at the edges (client, command, first activity). Never imported by workflow code. */
export { MAX_TEXT_LENGTH, readRoles } from './fields.js';
export { freezeSchema, parseFreeze } from './messages.js';
export { findShortSoak } from './maintenance.js';
export { maintenanceInputSchema } from './maintenance.js';
export type { WellFormedMaintenance } from './maintenance.js';
export { MESSAGE_SCHEMAS, parseMessage } from './messages.js';
export type { Messages } from './messages.js';
export { parseInput, toRequest } from './switchover.js';
export { parseMaintenanceInput, toMaintenanceRequest } from './maintenance.js';
export { parse } from './problems.js';
export type { Parsed } from './problems.js';
export { SCHEDULE_BOUNDS, parseScheduleInput, scheduleSpecSchema } from './schedule.js';
export type { WellFormedSchedule, WellFormedScheduleSpec } from './schedule.js';
export { switchoverInputSchema } from './switchover.js';
export type { WellFormedInput } from './switchover.js';
export { windowSchema } from './fields.js';
