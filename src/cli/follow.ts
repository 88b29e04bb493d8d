import { setTimeout as pause } from 'node:timers/promises';

import type { RunRef, SwitchoverClient } from '../client.js';
import { commandLine } from '../client/switchover/ref.js';
import { joinText, withCommands } from '../domain/commands.js';
import type { SwitchoverResult } from '../contract/index.js';

import { DetachedError } from './cli-errors.js';
import type { CliIo } from './io.js';
import { createProgress } from './progress.js';
import type { Progress } from './progress.js';

/** Pause between two looks at a run; phases can be as short as this. */
const LOOK_EVERY_MS = 400;

/** What following needs of the client. */
export type Follower = Pick<SwitchoverClient, 'result' | 'status'>;

/**
 * Waits for a run and shows its phases meanwhile. Ctrl-C stops waiting, not the run.
 *
 * @param waitTimeoutSeconds @default the client's own
 * @throws DetachedError, and whatever `result` throws
 */
export async function followRun(
  io: CliIo,
  client: Follower,
  run: RunRef & { readonly runId: string },
  waitTimeoutSeconds?: number,
): Promise<SwitchoverResult> {
  const stop = new AbortController();
  const release = io.onInterrupt(() => {
    stop.abort(new DetachedError(detachedText(run)));
  });
  const progress = createProgress(io);
  const looking = new AbortController();
  void look(client, run, progress, looking.signal);
  try {
    return await client.result(run, {
      signal: stop.signal,
      ...(waitTimeoutSeconds === undefined ? {} : { timeoutMs: waitTimeoutSeconds * 1000 }),
    });
  } finally {
    looking.abort();
    progress.end();
    release();
  }
}

/** Never throws: progress is a courtesy, `result` tells what is wrong. */
async function look(
  client: Follower,
  run: RunRef,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const status = await client.status(run).catch(() => null);
    // A worker tells the phase; at its end the result says more.
    if (status !== null && status.phase !== 'ENDED' && !isAborted(signal)) progress.show(status);
    await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** A function, because the compiler does not see that a signal changes during an await. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

function detachedText(run: RunRef & { readonly runId: string }): string {
  return joinText([
    `Detached; run ${run.runId} continues.`,
    withCommands('Look', commandLine('status', run)),
    withCommands('Wait again', commandLine('wait', run)),
    withCommands('Cancel it', commandLine('cancel', run)),
  ]);
}
