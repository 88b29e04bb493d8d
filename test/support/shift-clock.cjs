/**
 * Preloaded into a worker (`NODE_OPTIONS=--require`): the wall clock of that process is off by
 * SHIFT_CLOCK_MS, like that of a machine no one has set. The monotonic clock and timers are as they are.
 */
'use strict';

const Module = require('node:module');

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

// The SDK stamps its log lines by a native clock, and holds them until `Date` is past that: for 11 min on a machine behind.
const load = Module._load;
Module._load = function loadShifted(request, ...rest) {
  const loaded = load.call(this, request, ...rest);
  if (request !== '@temporalio/core-bridge') return loaded;
  Module._load = load;
  const { native } = loaded;
  const { getTimeOfDay } = native;
  native.getTimeOfDay = () => getTimeOfDay() + BigInt(shiftMs) * 1_000_000n;
  return loaded;
};
