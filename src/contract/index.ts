/**
 * Contract v1: the names and shapes that callers in any language hold on to. Pure types and
 * constants; imports nothing, so every part of the package, sandboxed workflow code included, may
 * import it.
 */
export {
  DEFAULT_TASK_QUEUE,
  SEARCH_ATTRIBUTES,
  STATUS_QUERY,
  SWITCHOVER_WORKFLOW_TYPE,
  makePlanWorkflowId,
  makeSwitchoverWorkflowId,
  makeWorkflowId,
} from './switchover.js';
export type { InstanceRef, SearchAttributeName } from './switchover.js';
export {
  COMPLETING_OUTCOMES,
  EXIT_CODES,
  EXIT_CODE_BY_OUTCOME,
  OUTCOMES,
  isCompletingOutcome,
  isOutcome,
} from './result.js';
export type { CompletingOutcome, Outcome, Phase, StatusAttribute } from './result.js';
export {
  DEFAULT_NOT_AFTER_SECONDS,
  MIN_REISSUE_SETTLE_SECONDS,
  DEFAULT_TIMING,
  EXAMINING_MODES,
  TIMING_BOUNDS,
  isExaminingMode,
} from './switchover.js';
export type {
  CompensationPolicy,
  InputProblem,
  Mode,
  ReissuePolicy,
  Resolution,
  SwitchoverInput,
  SwitchoverRequest,
  Target,
  Timing,
} from './switchover.js';
export type {
  Check,
  CheckId,
  Evidence,
  GroupSnapshot,
  NodeRole,
  NodeSnapshot,
  RolesSnapshot,
  SwitchoverResult,
  SwitchoverStatus,
  Timings,
} from './result.js';
export { DAYS_OF_WEEK } from './maintenance.js';
export type { DayOfWeek, FixedWindow, LocalWindow, MaintenanceWindow } from './maintenance.js';
export {
  HOLDING_SIGNAL,
  MAINTENANCE_BOUNDS,
  MAINTENANCE_WORKFLOW_TYPE,
  MAX_MAINTENANCE_INSTANCES,
  PROGRESS_QUERY,
  makeMaintenanceWorkflowId,
} from './maintenance.js';
export type {
  HookAnswer,
  HookCall,
  Hooks,
  InstanceSelector,
  MaintenanceInput,
  MaintenanceRequest,
  ReturnLeg,
  SwitchoverHolding,
} from './maintenance.js';
export { MAINTENANCE_OUTCOMES } from './maintenance-progress.js';
export type {
  Decision,
  Leg,
  LegFigures,
  LegOutcome,
  MaintenanceCause,
  MaintenanceCounts,
  MaintenanceOutcome,
  MaintenancePhase,
  MaintenanceProgress,
  MaintenanceResult,
  MaintenanceItem,
  ResolvedWindow,
  ObservedMaster,
} from './maintenance-progress.js';
export { MAINTENANCE_UPDATES } from './maintenance.js';
export type {
  MaintenanceMessage,
  MaintenanceMessages,
  MaintenanceUpdate,
  MessageReceipt,
  MessageRefusal,
  ReasonedMessage,
  SkipMessage,
} from './maintenance.js';
export type { CalendarSpec, ScheduleInput, ScheduleSpec } from './schedule.js';
export { FREEZE_MEMO, FREEZE_WORKFLOW_ID, FREEZE_WORKFLOW_TYPE } from './schedule.js';
export type { Freeze } from './schedule.js';
export {
  DELIVERED_TYPES,
  NOTIFICATION_TYPES,
  NOTIFY_WORKFLOW_TYPE,
  makeNotifyWorkflowId,
} from './notification.js';
export type { CloudEvent, Notification, NotificationType } from './notification.js';
export { PROBE_ERRORS, PROBE_POLICIES, WITNESS_WORDS } from './data-plane.js';
export type {
  DataPlaneReport,
  Interruption,
  LaneReport,
  Look,
  ProbeError,
  ProbePolicy,
  WitnessReport,
  WitnessWord,
} from './data-plane.js';
