/**
 * Preloaded into a worker (`NODE_OPTIONS=--require`): the wall clock of that process is off by
 * SHIFT_CLOCK_MS, like that of a machine no one has set. The monotonic clock and timers are as they are.
 */
'use strict';

const shiftMs = Number(process.env.SHIFT_CLOCK_MS ?? 0);
const RealDate = Date;
const realNow = RealDate.now.bind(RealDate);

RealDate.now = () => realNow() + shiftMs;

globalThis.Date = new Proxy(RealDate, {
  construct(target, args, newTarget) {
    const given = args.length === 0 ? [RealDate.now()] : args;
    return Reflect.construct(target, given, newTarget === globalThis.Date ? target : newTarget);
  },
});
