/** A call from one machine to another in virtual time, with whatever becomes of it on the way. */
import type { CallFault, FaultBook } from './faults.js';
import { hereIs } from './world.js';
import type { Machine, World } from './world.js';

/** One call. */
export interface WireCall<T> {
  /** The point that it passes. */
  readonly at: string;
  readonly to: Machine;
  /** Carried out there. */
  readonly execute: () => T | Promise<T>;
  /** A scripted answer. */
  readonly answered: (status: number) => T;
  /** An error for a connection that was refused, or cut. */
  readonly cut: (how: 'refused' | 'reset') => Error;
  readonly signal?: AbortSignal | undefined;
  readonly deadlineMs?: number | undefined;
  readonly expired?: () => Error;
}

/** Milliseconds of one way. */
export const LEG_MS = 10;

/** Sends it; what never answers is ended by signal or deadline of the caller, or not at all. */
export function send<T>(world: World, book: FaultBook, call: WireCall<T>): Promise<T> {
  const from = hereIs();
  const fault = book.pass(call.at);
  return new Promise((resolve, reject) => {
    const back = (ms: number, run: () => void): void => {
      world.after(ms, from, run);
    };
    const { signal, deadlineMs, expired } = call;
    if (signal?.aborted === true) {
      reject(call.cut('reset'));
      return;
    }
    const abort = (): void => {
      reject(call.cut('reset'));
    };
    const end =
      <V>(settle: (value: V) => void) =>
      (value: V): void => {
        signal?.removeEventListener('abort', abort);
        settle(value);
      };
    signal?.addEventListener('abort', abort, { once: true });
    if (deadlineMs !== undefined && expired !== undefined)
      back(deadlineMs, () => {
        end(reject)(expired());
      });
    carry(world, call, fault, { back, resolve: end(resolve), reject: end(reject) });
  });
}

interface Ends<T> {
  readonly back: (ms: number, run: () => void) => void;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

function carry<T>(
  world: World,
  call: WireCall<T>,
  fault: CallFault | null,
  { back, resolve, reject }: Ends<T>,
): void {
  const kind = fault?.call;
  if (kind === 'refused' || kind === 'lost') {
    back(LEG_MS, () => {
      reject(call.cut(kind === 'refused' ? 'refused' : 'reset'));
    });
    return;
  }
  const lateMs = fault?.call === 'late' ? fault.ms : 0;
  const slowMs = fault?.call === 'slow' ? fault.ms : 0;
  world.after(LEG_MS + lateMs, call.to, () => {
    void (async () => {
      if (fault?.call === 'answered' && !fault.executed) {
        back(LEG_MS, () => {
          answer(call, fault.status, resolve, reject);
        });
        return;
      }
      const outcome = await settled(call.execute);
      if (kind === 'unanswered') return;
      if (kind === 'answer-lost')
        back(LEG_MS, () => {
          reject(call.cut('reset'));
        });
      else if (fault?.call === 'answered')
        back(LEG_MS, () => {
          answer(call, fault.status, resolve, reject);
        });
      else if ('value' in outcome)
        back(LEG_MS + slowMs, () => {
          resolve(outcome.value);
        });
      else
        back(LEG_MS + slowMs, () => {
          reject(outcome.error);
        });
    })();
  });
}

function answer<T>(
  call: WireCall<T>,
  status: number,
  resolve: (value: T) => void,
  reject: (error: unknown) => void,
): void {
  try {
    resolve(call.answered(status));
  } catch (error) {
    reject(error);
  }
}

async function settled<T>(
  execute: () => T | Promise<T>,
): Promise<{ readonly value: T } | { readonly error: unknown }> {
  try {
    return { value: await execute() };
  } catch (error) {
    return { error };
  }
}
