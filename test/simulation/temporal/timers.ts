/** Timers of workflows. */
import { optionalTsToMs } from '@temporalio/common/lib/time';

import { add, STATUS } from './core.js';
import type { Core, SimRun } from './core.js';
import { enqueue } from './tasks.js';

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-argument -- events and messages of the wire, as loose as the SDK has them */

/** Starts one. */
export function startTimer(core: Core, run: SimRun, { seq, startToFireTimeout }: any): void {
  const eventId = add(core, run, 17, 'timerStarted', { timerId: String(seq), startToFireTimeout });
  const timer = { isCleared: false, eventId };
  run.timers.set(Number(seq), timer);
  core.world.after(optionalTsToMs(startToFireTimeout) ?? 0, core.machine, () => {
    if (timer.isCleared || run.status !== STATUS.running) return;
    timer.isCleared = true;
    add(core, run, 18, 'timerFired', { timerId: String(seq), startedEventId: eventId });
    enqueue(core, run, { fireTimer: { seq } });
  });
}

/** Clears one. */
export function cancelTimer(core: Core, run: SimRun, seq: number): void {
  const timer = run.timers.get(seq);
  if (timer === undefined) return;
  timer.isCleared = true;
  add(core, run, 19, 'timerCanceled', { timerId: String(seq), startedEventId: timer.eventId });
}
