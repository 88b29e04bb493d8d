import type { DcsModel } from '../dcs.js';
import type { Stage } from '../judge.js';

import type { MaintenanceSchedule } from './schedule.js';

/** What one switchover may take, and its swap back: nothing starts so shortly before the window closes. */
export const DURATIONS = { expectedDurationSeconds: 60, compensationReserveSeconds: 30 } as const;
export const RESERVE_MS = 90_000;

/** What a maintenance is played on. */
export interface MaintenanceStage extends Stage {
  readonly asked: MaintenanceSchedule;
  /** One of each instance. */
  readonly places: readonly DcsModel[];
  /** Under which its maintenance runs, the latest last. */
  readonly workflowIds: string[];
  readonly beganAtMs: number;
}
