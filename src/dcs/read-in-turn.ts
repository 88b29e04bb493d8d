/** A reading that was answered 429 waits for its next turn, while its caller has time. */
import type { CallFacts, RawAnswer } from './answer.js';
import { DcsError } from './errors.js';
import { DcsReadLimitError } from './errors/dcs-read-limit-error.js';
import { DcsThrottledError } from './errors/dcs-throttled-error.js';
import type { Turn } from './pace.js';
import type { Gate, TurnOptions } from './turns.js';

/** Options of a reading. */
export interface ReadOptions {
  /** Aborting rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** How long it may wait for a turn, a 429 included. @default as long as a reading may take, and a 429 is thrown */
  readonly turn?: TurnOptions;
}

/** A reading that is to have its turn. */
export interface InTurn extends ReadOptions {
  readonly facts: CallFacts;
  /** How long a reading without options of its own waits, in milliseconds. */
  readonly patienceMs: number;
}

/**
 * @param read one call; is called again after a 429
 * @throws DcsThrottledError, DcsReadLimitError when there was no turn; else what `read` throws
 */
export async function readInTurn(
  gate: Gate,
  { facts, signal, turn, patienceMs }: InTurn,
  read: () => Promise<RawAnswer>,
): Promise<RawAnswer> {
  const startedAtMs = performance.now();
  const waitedMs = (): number => performance.now() - startedAtMs;
  const wait = { priority: 1, leftMs: () => patienceMs - waitedMs(), ...turn, signal };
  const timed = turn?.timed ?? ((run) => run());
  for (;;) {
    const granted = await timed(() => gate.take(wait));
    if (granted === null) throw noTurn(gate, facts, waitedMs());
    const turnWaitMs = Math.floor(waitedMs());
    const answer = await inTurn(granted, turn !== undefined, read);
    if (answer !== null) return turnWaitMs === 0 ? answer : { ...answer, turnWaitMs };
  }
}

/** @returns `null` for a 429 after which the reading may wait again */
async function inTurn(
  granted: Turn,
  mayWait: boolean,
  read: () => Promise<RawAnswer>,
): Promise<RawAnswer | null> {
  try {
    const answer = await read();
    granted.passed();
    return answer;
  } catch (error) {
    const throttle = error instanceof DcsError ? error.throttle : null;
    if (throttle === null) granted.failed();
    else granted.throttled(throttle);
    if (throttle === null || !mayWait) throw error;
    return null;
  }
}

function noTurn(gate: Gate, facts: CallFacts, waitedMs: number): DcsError {
  const closed = gate.closed();
  if (closed !== null) return new DcsThrottledError({ ...facts, delivery: 'answered' }, closed);
  return new DcsReadLimitError({ ...facts, delivery: 'never-sent' }, Math.round(waitedMs));
}
