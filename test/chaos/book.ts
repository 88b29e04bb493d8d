/** What was done and observed while the chaos went on. Times in epoch milliseconds, by this machine's clock. */
import { SwitchoverClientError } from '../../src/client.js';

/** A fault that struck. */
export interface StruckFault {
  readonly name: string;
  /** What it struck, such as a worker or an instance. */
  readonly whom: string;
  /** Of one instance alone; `null`: of anyone. */
  readonly instanceId: string | null;
  /** Whether a run may end otherwise for it; a wrong clock or a full disk is no excuse. */
  readonly isExcuse: boolean;
  readonly fromMs: number;
  untilMs: number;
}

/** A PUT as it left a worker: the first bytes on a connection of its own. */
export interface LeftPut {
  readonly instanceId: string;
  readonly atMs: number;
  readonly worker: string;
  /** The port by which the service knows the connection; 0: it never stood. */
  readonly port: () => number;
}

/** A run that Temporal has acknowledged. */
export interface StartedRun {
  readonly workflowId: string;
  readonly runId: string;
}

export interface Book {
  readonly startedAtMs: number;
  readonly faults: StruckFault[];
  /** Faults that were dealt and found nothing to strike. */
  readonly missed: string[];
  readonly puts: LeftPut[];
  readonly started: StartedRun[];
  /** Cancellations that were asked for, by run id. */
  readonly cancelled: Set<string>;
  /** How often each call of a client went well or failed, by what it was. */
  readonly calls: Map<string, number>;
  /** What no client may throw, and no log may hold. */
  readonly breaches: { readonly name: string; readonly found: string }[];
}

export function openBook(): Book {
  return {
    startedAtMs: Date.now(),
    ...{ faults: [], missed: [], puts: [], started: [], cancelled: new Set() },
    ...{ calls: new Map(), breaches: [] },
  };
}

function count(book: Book, what: string): void {
  book.calls.set(what, (book.calls.get(what) ?? 0) + 1);
}

/**
 * Calls as a client, and counts how it went.
 *
 * @returns `undefined` where it failed by a named error, as it may
 */
export async function attempt<T>(
  book: Book,
  what: string,
  call: () => Promise<T>,
): Promise<T | undefined> {
  try {
    const answer = await call();
    count(book, what);
    return answer;
  } catch (error) {
    const { name, stack = '' } = error as Error;
    count(book, `${what}: ${name}`);
    if (!(error instanceof SwitchoverClientError))
      book.breaches.push({ name: 'clients-fail-by-name', found: `${what} threw ${stack}` });
    return undefined;
  }
}

/** Notes a fault that begins; the note's end is set by whoever ends it. */
export function noteFault(
  { faults }: Book,
  fault: Pick<StruckFault, 'name' | 'whom'> & Partial<StruckFault>,
): StruckFault {
  const struck = {
    instanceId: null,
    isExcuse: true,
    ...fault,
    fromMs: Date.now(),
    untilMs: Infinity,
  };
  faults.push(struck);
  return struck;
}
