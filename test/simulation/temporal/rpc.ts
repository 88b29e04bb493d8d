/** A call to the server. */
import { send } from '../wire.js';

import type { Core } from './core.js';

/** Why no more is to be done for a caller. */
export function grpcError(code: number, details: string): Error {
  return Object.assign(new Error(`${code} ${details}`), {
    code,
    details,
    metadata: { get: () => [] },
  });
}

/** Whether the server does not know what was asked about. */
export function isNotFound(error: unknown): boolean {
  return (error as { readonly code?: number }).code === 5;
}

/** How long a caller waits, and what makes it give up. */
export interface Patience {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Asks it; what it has no answer to, or none in time, is an error. */
export function rpc<T>(
  core: Core,
  name: string,
  execute: () => T | Promise<T>,
  { timeoutMs, signal }: Patience,
): Promise<T> {
  return send(core.world, core.book, {
    ...{ at: `temporal.${name}`, to: core.machine, execute, signal },
    answered: () => {
      throw grpcError(14, 'scripted');
    },
    cut: () =>
      signal?.aborted === true ? grpcError(1, 'cancelled') : grpcError(14, 'connection lost'),
    deadlineMs: timeoutMs,
    expired: () => grpcError(4, 'deadline exceeded'),
  });
}
