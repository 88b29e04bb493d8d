/** Freezes, as people set and end them: by the record of the shipped workflow. */
import { FREEZE_MEMO, FREEZE_WORKFLOW_ID, FREEZE_WORKFLOW_TYPE } from '../../src/contract/index.js';

import type { Stage } from './judge.js';

/** A freeze: in force from its record's start until its time, or until someone ends or replaces it. True times. */
export interface SimFreeze {
  readonly fromMs: number;
  untilMs: number;
}

/** Freezes for a while, in place of the freeze that is in force. One by the plain `temporal` command has no memo at first. */
export function freeze(stage: Stage, ms: number): void {
  const { world, temporal, freezes } = stage;
  thaw(stage);
  const untilMs = world.nowMs + ms;
  freezes.push({ fromMs: world.nowMs, untilMs });
  const purpose = { until: new Date(untilMs).toISOString(), by: 'ann', reason: 'quarter end' };
  const memo = world.chance() < BY_COMMAND ? {} : { [FREEZE_MEMO]: purpose };
  temporal.start(FREEZE_WORKFLOW_ID, purpose, { type: FREEZE_WORKFLOW_TYPE, memo });
}

/** How many freezes are set by the plain command. */
const BY_COMMAND = 0.2;

/** Ends the freeze that is in force. */
export function thaw({ world, temporal, freezes }: Stage): void {
  const record = temporal.openRun(FREEZE_WORKFLOW_ID);
  if (record === null) return;
  temporal.terminate(record);
  const latest = freezes.at(-1);
  if (latest !== undefined) latest.untilMs = Math.min(latest.untilMs, world.nowMs);
}
