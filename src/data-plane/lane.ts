/** One lane of a probe: a command at each slot of a fixed grid, over a connection of its own. */
import type { ProbeError } from '../contract/index.js';

import type { DataPlaneAccess } from './access.js';
import { openConnection } from './connection.js';
import type { Connection } from './connection.js';
import { toDataPlaneFailure } from './failure.js';
import type { DataPlaneFailure } from './failure.js';
import { createLaneLog } from './lane-log.js';
import type { LaneLog } from './lane-log.js';

/** A connection and an answer may take so long. Longer, and the kernel's own pauses decide when a lane works again. */
const LIMIT_MS = 250;
const QUICK = { connectMs: LIMIT_MS, answerMs: LIMIT_MS } as const;

/** What a lane asks. */
export interface Task {
  /** Asks what has to be asked before the command, which is not measured. @throws DataPlaneFailure */
  readonly prepare: (connection: Connection) => Promise<void>;
  /** Of the next command, with the number of the test write, or 0. */
  readonly next: () => { readonly words: readonly string[]; readonly mark: number };
  readonly acknowledged: (mark: number) => void;
}

/** A lane that runs until it is stopped, or until Redis says that it is not for us. */
export interface Lane {
  readonly log: LaneLog;
  /** Why it cannot be measured, in plain words; `null` while it can. */
  readonly problem: () => string | null;
  /** The last failure before it first worked five times in a row. */
  readonly lastFailure: () => DataPlaneFailure | null;
  /** Resolves when what was in flight has ended and its connection is closed. */
  readonly stop: () => Promise<void>;
}

/** These answers say that the probe is wrong here, not that Redis does not work. */
const WRONG_HERE: ReadonlySet<ProbeError> = new Set<ProbeError>(['oom', 'auth', 'error-reply']);

/** @param startMs of the grid, monotonic; a slot that has passed is left out, never made up for */
export function startLane(
  access: DataPlaneAccess,
  task: Task,
  { startMs, periodMs }: { readonly startMs: number; readonly periodMs: number },
): Lane {
  const log = createLaneLog(periodMs, LIMIT_MS);
  const asker = createAsker(access, task, log);
  const stopping = new AbortController();
  const nextSlot = (): number => Math.ceil((performance.now() - startMs) / periodMs);
  const run = async (): Promise<void> => {
    for (let slot = 0; ; slot = Math.max(slot + 1, nextSlot())) {
      await sleepUntil(startMs + slot * periodMs, stopping.signal);
      if (stopping.signal.aborted || asker.problem() !== null || log.isFull()) break;
      await asker.ask();
    }
    asker.close();
  };
  const ended = run();
  return {
    log,
    problem: asker.problem,
    lastFailure: asker.lastFailure,
    stop: () => {
      stopping.abort();
      return ended;
    },
  };
}

interface Asker extends Pick<Lane, 'problem' | 'lastFailure'> {
  /** Asks once, over a new connection where the last one failed, and logs how it went. Never throws. */
  readonly ask: () => Promise<void>;
  readonly close: () => void;
}

/** What an asker knows. */
interface Asking {
  connection: Connection | null;
  isInFlight: boolean;
  problem: string | null;
  lastFailure: DataPlaneFailure | null;
}

function createAsker(access: DataPlaneAccess, task: Task, log: LaneLog): Asker {
  const state: Asking = { connection: null, isInFlight: false, problem: null, lastFailure: null };
  const close = (): void => {
    const open = state.connection;
    state.connection = null;
    open?.close();
  };
  const note = (sentMs: number, failure: DataPlaneFailure): void => {
    // After any failure: one that leads to a node that is no master any more would fail for ever.
    close();
    state.lastFailure = failure;
    if (WRONG_HERE.has(failure.kind)) state.problem = failure.message;
    log.failed(sentMs, performance.now(), failure.kind);
  };
  const connect = async (): Promise<Connection> => {
    const opened = await openConnection(access, QUICK);
    state.connection = opened;
    void opened.gone.then((failure) => {
      // Else it is ours to close, or known to the command in flight.
      if (state.connection === opened && !state.isInFlight) note(performance.now(), failure);
    });
    return opened;
  };
  const ask = async (): Promise<void> => {
    let sentMs = performance.now();
    state.isInFlight = true;
    try {
      const connection = state.connection ?? (await connect());
      await task.prepare(connection);
      const { words, mark } = task.next();
      sentMs = performance.now();
      await connection.ask(...words);
      log.succeeded(sentMs, performance.now(), mark);
      task.acknowledged(mark);
    } catch (error) {
      note(sentMs, toDataPlaneFailure(error));
    } finally {
      state.isInFlight = false;
    }
  };
  return { ask, close, problem: () => state.problem, lastFailure: () => state.lastFailure };
}

/** Returns early when it is aborted. */
export async function sleepUntil(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.max(0, ms - performance.now()));
    signal.addEventListener('abort', done, { once: true });
  });
}
