/** Validation at the edges (client, command, first activity). Never imported by workflow code. */
export { MAX_TEXT_LENGTH } from './fields.js';
export { freezeSchema, parseFreeze } from './freeze-input.js';
export type { ParsedFreeze } from './freeze-input.js';
export { findShortSoak } from './maintenance-contradictions.js';
export { maintenanceInputSchema } from './maintenance-input.js';
export type { WellFormedMaintenance } from './maintenance-input.js';
export { MESSAGE_SCHEMAS, parseMessage } from './message-input.js';
export type { ParsedMessage } from './message-input.js';
export { parseInput, toRequest } from './parse-input.js';
export type { ParsedInput } from './parse-input.js';
export { parseMaintenanceInput, toMaintenanceRequest } from './parse-maintenance.js';
export type { ParsedMaintenance } from './parse-maintenance.js';
export { toProblems } from './problems.js';
export { SCHEDULE_BOUNDS, parseScheduleInput, scheduleSpecSchema } from './schedule-input.js';
export type {
  ParsedSchedule,
  WellFormedSchedule,
  WellFormedScheduleSpec,
} from './schedule-input.js';
export { switchoverInputSchema } from './switchover-input.js';
export type { WellFormedInput } from './switchover-input.js';
export { windowSchema } from './window-input.js';
