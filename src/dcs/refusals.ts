import { DcsCredentialsError } from './errors/dcs-credentials-error.js';

/** Refusals in a row that one credential may collect without a pause. Five lock an access key for everybody. */
const FREE_REFUSALS = 2;

/** Pause after these; doubles with each further refusal. */
const FIRST_PAUSE_MS = 30_000;
const MAX_PAUSE_MS = 5 * 60_000;

/**
 * Keeps a credential that is refused again and again from being sent at the pace of a poll. Another
 * credential, such as the one that a rotation has put in its place, may pass at once.
 */
export interface Refusals {
  /** @throws DcsCredentialsError while the refused credential has to wait */
  readonly check: (credential: string) => void;
  /** @param words what the service said */
  readonly refused: (credential: string, words: string) => void;
  /** The credential was good, whatever else was answered. */
  readonly accepted: () => void;
}

interface Refused {
  readonly credential: string;
  readonly count: number;
  readonly untilMs: number;
  readonly words: string;
}

/**
 * Nothing refused yet.
 *
 * @param nowMs milliseconds of a clock that nobody sets: a wrong clock is a reason for refusals, and its
 * correction must not prolong the pause. @default performance.now
 */
export function createRefusals(nowMs: () => number = () => performance.now()): Refusals {
  const state: { last: Refused | null } = { last: null };
  return {
    check: (credential) => {
      const { last } = state;
      if (last?.credential !== credential || nowMs() >= last.untilMs) return;
      const seconds = Math.ceil((last.untilMs - nowMs()) / 1000);
      throw new DcsCredentialsError(
        `the same credential was refused ${last.count} times in a row, last as ${last.words}. ` +
          `Sent again in ${seconds} s at the earliest, another one at once`,
      );
    },
    refused: (credential, words) => {
      const { last } = state;
      // Sent before the pause began: a burst of calls is one refusal, not twenty.
      if (last?.credential === credential && nowMs() < last.untilMs) return;
      const count = last?.credential === credential ? last.count + 1 : 1;
      state.last = { credential, count, words, untilMs: nowMs() + pauseMs(count) };
    },
    accepted: () => {
      state.last = null;
    },
  };
}

function pauseMs(count: number): number {
  if (count < FREE_REFUSALS) return 0;
  return Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (count - FREE_REFUSALS));
}
