/** Timers of workflows. */
import { optionalTsToMs, tsToMs } from '@temporalio/common/lib/time';

import { add, STATUS } from './core.js';
import type { Core, SimRun } from './core.js';
import { enqueue } from './tasks.js';

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-assignment,
   @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument
   -- events and messages of the wire, as loose as the SDK has them */

/** Starts one. */
export function startTimer(core: Core, run: SimRun, { seq, startToFireTimeout }: any): void {
  const eventId = add(core, run, 17, 'timerStarted', { timerId: String(seq), startToFireTimeout });
  run.timers.set(Number(seq), { isCleared: false, eventId });
  awaitTimer(core, run, Number(seq), optionalTsToMs(startToFireTimeout) ?? 0);
}

function awaitTimer(core: Core, run: SimRun, seq: number, ms: number): void {
  const timer = run.timers.get(seq);
  if (timer === undefined) return;
  const { eventId } = timer;
  core.world.after(1, core.machine, () => {
    if (!timer.isCleared && run.status === STATUS.running) core.book.pass('timer');
  });
  core.world.after(ms, core.machine, () => {
    if (timer.isCleared || run.status !== STATUS.running) return;
    timer.isCleared = true;
    add(core, run, 18, 'timerFired', { timerId: String(seq), startedEventId: eventId });
    enqueue(core, run, { fireTimer: { seq } });
  });
}

/** Of a run that was made by a reset: one that had neither fired nor been cleared fires when it would have. */
export function restartTimer(core: Core, run: SimRun, seq: number, eventId: number): void {
  const isCleared = run.events.some(
    ({ timerFiredEventAttributes: fired, timerCanceledEventAttributes: cleared }) =>
      (fired ?? cleared)?.startedEventId === eventId,
  );
  run.timers.set(seq, { isCleared, eventId });
  if (isCleared) return;
  const { eventTime, timerStartedEventAttributes: started } = run.events[eventId - 1];
  const untilMs = tsToMs(eventTime) + (optionalTsToMs(started.startToFireTimeout) ?? 0);
  awaitTimer(core, run, seq, untilMs - core.world.nowMs);
}

/** Clears one. */
export function cancelTimer(core: Core, run: SimRun, seq: number): void {
  const timer = run.timers.get(seq);
  if (timer === undefined) return;
  timer.isCleared = true;
  add(core, run, 19, 'timerCanceled', { timerId: String(seq), startedEventId: timer.eventId });
}
