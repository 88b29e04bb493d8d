import { afterEach, beforeEach, expect, it } from '@jest/globals';

import type { FaultSpec, Simulator } from '../../src/simulator/index.js';
import { start, stopAll } from './support.js';

let simulator: Simulator;

beforeEach(async () => {
  simulator = await start();
});
afterEach(stopAll);

it.each<[string, object, RegExp]>([
  ['no route', {}, /fault\.route is required/],
  [
    'an unknown route',
    { route: 'swap' },
    /fault\.route must be one of listInstances, showInstance, showTags, listNodes/,
  ],
  ['an unknown field', { route: 'showJob', dealyMs: 1 }, /fault\.dealyMs is unknown; known: route/],
  [
    'an unknown field further in',
    { route: 'asyncSwap', job: { outcom: 'FAIL' } },
    /fault\.job\.outcom is unknown; known: outcome/,
  ],
  ['a delay too long for a timer', { route: 'showJob', delayMs: 2 ** 31 }, /to 2147483647/],
  [
    'a negative delay',
    { route: 'showJob', delayMs: -1 },
    /fault\.delayMs must be milliseconds from 0/,
  ],
  [
    'an endless delay',
    { route: 'showJob', delayMs: Infinity },
    /fault\.delayMs must be milliseconds from 0/,
  ],
  ['an answer without status', { route: 'showJob', respond: {} }, /fault\.respond\.status is req/],
  ['an impossible status', { route: 'showJob', respond: { status: 99 } }, /HTTP status from 200/],
  [
    'an unknown reset',
    { route: 'showJob', reset: 'now' },
    /fault\.reset must be one of before, after/,
  ],
  ['call number 0', { route: 'showJob', calls: 0 }, /fault\.calls must be a whole number from 1/],
  ['a list with 0', { route: 'showJob', calls: [1, 0] }, /every entry of fault\.calls must be/],
  [
    'a range without start',
    { route: 'showJob', calls: { to: 2 } },
    /fault\.calls\.from is required/,
  ],
  ['wrong headers', { route: 'showJob', headers: { a: 1 } }, /fault\.headers must be an object of/],
  ['an impossible header', { route: 'showJob', headers: { 'a b': 'c' } }, /of valid HTTP headers/],
  ['false roles of a job', { route: 'showJob', roles: 'swapped' }, /fault\.roles has no effect on/],
  ['a job of a read', { route: 'listTasks', job: {} }, /fault\.job has no effect on listTasks/],
  [
    'a loss that a failover does not have',
    { route: 'asyncSwap', redis: { loseMs: 1 } },
    /fault\.redis\.loseMs belongs to the promotion abrupt/,
  ],
  ['a word for a flag', { route: 'showJob', hold: 'yes' }, /fault\.hold must be true or false/],
  ['a word for a job', { route: 'asyncSwap', job: 'FAIL' }, /fault\.job must be an object/],
])('a fault with %s is refused by name', (_, spec, message) => {
  expect(() => simulator.faults.add(spec as FaultSpec)).toThrow(message);
});

it('a fault with every field is accepted', () => {
  const spec: Required<Omit<FaultSpec, 'roles'>> = {
    route: 'asyncSwap',
    instanceId: 'any',
    calls: { from: 1, to: 2 },
    delayMs: 0,
    delayResponseMs: 0,
    hold: false,
    respond: { status: 200, execute: true, body: {} },
    headers: { 'x-more': 'yes' },
    malformedBody: false,
    truncatedBody: false,
    reset: 'after',
    job: { outcome: 'FAIL', neverEnds: true, newMasterStatus: 'Inactive' },
    taskRow: { never: true },
    redis: { promotion: 'abrupt', loseMs: 1 },
    foreignSwapBefore: false,
    foreignSwapAfterMs: 0,
  };
  expect(simulator.faults.add(spec).hits()).toBe(0);
  expect(simulator.faults.add({ route: 'listGroups', roles: 'swapped' }).hits()).toBe(0);
});
