import { log } from '@temporalio/workflow';

import { hasMoved } from '../../domain/maintenance/rules.js';
import { nextMoves } from '../../domain/maintenance/next-moves.js';
import type { Moves, Rules } from '../../domain/maintenance/next-moves.js';

import { follow, launch } from './lane.js';
import { legOf, open, rest, stop } from './run.js';
import type { PlanRun } from './run.js';
import { isRollingOver, waitUntil } from './wait.js';

/**
 * One way of a plan: starts what may start, waits until something has changed, looks again; until nothing is
 * under way and nothing is left.
 */
export async function switchAll(plan: PlanRun, rules: Rules): Promise<void> {
  prepare(plan, rules);
  for (;;) {
    const moves = nextMoves(plan.state, rules, Date.now(), isRollingOver());
    // A start may fail before it has begun: that, too, is something that has changed.
    const seen = plan.state;
    carryOut(plan, rules, moves);
    if (moves.isOver) return;
    const hasChanged = (): boolean => plan.state !== seen;
    await waitUntil(plan, hasChanged, moves.wakeAtMs, 'Look again which instances may start');
  }
}

/** Opens the legs of the way back; follows what an earlier run of the chain has left open. */
function prepare(plan: PlanRun, { leg }: Rules): void {
  for (const row of plan.state.rows) if (row[leg]?.stage === 'open') follow(plan, row, leg);
  if (leg === 'return')
    open(
      plan,
      plan.state.rows.filter((row) => row.return === null && hasMoved(row)),
    );
}

function carryOut(plan: PlanRun, { leg }: Rules, moves: Moves): void {
  if (moves.stop !== null) {
    log.info('stopped', { ...moves.stop });
    stop(plan, moves.stop);
  }
  rest(plan, leg, moves.rests);
  for (const row of moves.starts)
    if (legOf(plan, row.instanceId, leg)?.state === 'PENDING') launch(plan, row, leg);
}
