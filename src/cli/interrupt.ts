import type { CliIo } from './io.js';

/** Resolves on the first Ctrl-C or SIGTERM from now on; later ones are ignored while one cleans up. */
export function untilInterrupted(io: CliIo): Promise<void> {
  return new Promise((resolve) => {
    io.onInterrupt(resolve);
  });
}
