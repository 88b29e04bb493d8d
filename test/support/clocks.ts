/**
 * Whose clock is wrong in an end-to-end suite. The promises hold by any clock that the gateway lets pass, so each suite
 * runs with one clock 11 minutes off: which one follows from its name, so that a failure comes again. `TEST_CLOCKS`
 * sets one for all suites; `npm run test:clocks` runs them with each.
 */
import { createHash } from 'node:crypto';
import path from 'node:path';

/** Of one machine each, in milliseconds; positive = ahead. Temporal and the tests have the machine's own clock. */
export interface Clocks {
  readonly workerMs: number;
  readonly apiMs: number;
}

const ELEVEN_MINUTES_MS = 11 * 60_000;

/** All clocks agree. */
export const RIGHT: Clocks = { workerMs: 0, apiMs: 0 };

const WRONG: Readonly<Record<string, Clocks>> = {
  'worker+11m': { ...RIGHT, workerMs: ELEVEN_MINUTES_MS },
  'worker-11m': { ...RIGHT, workerMs: -ELEVEN_MINUTES_MS },
  'api+11m': { ...RIGHT, apiMs: ELEVEN_MINUTES_MS },
  'api-11m': { ...RIGHT, apiMs: -ELEVEN_MINUTES_MS },
};

/** The names that `TEST_CLOCKS` may have. */
export const WRONG_CLOCKS: readonly string[] = Object.keys(WRONG);

/**
 * Have right clocks unless `TEST_CLOCKS` says otherwise: everything works with those, too, and a receiver of signed
 * notifications refuses a time that is more than five minutes off.
 */
const SUITES_WITH_RIGHT_CLOCKS = [
  'happy.test.ts',
  'notifications.test.ts',
  'reported.test.ts',
  'secrets.test.ts',
];

/** Name of the clocks that a suite has by itself, such as `worker+11m`. */
export function ownClocksOf(suite: string): string {
  const name = path.basename(suite);
  if (SUITES_WITH_RIGHT_CLOCKS.includes(name)) return 'right';
  const draw = createHash('sha256').update(name).digest().readUInt8(0);
  return WRONG_CLOCKS[draw % WRONG_CLOCKS.length] ?? 'right';
}

/**
 * The clocks that a suite has in this run.
 *
 * @throws Error where `TEST_CLOCKS` names none: no suite runs with other clocks than were asked for
 */
export function clocksOf(suite: string, asked = process.env['TEST_CLOCKS']): Clocks {
  const name = asked ?? ownClocksOf(suite);
  const clocks = name === 'right' ? RIGHT : WRONG[name];
  if (clocks === undefined)
    throw new Error(`TEST_CLOCKS is "${name}"; it may be right, ${WRONG_CLOCKS.join(', ')}`);
  return clocks;
}

const SHIFT = path.join(__dirname, 'shift-clock.cjs');

/** What makes the clock of a Node process wrong, for its environment. */
export function clockEnv(offMs: number): Readonly<Record<string, string>> {
  return { NODE_OPTIONS: `--require ${SHIFT}`, SHIFT_CLOCK_MS: String(offMs) };
}
